"""What was not saved can be made again by the fewest statements, or there is a reason why not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.lineage.slices import Slice
from runtrack_jupyter.model import StepId
from tests.lineage.sessions import Session, drained, session


def the_slice(made: Session, name: str) -> Slice:
    found = made.found()
    assert name not in found.refused, found.refused
    return next(each for each in found.slices if name in each.names)


def why_not(made: Session, name: str) -> str:
    found = made.found()
    assert not [each for each in found.slices if name in each.names]
    return found.refused[name]


GEN = "def gen(rows):\n    for row in rows:\n        yield str(row) * factor"


MADE_AGAIN = {
    "an iterator over a saved list": ["import csv\nrows = ['a,b', 'c']", "r = csv.reader(rows)"],
    "in one cell with what it reads": ["import csv\nrows = ['a,b', 'c']\nr = csv.reader(rows)"],
    "a generator of the notebook": [GEN, "factor = 2\nrows = [1, 2]", "r = gen(rows)"],
    "a generator expression": ["rows = [1, 2]; factor = 3", "r = (row * factor for row in rows)"],
    "a name that is another one now": ["r = (n for n in range(3))", "s = r", "other = 5"],
    "a number that was changed since": ["n = 3", "r = (x for x in range(n))", "n = 5"],
    "what the value was made from, gone since": ["import csv", "rows = ['a', 'b']\nr = csv.reader(rows)", "del rows"],
    "from another gap": ["r = (n for n in range(3))", "e = enumerate(r)"],
    "looked at since": ["r = (n for n in range(3))", "print(r, type(r))", "r is None"],
    "beside statements with effects": ["print('hello'); r = (n for n in range(3)); print('done')"],
    "after a magic that does no harm": ["%matplotlib inline\nr = (n for n in range(3))"],
    "a match": ["import re", "m = re.match('(.)b', 'ab')"],
    "bytes by reference": ["b = bytearray(b'abc')", "m = memoryview(b)"],
    "by a function that does nothing else": ["import csv", "def read(rows, by=','):\n    made = csv.reader(rows, delimiter=by)\n    return made", "rows = ['a b']\nr = read(rows, ' ')"],
    "from a list that was changed since": ["import csv\nrows = ['a']", "r = csv.reader(rows)", "rows.append('b')"],
    "from a list that was changed in the same cell": ["import csv\nrows = ['a']\nr = csv.reader(rows)\nrows.append('b')"],
    "the same import again": ["import csv\nrows = ['a']", "r = csv.reader(rows)", "import csv"],
    "an instance of a class": ["class Half:\n    def __init__(self, rows):\n        self.it = (row for row in rows)", "rows = [1]", "h = Half(rows)"],
}  # fmt: skip


@pytest.mark.parametrize("cells", MADE_AGAIN.values(), ids=MADE_AGAIN.keys())
def test_a_slice_gives_what_the_cells_gave(cells: list[str]) -> None:
    """Values, sharing with saved variables, and names looked up later: as if every cell had run again."""
    made = session(*cells)
    gaps = [gap.subject for gap in made.moment().snapshot.gaps]
    assert gaps

    namespace, remade = made.restored()

    assert (remade.refused, sorted(remade.values)) == ({}, sorted(gaps))
    assert drained(namespace, gaps) == drained(made.namespace, gaps)


NOT_MADE_AGAIN = {
    "taken from since": (["r = (n for n in range(3))", "next(r)"], "cell [2] may have changed it: next(r)"),
    "taken from under another name": (["r = (n for n in range(3))", "s = r", "first = next(s)"], "cell [3]"),
    "taken from through a tuple": (["r = (n for n in range(3))", "box = (r, 1)", "next(box[0])"], "cell [3]"),
    "taken from by a function": (["r = (n for n in range(3))", "def take():\n    return next(r)", "take()"], "cell [3]"),
    "taken from by a function defined before": (["def take():\n    return next(r)", "r = (n for n in range(3))", "take()"], "cell [3]"),
    "taken from by a function in a list": (["r = (n for n in range(3))", "calls = []\ncalls.append(lambda: next(r))", "calls[0]()"], "calls.append"),
    "taken from in the same cell": (["r = (n for n in range(3)); list(r)"], "cell [1] may have changed it: list(r)"),
    "what it was made from was changed": (["rows = ['a']", "r = (tuple(rows), (n for n in [1]))", "rows.append('b')"], "rows, which it was made from, was changed since"),
    "what it was made from is another list": (["rows = ['a']\nimport csv", "r = csv.reader(rows)\nkeep = rows", "rows = ['a']"], "keep holds rows too"),
    "a random number": (["import random", "r = (n for n in [random.random()])"], "random.random"),
    "a clock": (["import time\nr = iter([time.time(), (n for n in [1])])"], "time.time"),
    "a print": (["def make():\n    print('made')\n    return (n for n in [1])", "r = make()"], "cannot be run again"),
    "a file written": (["def make():\n    open('/dev/null', 'w')\n    return (n for n in [1])\nr = make()"], "cell [1] cannot be run again"),
    "a directory listed": (["import os\nr = (n for n in os.listdir('.'))"], "nobody knows what os.listdir does"),
    "a global changed by the function": (["count = 0\ndef make():\n    global count\n    count = 1\n    return (n for n in [1])", "r = make()"], "cannot be run again"),
    "code that cannot be known since": (["r = (n for n in range(3))", "exec('next(r)')"], "nobody can know what cell [2] did"),
    "code that cannot be known made it": (["exec('r = (n for n in range(3))')"], "no cell on record bound it"),
    "bound in a loop": (["for n in [1]:\n    r = (m for m in [1])"], "a for loop"),
    "what it was made from was changed in its own cell": (["rows = ['a']; same = rows", "r = (tuple(rows), (n for n in [1]))\nsame.append('b')"], "may have been changed later in cell [2]"),
    "a name that a failed cell may have bound": (["rows = ['a']\nr = (n for n in rows)", "1 / 0\nrows = []"], "may have been changed: that cell failed"),
    "a failed cell": (["r = (n for n in range(3))\n1 / 0"], "that cell failed"),
    "a loop over it": (["r = (n for n in range(3))", "for n in r:\n    pass"], "cell [2] may have changed it"),
    "an attribute set on it": (["import types\nr = types.SimpleNamespace(g=(n for n in [1]))", "r.x = 1"], "cell [2]"),
    "a default that is shared": (["r = (n for n in range(3))\ndef f(it=r):\n    return next(it)", "f()"], "cell [2]"),
    "bound together with a saved list": (["rows, r = [1], (n for n in [1])"], "it bound rows too"),
    "an operator of the notebook's": (["class Loud:\n    def __add__(self, other):\n        print('added')\n        return (n for n in [1])", "r = Loud() + 1"], "computes with objects"),
    "a set, whose order is another one": (["import itertools\ns = {'a', 'b'}", "r = (n for n in [1])\nt = (list(s), r)"], "takes values out"),
    "a library's name that is the notebook's": (["def zip(*x):\n    print('mine')\n    return (n for n in [1])", "r = zip([1])"], "cannot be run again"),
    "a class with a metaclass": (["class M(type): pass", "class C(metaclass=M):\n    g = (n for n in [1])", "r = (C, (n for n in [1]))"], ""),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "reason"), NOT_MADE_AGAIN.values(), ids=NOT_MADE_AGAIN.keys())
def test_what_is_not_sure_is_refused_in_words(cells: list[str], reason: str) -> None:
    """A value that may be another one is worse than none."""
    made = session(*cells)
    gaps = [gap.subject for gap in made.moment().snapshot.gaps]

    assert reason in why_not(made, "t" if "t" in gaps else "r")


def test_names_that_share_objects_are_made_together() -> None:
    made = session("r = (n for n in range(3))", "s = r", "other = (n for n in [1])")

    found = made.found()

    assert sorted(sorted(each.names) for each in found.slices) == [["other"], ["r", "s"]]
    assert the_slice(made, "r").words == "running cells [1] and [2]"
    namespace, _ = made.restored()
    assert namespace["r"] is namespace["s"]


def test_only_the_statements_needed_are_run() -> None:
    made = session(
        "import csv\nprint('effect')", "rows = ['a']", "noise = 1\nr = csv.reader(rows)\nnoise += 1"
    )

    found = the_slice(made, "r")

    assert [each.place[0] for each in found.reruns] == [2]
    assert found.live == {"csv", "rows"}
    assert found.cells == ("cell [3]",)


def test_a_source_with_a_secret_cut_out_is_not_run() -> None:
    made = Session()
    made.run("token = '‹secret TOKEN 0123abcd›'; r = (n for n in ['‹secret TOKEN 0123abcd›'])")

    assert "secret" in why_not(made, "r")


def test_what_somebody_else_recorded_is_not_run() -> None:
    made = session("r = (n for n in range(3))")

    found = made.found(foreign=frozenset({StepId("s1")}))

    assert found.slices == ()
    assert "somebody else" in found.refused["r"]


def test_a_cell_that_had_not_ended_is_not_run() -> None:
    made = session("r = (n for n in range(3))")

    assert made.found(running=True).slices == ()


LISTS, ITERATORS = ["a", "b"], ["i", "j"]
TEMPLATES = [
    "{a} = ['1', '2', '3']", "{a} = {b}", "{a}.append('4')", "{a} = {a} + ['5']", "n = 3", "n = n + 1", "{a}[0] = '7'",
    "{i} = (x for x in {a})", "{i} = gen({a})", "{i} = enumerate({j})", "{i} = {j}", "p = ({i}, {a})", "{i} = p[0]",
    "next({i}, None)", "x = next({i}, None)", "{i} = csv.reader({a})", "print({i})", "del {i}", "q = [{a}, 1]",
    "def take():\n    return next({i}, None)", "take()", "f = lambda: next({i})", "f()", "{a}, {i} = [7], (y for y in {a})",
    "for z in [1]:\n    {i} = (z for z in {a})", "x = list({i})", "d = {{'k': {i}}}", "{i} = (str(x) * n for x in {a})",
    "{a} = [x for x in {b}]", "def gen(s):\n    for x in s:\n        yield str(x) * n", "import csv", "{i} = zip({a}, {j})",
    "def make(s, k=n):\n    made = (x for x in s)\n    return made", "{i} = make({a})", "{i} = tuple({a}), (y for y in {b})",
    "{i} = map(gen, [{a}])", "box = [{i}]", "box[0] = 1", "{i}, {j} = {j}, {i}", "m = memoryview(b'abc')", "1 / 0", "pass",
    "def gen(s):\n    return take()", "{a} = list(range(n))", "{i} = gen([x * n for x in range(n)])", "{a} = None",
]  # fmt: skip
STATEMENTS = st.builds(
    lambda text, a, b, i, j: text.format(a=a, b=b, i=i, j=j),
    st.sampled_from(TEMPLATES),
    st.sampled_from(LISTS), st.sampled_from(LISTS), st.sampled_from(ITERATORS), st.sampled_from(ITERATORS),
)  # fmt: skip
START = "import csv\nn = 2\na = ['1']\nb = ['2', '3']\ni = (x for x in a)\nj = (x for x in b)"
START += "\nfactor = 2"
CELLS = st.lists(st.lists(STATEMENTS, min_size=1, max_size=3).map("\n".join), min_size=1, max_size=9)


@settings(max_examples=100, deadline=None)
@given(CELLS)
def test_whatever_is_made_again_is_what_the_whole_session_gives(cells: list[str]) -> None:
    """Random sessions: what is made again gives the same values and shares the same objects as the original."""
    made = session(START, GEN, *cells)

    namespace, remade = made.restored()

    names = sorted(remade.values)
    assert drained(namespace, names) == drained(made.namespace, names)
