"""pandas, polars, Arrow and what else holds tables and labelled arrays."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

# What pandas has computed, which indexes are views of one, the names of levels: all of it comes by itself.
_BY_ITSELF = r"\._cache\b|\._id$|\._readonly$|\._references$|\._freq$|\._levels\[\d+\]\._name$"

_PD = "import pandas as pd, numpy as np\n"

_FRAMES = (
    Entry(
        "frames, their attributes and attrs",
        _PD
        + "df = pd.DataFrame({'a': [1, 2], 'b': [1.5, None], 'c': ['x', None]}); df.attrs['u'] = u = ['m']; same = df",
        ("df, df.dtypes, df.attrs, same is df, df.attrs['u'] is u",),
        "df.loc[0, 'a'] = 9; u.append(1)",
    ),
    Entry(
        "views between frames under copy-on-write",
        _PD
        + "df = pd.DataFrame({'a': [1, 2, 3], 'b': [4, 5, 6]}); s = df['a']; part = df.iloc[1:]; shallow = df.copy(deep=False)",
        (
            "df, s, part, shallow",
            "(s.__setitem__(0, 100), df.to_dict(), part.to_dict())",
            "(df.__setitem__('a', 7), s.tolist(), part.to_dict(), shallow.to_dict())",
        ),
        "df.iloc[0, 0] = 50",
    ),
    Entry(
        "a frame over an array",
        _PD
        + "a = np.arange(6.).reshape(3, 2); df = pd.DataFrame(a, copy=False); s = pd.Series(a[:, 0], copy=False)",
        ("df, s", "(a.__setitem__((0, 0), 9.0), df, s)"),
        "a[1, 1] = 77",
    ),
    Entry(
        "categorical, nullable, string and interval columns",
        _PD
        + "df = pd.DataFrame({'c': pd.Categorical(['u', 'v'], ordered=True), 'i': pd.array([1, None], 'Int64'), 'b': pd.array([True, None], 'boolean'), 's': pd.array(['x', None], 'string'), 'v': pd.interval_range(0, 2), 'p': pd.period_range('2020', periods=2), 'z': pd.arrays.SparseArray([0, 1])})",
        ("df.to_dict(), df.dtypes, df.c.cat.ordered",),
        "df.loc[0, 'i'] = 5",
    ),
    Entry(
        "times with zones, differences and frequencies",
        _PD
        + "s = pd.Series(pd.date_range('2020', periods=2, tz='Europe/Berlin')); i = pd.date_range('2020', periods=3, freq='D'); d = s - s",
        ("s, i.freq, d, s.dtype",),
        "s.iloc[0] = pd.NaT",
    ),
    Entry(
        "multi-indexes",
        _PD
        + "m = pd.MultiIndex.from_product([['a', 'b'], [1, 2]], names=['x', 'y']); df = pd.DataFrame({'v': range(4)}, index=m)",
        ("df, df.index.names, df.xs('a'), df.loc[('b', 2)]",),
        "df.iloc[0, 0] = 9",
    ),
    Entry(
        "groups, windows and styles",
        _PD
        + "df = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3]}); g = df.groupby('k'); r = df.v.rolling(2)",
        ("g.sum(), r.sum(), g.obj is df",),
        "df.loc[0, 'v'] = 50",
    ),
    Entry(
        "a subclass of the notebook",
        _PD
        + "class F(pd.DataFrame):\n  _metadata = ['unit']\n  @property\n  def _constructor(self): return F\nf = F({'a': [1]}); f.unit = ['m']; f.note = 5",
        ("f, f.unit, f.note, type(f) is F, type(f[['a']]) is F",),
        "f.unit.append(1)",
    ),
)

_PANDAS = Shelf(
    "pandas",
    "pandas",
    entries=_FRAMES,
    ignored=re.compile(_BY_ITSELF),
    never={"Flags": "it belongs to a frame", "HDFStore": "it needs PyTables, and a file"},
    modules=(
        "pandas",
        "pandas.arrays",
        "pandas.api.types",
        "pandas.api.indexers",
        "pandas.api.typing",
        "pandas.tseries.offsets",
        "pandas.tseries.holiday",
        "pandas.io.formats.style",
    ),
    prelude="import pandas as pd, numpy as np\ndf = pd.DataFrame({'k': list('aab'), 'v': [1, 2, 3], 't': pd.date_range('2020', periods=3)})",
    recipes={
        "DataFrameGroupBy": "df.groupby('k')",
        "SeriesGroupBy": "df.groupby('k').v",
        "Rolling": "df.v.rolling(2)",
        "Expanding": "df.v.expanding()",
        "ExponentialMovingWindow": "df.v.ewm(1)",
        "RollingGroupby": "df.groupby('k').v.rolling(2)",
        "ExpandingGroupby": "df.groupby('k').v.expanding()",
        "ExponentialMovingWindowGroupby": "df.groupby('k').v.ewm(1)",
        "Resampler": "df.set_index('t').resample('D')",
        "DatetimeIndexResamplerGroupby": "df.set_index('t').groupby('k').resample('D')",
        "TimeGrouper": "pd.Grouper(key='t', freq='D')",
        "Styler": "df.style",
        "MultiIndex": "pd.MultiIndex.from_product([['a', 'b'], [1, 2]], names=['x', 'y'])",
        "CategoricalIndex": "pd.CategoricalIndex(['a', 'b', 'a'])",
        "IntervalIndex": "pd.interval_range(0, 3)",
        "PeriodIndex": "pd.period_range('2020', periods=2)",
        "DatetimeIndex": "pd.date_range('2020', periods=3, tz='UTC')",
        "TimedeltaIndex": "pd.to_timedelta(['1D', '2D'])",
        "Period": "pd.Period('2020')",
        "Interval": "pd.Interval(0, 1)",
        "Timestamp": "pd.Timestamp('2020-01-01', tz='Europe/Berlin')",
        "Timedelta": "pd.Timedelta('1D')",
        "DatetimeTZDtype": "pd.DatetimeTZDtype('ns', 'UTC')",
        "NaTType": "pd.NaT",
        "Expression": "pd.col('a') + 1",
        "Window": "df.v.rolling(2, win_type='boxcar')",
        "Index": "pd.Index(['a', 'b'], name='n')",
        "RangeIndex": "pd.RangeIndex(3)",
        "RollingGroupBy": "df.groupby('k').v.rolling(2)",
        "ExpandingGroupBy": "df.groupby('k').v.expanding()",
        "ExponentialMovingWindowGroupBy": "df.groupby('k').v.ewm(1)",
        "DatetimeIndexResamplerGroupBy": "df.set_index('t').groupby('k').resample('D')",
        "PeriodDtype": "pd.PeriodDtype('D')",
        "DataFrame": "df.copy()",
        "ArrowDtype": "pd.array([1, None], 'int64[pyarrow]').dtype",
        "ArrowExtensionArray": "pd.array([1, None], 'int64[pyarrow]')",
        "ArrowStringArray": "pd.array(['a', None], 'string[pyarrow]')",
        "StringArray": "pd.array(['a', None], 'string[python]')",
        "IntegerArray": "pd.array([1, None], 'Int64')",
        "FloatingArray": "pd.array([1.5, None], 'Float64')",
        "BooleanArray": "pd.array([True, None], 'boolean')",
        "IntervalArray": "pd.interval_range(0, 3).array",
        "PeriodArray": "pd.period_range('2020', periods=2).array",
        "DatetimeArray": "pd.date_range('2020', periods=3, tz='UTC').array",
        "TimedeltaArray": "pd.to_timedelta(['1D', '2D']).array",
        "NumpyExtensionArray": "pd.Series([1, 2]).array",
        "SparseArray": "pd.arrays.SparseArray([0, 0, 1])",
    },
)

_POLARS = Shelf(
    "polars",
    "polars",
    entries=(
        Entry(
            "frames, series and lazy frames",
            "import polars as pl\ndf = pl.DataFrame({'a': [1, 2], 'b': ['x', None], 'l': [[1], []]}); s = df['a']; q = df.lazy().filter(pl.col('a') > 1); same = df",
            ("df.to_dict(as_series=False), s, q.collect().rows(), same is df, df.schema",),
            "df[0, 'a'] = 9",
        ),
    ),
    modules=("polars", "polars.dataframe", "polars.series", "polars.datatypes"),
    prelude="import polars as pl\ndf = pl.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    recipes={
        "DataFrame": "df",
        "Series": "pl.Series('s', [1, None, 3])",
        "LazyFrame": "df.lazy().filter(pl.col('a') > 1)",
        "Expr": "pl.col('a') + 1",
        "SQLContext": "pl.SQLContext(df=df)",
        "Enum": "pl.Enum(['a', 'b'])",
        "List": "pl.List(pl.Int8)",
        "Array": "pl.Array(pl.Int8, 3)",
        "Struct": "pl.Struct({'a': pl.Int8})",
        "Schema": "df.schema",
    },
)

_ARROW = Shelf(
    "pyarrow",
    "pyarrow",
    entries=(
        Entry(
            "tables, arrays and their types",
            "import pyarrow as pa\nt = pa.table({'a': [1, None], 'b': [['x'], []], 'd': pa.array(['u', 'v']).dictionary_encode()}); c = t['a']; s = t.slice(1)",
            ("t.to_pydict(), t.schema, c, s.to_pydict()",),
        ),
    ),
    modules=(
        "pyarrow",
        "pyarrow.compute",
        "pyarrow.dataset",
        "pyarrow.parquet",
        "pyarrow.csv",
        "pyarrow.json",
        "pyarrow.fs",
        "pyarrow.types",
    ),
    prelude="import pyarrow as pa, pyarrow.compute as pc\ntable = pa.table({'a': [1, 2, None], 'b': ['x', 'y', None]})",
    recipes={
        "Table": "table",
        "RecordBatch": "table.to_batches()[0]",
        "ChunkedArray": "table['a']",
        "Schema": "table.schema",
        "Field": "table.schema.field('a')",
        "Buffer": "pa.py_buffer(b'abc')",
        "Array": "pa.array([1, 2])",
        "DataType": "pa.int32()",
        "PythonFile": "cls(__import__('io').BytesIO())",
        "NativeFile": "pa.BufferReader(b'abc')",
    },
)

_XARRAY = Shelf(
    "xarray",
    "xarray",
    entries=(
        Entry(
            "data sets and arrays that share memory",
            "import xarray as xr, numpy as np\nn = np.arange(6.).reshape(2, 3); d = xr.DataArray(n, dims=('x', 'y'), coords={'x': ['a', 'b']}, name='v', attrs={'u': 'm'}); s = d.to_dataset(); p = d.sel(x='a')",
            ("d, s, p, d.attrs", "(n.__setitem__((0, 0), 9.0), d.values, s.v.values, p.values)"),
            "d[0, 1] = 77",
        ),
    ),
    ignored=re.compile(_BY_ITSELF + r"|\._attrs$|\._close$"),  # None becomes {} when anything asks for it
    modules=("xarray",),
    prelude="import xarray as xr, numpy as np\nda = xr.DataArray(np.arange(6.0).reshape(2, 3), dims=('x', 'y'), coords={'x': ['a', 'b']}, name='v')",
    recipes={
        "DataArray": "da",
        "Dataset": "da.to_dataset()",
        "DataTree": "xr.DataTree.from_dict({'/a': da.to_dataset()})",
        "Variable": "da.variable",
        "IndexVariable": "da['x'].variable",
    },
)

SHELVES = (_PANDAS, _POLARS, _ARROW, _XARRAY)
