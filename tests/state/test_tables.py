"""pandas: frames, series and indexes, with what they share."""

import pandas as pd
import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
    "frames": Kind(
        "import pandas as pd, numpy as np\ndf = pd.DataFrame({'a': [1, 2, 3], 'b': [1.5, None, 3.0], 'c': ['x', 'y', None]})\n"
        "df2 = df.copy(); df.attrs['unit'] = ['m']; mixed = pd.DataFrame({'o': [[1], {'k': 2}, None]}, index=list('pqr')); same = df",
        "df.loc[0, 'a'] = 99; df.attrs['unit'].append('s'); mixed.loc['p', 'o'].append(2)",
        ("df, df2, mixed", "df.dtypes", "df.attrs", "same is df", "df.index, df.columns", "mixed.o['p']"),
    ),
    "series and indexes": Kind(
        "import pandas as pd\ns = pd.Series([1, 2], index=pd.date_range('2020', periods=2, tz='UTC'), name='n')\n"
        "mi = pd.MultiIndex.from_product([['a', 'b'], [1, 2]], names=['x', 'y']); f = pd.DataFrame({'v': range(4)}, index=mi)\n"
        "ci = pd.CategoricalIndex(['a', 'b', 'a']); ri = pd.RangeIndex(3); iv = pd.interval_range(0, 3); pi = pd.period_range('2020', periods=2); ti = pd.to_timedelta(['1D', '2D'])\n"
        "ts = pd.Timestamp('2020-01-01'); td = pd.Timedelta('1D'); pe = pd.Period('2020'); nat = pd.NaT; na = pd.NA; off = pd.offsets.MonthEnd(2)",
        "s.iloc[0] = 9; f.iloc[0, 0] = 9; ts = None",
        (
            "s, s.index.freq, s.name",
            "f, f.index.names, mi",
            "ci, ri, iv, pi, ti",
            "ts, td, pe, nat is pd.NaT, na is pd.NA, off",
        ),
    ),
    "extension types": Kind(
        "import pandas as pd\ndf = pd.DataFrame({'i': pd.array([1, None], 'Int64'), 'b': pd.array([True, None], 'boolean'), 's': pd.array(['x', None], 'string'),\n"
        "  'c': pd.Categorical(['u', 'v'], ordered=True), 'd': pd.to_datetime(['2020', '2021']), 'tz': pd.to_datetime(['2020', '2021'], utc=True),\n"
        "  't': pd.to_timedelta(['1D', None]), 'p': pd.period_range('2020', periods=2), 'iv': pd.interval_range(0, 2), 'sp': pd.arrays.SparseArray([0, 1])})\n"
        "arr = df['i'].array; cat = pd.Categorical(['a', 'b', 'a']); dt = df['c'].dtype",
        "df.loc[0, 'i'] = 5; df.loc[0, 'd'] = pd.Timestamp('1999')",
        ("df.to_dict()", "df.dtypes", "arr, cat, dt"),
    ),
    "Arrow over the memory of arrays and frames": Kind(
        "import pyarrow as pa, numpy as np, pandas as pd\na = np.arange(10.); p = pa.array(a[2:]); t = pa.table({'x': a, 's': ['u'] * 10}); c = t['x']\n"
        "df = pd.DataFrame({'v': [1.5, 2.5]}); f = pa.Table.from_pandas(df); own = pa.array([1, None])",
        "a[3] = 77",
        (
            "a, p.to_pylist(), t.to_pylist(), c.to_pylist(), own.to_pylist()",
            "(a.__setitem__(4, -1.0), p[2], t['x'][4], c[4])",
            "(df._mgr.blocks[0].values.__setitem__((0, 0), 9.0), f['v'][0])",
        ),
    ),
    "groups and windows": Kind(
        "import pandas as pd\ndf = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]}); g = df.groupby('k'); r = df.v.rolling(2)",
        "df.loc[0, 'v'] = 50",
        ("g.sum()", "r.sum()", "g.obj is df"),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS


SHARING = """
import pandas as pd, numpy as np
df = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6], "c": [0.5, 1.5, 2.5]})
s = df["a"]
part = df.iloc[1:]
shallow = df.copy(deep=False)
raw = np.arange(3)
over = pd.Series(raw, copy=False)
index = pd.Index(over)
"""

WRITES = (
    "s.iloc[0] = 100",
    "df.iloc[0, 0] = 100",
    "df.loc[:, 'b'] = 7",
    "part.iloc[0, 1] = 100",
    "shallow.iloc[2, 2] = 100",
    "raw[0] = 100",
    "over.iloc[1] = 100",
)


@pytest.mark.parametrize("write", WRITES)
def test_a_write_reaches_exactly_what_it_would_have_reached(write: str) -> None:
    """Copy-on-write knows who shares memory; forgetting it lets a write leak, or not arrive."""
    see = "df.to_dict(), s.tolist(), part.to_dict(), shallow.to_dict(), raw.tolist(), over.tolist(), list(index)"
    untouched, world = World(), World()
    untouched.run(SHARING)
    world.run(SHARING)
    moment = world.moment()
    world.run("df = s = part = shallow = raw = over = index = None")
    world.restore(moment)
    untouched.run(write)
    world.run(write)
    assert world.value(see) == untouched.value(see)


def test_frames_with_equal_indexes_are_separate_components() -> None:
    """An index is immutable: tied by it, one changed frame would store all of them again."""
    world = World()
    world.run(
        "import pandas as pd\na = pd.DataFrame({'x': [1, 2]}, index=pd.date_range('2020', periods=2))\n"
        "b = a.copy()\nc = a * 2\nd = pd.DataFrame({'y': ['u', 'v']}, index=a.index)"
    )
    assert {len(each.roots) for each in world.engine.live().values()} == {1}


def test_a_column_taken_out_is_tied_to_its_frame() -> None:
    """They share memory until one of them is written to."""
    world = World()
    world.run("import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\ns = df['a']")
    assert world.engine.live()["s"].roots == ("df", "s")
    world.run("s.iloc[0] = 5")
    copied = int(pd.__version__.partition(".")[0]) >= 3  # before that the frame is written to as well
    assert world.engine.live()["s"].roots == (("s",) if copied else ("df", "s"))
