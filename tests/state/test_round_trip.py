"""What is lost in a pickle without an error is found, and nothing else is."""

import sys
from pathlib import Path

import pytest

from tests.state.checks import checked, findings
from tests.state.world import World

LOSSY = {
    "an attribute left out": (
        """
class Tracker:
    def __init__(self):
        self.a, self.cache = 1, {"x": [1, 2]}
    def __getstate__(self):
        state = dict(self.__dict__)
        del state["cache"]
        return state
t = Tracker()
""",
        ["attribute `cache` of `Tracker` is lost"],
    ),
    "an attribute emptied": (
        """
class Tracker:
    def __init__(self):
        self.cache = {"x": 1}
    def __getstate__(self):
        return {"cache": {}}
t = Tracker()
""",
        ["attribute `cache` of `Tracker` comes back different"],
    ),
    "a copy that is shorter": (
        """
class Last:
    def __init__(self, items):
        self.items = items
    def __getstate__(self):
        return {"items": self.items[-2:]}
t = Last([1, 2, 3])
""",
        ["attribute `items` of `Last` comes back different"],
    ),
    "a value deep inside": (
        """
class Deep:
    def __init__(self):
        self.held = {"a": [{"b": (1, 2.0)}]}
    def __getstate__(self):
        return {"held": {"a": [{"b": (1, 2)}]}}
t = Deep()
""",
        ["attribute `held` of `Deep` comes back different"],
    ),
    "another object": (
        """
class Odd:
    def __reduce__(self):
        return list, ([],)
t = Odd()
""",
        ["an object of class `Odd` comes back as one of class `list`"],
    ),
    "a class that gives the same object to everybody": (
        """
class Single:
    _made = None
    def __new__(cls):
        if cls._made is None:
            cls._made = object.__new__(cls)
        return cls._made
t = Single()
t.name = "first"
""",
        ["TypeError: 'NoneType' object is not callable"],  # the class needs its object before it is made
    ),
    "a registered reducer": (
        """
import copyreg
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
copyreg.pickle(Point, lambda point: (Point, (point.x, 0)))
t = Point(1, 2)
""",
        ["attribute `y` of `Point` comes back different"],
    ),
    "slots beside a dict": (
        """
class Slotted:
    __slots__ = ("a", "__dict__")
    def __getstate__(self):
        return self.__dict__
t = Slotted()
t.a = 1
t.b = 2
""",
        ["attribute `a` of `Slotted` is lost"],
    ),
    "what hangs on a date": (
        """
import datetime
class Day(datetime.datetime): pass
d = Day(2026, 3, 1)
d.tag = "x"
""",
        ["attribute `tag` of `Day` is lost"],
    ),
    "a number of its own": (
        """
class Metres(float):
    def __reduce__(self):
        return Metres, (round(float(self)),)
t = Metres(1.5)
""",
        ["the value of `Metres` comes back different"],
    ),
    "state beside the class, by id": (
        """
class Outside:
    _side = {}
    def __init__(self, value):
        Outside._side[id(self)] = value
t = Outside([1, 2])
""",
        ["what `Outside._side` holds for objects of class `Outside` is lost"],
    ),
    "unpickling that fails": (
        """
class Refuses:
    def __getstate__(self):
        return {"a": 1}
    def __setstate__(self, state):
        raise ValueError("no")
t = Refuses()
""",
        ["ValueError: no"],
    ),
    "an attribute that was not there": (
        """
class Adds:
    def __setstate__(self, state):
        self.__dict__.update(state)
        self.loaded = True
t = Adds()
t.a = 1
""",
        ["attribute `loaded` of `Adds` is there though it was not"],
    ),
}


@pytest.mark.parametrize("name", LOSSY)
def test_what_is_lost_is_named(name: str) -> None:
    source, expected = LOSSY[name]

    assert findings(source) == expected


WHOLE = {
    "state by hand": """
class Tracker:
    def __init__(self):
        self.a, self.cache = 1, {"x": [1, 2]}
    def __getstate__(self):
        return dict(self.__dict__)
    def __setstate__(self, state):
        self.__dict__.update(state)
t = Tracker()
""",
    "made again from a copy": """
class Bag:
    def __init__(self, items):
        self.items = list(items)
    def __reduce__(self):
        return Bag, (tuple(self.items),)
t = Bag([1, [2], {3}])
""",
    "a set in another order": """
class Words:
    def __init__(self, words):
        self.words = set(words)
    def __reduce__(self):
        return Words, (sorted(self.words),)
t = Words(f"word {number}" for number in range(50))
""",
    "objects in circles": """
class Node:
    def __init__(self):
        self.next = self
        self.extra = [self]
    def __getstate__(self):
        return dict(self.__dict__)
t = Node()
u = [Node(), t]
""",
    "an empty cache that is left out": """
class Tracker:
    def __init__(self):
        self.cache = {}
    def __getstate__(self):
        return {}
    def __setstate__(self, state):
        self.cache = {}
t = Tracker()
""",
    "what hangs on a container": """
import collections
class Config(collections.defaultdict): pass
class Votes(collections.Counter): pass
class Upper(dict):
    def items(self):
        return [(key.upper(), value) for key, value in dict.items(self)]
class Problem(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
c, v, u, e = Config(list), Votes("aab"), Upper(a=1), Problem(1, "x")
c.tag = v.tag = u.tag = e.tag = "x"
""",
    "python's own": """
import array, collections, dataclasses, datetime, decimal, enum, fractions, functools, io, pathlib, random, re
import types, typing, uuid, zoneinfo
class Named(typing.NamedTuple):
    a: int
    b: list
@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
class Colour(enum.Enum):
    RED = 1
class Table(dict):
    pass
named, frozen, colour, table = Named(1, [2]), Frozen(1), Colour.RED, Table(a=[1])
table.note = "x"
values = [
    datetime.datetime.now(datetime.timezone.utc), datetime.date(2026, 1, 1), datetime.timedelta(1, 2, 3),
    decimal.Decimal("1.10"), fractions.Fraction(1, 3), pathlib.Path("/tmp"), re.compile("a+", re.I),
    collections.OrderedDict(b=1, a=2), collections.defaultdict(list, a=[1]), collections.deque([1, 2], 3),
    collections.Counter("aab"), collections.ChainMap({"a": 1}, {}), functools.partial(int, base=2),
    array.array("d", [1, 2]), random.Random(1), uuid.UUID(int=5), zoneinfo.ZoneInfo("UTC"), range(3), slice(1, 2),
    types.SimpleNamespace(a=1), bytearray(b"ab"), 1 + 2j, io.StringIO("text"), frozenset({1}), iter([1, 2]),
]
""",
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_comes_back_is_not_flagged(name: str) -> None:
    """A warning that is wrong teaches people to overlook the right ones."""
    assert findings(WHOLE[name]) == []


def test_nothing_is_checked_where_pickle_does_it_all(recwarn: pytest.WarningsRecorder) -> None:
    """Plain data and ordinary classes must not even start the other process."""
    world = World()
    capture = world.run("""
class Plain:
    def __init__(self):
        self.a = [1]
x, y, z = {"a": [1, 2.0, "b"]}, Plain(), [Plain() for _ in range(10)]
def f(): return x
""")

    assert capture.checks == ()
    assert not recwarn.list


def test_what_a_pickle_leaves_out_is_seen_to_change() -> None:
    """The bytes are the same, but what would be lost is not: it has to be looked into again."""
    world = World()
    source = LOSSY["an attribute emptied"][0].replace('{"x": 1}', "{}")
    assert [outcome.findings for outcome in checked(world, source).values()] == [()]
    assert world.capture().checks == ()

    (outcome,) = checked(world, "t.cache['late'] = 1").values()

    assert [each.words for each in outcome.findings] == [
        "attribute `cache` of `Tracker` comes back different"
    ]
    assert world.capture().checks == ()


def test_looking_runs_nothing_of_the_users() -> None:
    """A census reads what lies there: a property, a hash or an equality that counts is never asked."""
    world = World()
    world.run("""
calls = []
class Nosy:
    def __init__(self):
        self.held = [1]
    def __getstate__(self):
        return {}
    @property
    def __class__(self):
        calls.append("class")
        return int
    def __getattr__(self, name):
        calls.append(name)
        raise AttributeError(name)
    def __eq__(self, other):
        calls.append("eq")
        return True
    def __hash__(self):
        calls.append("hash")
        return 1
class Holder:
    def __init__(self):
        self.nosy = Nosy()
    def __getstate__(self):
        return {}
t = Holder()
""")

    world.capture()

    assert world.value("calls") == []


def test_state_in_a_table_of_a_local_module_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module is imported again, and its table with it, but empty."""
    (tmp_path / "sidetable.py").write_text(
        "import weakref\n"
        "table = weakref.WeakKeyDictionary()\n"
        "class Outside:\n"
        "    def __init__(self, value):\n"
        "        table[self] = value\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    source = "import sidetable\nt = sidetable.Outside([1, 2])"

    found = findings(source)
    monkeypatch.delitem(sys.modules, "sidetable")

    assert found == ["what `sidetable.table` holds for objects of class `Outside` is lost"]
