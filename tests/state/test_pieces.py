"""Large plain containers: looked at, saved and made again piece by piece."""

from typing import Any

import numpy as np
import pytest

from runtrack_jupyter.state import addresses
from runtrack_jupyter.state.component import LiveComponent
from tests.state.world import World

OWN = """
class Own:
    def __init__(self, n): self.n = n
    def __getstate__(self): return {'n': self.n}
"""
PEOPLE = """
import enum
class Mood(enum.Enum):
    GOOD = 1
    BAD = [2]
class Person:
    kind = 'person'
    def __init__(self, n): self.n, self.tags, self.mood = n, [n], Mood.GOOD
    def __hash__(self): raise RuntimeError
    def __eq__(self, other): raise RuntimeError
class Child(Person):
    pass
people = [Person(n) for n in range(5000)] + [Child(n) for n in range(5000)]
"""
DOCUMENTS = (
    "docs = [{'id': i, 'name': f'name {i}', 'tags': ['a', f't{i}'], 'at': (i, [i])} for i in range(9000)]"
)


@pytest.fixture(name="world")
def _world() -> World:
    world = World()
    world.run(DOCUMENTS)
    return world


def written_by(world: World, cell: str) -> int:
    """Return how many bytes of payload a cell adds."""
    before = world.memory.written
    world.run(cell)
    return world.memory.written - before


def parts(component: LiveComponent) -> int:
    return len(component.buffers)


@pytest.mark.parametrize(
    "change",
    [
        "docs[4000]['name'] = 'another'",
        "docs[4000]['tags'].append('b')",
        "docs.append({'id': -1})",
        "docs.insert(10, {'id': -1})",
        "del docs[4000]",
        "docs = docs + [{'id': -1}]",
    ],
)
def test_a_change_stores_only_what_it_touches(world: World, change: str) -> None:
    """In place, appended, inserted or removed: the pieces beside it are on disk already."""
    whole = world.engine.live()["docs"].size
    moment = world.moment()
    before = repr(world.names["docs"])
    assert 0 < written_by(world, change) < whole / 3
    after, changed = world.moment(), repr(world.names["docs"])
    world.restore(moment)
    assert repr(world.names["docs"]) == before
    world.restore(after)
    assert repr(world.names["docs"]) == changed


@pytest.mark.parametrize(
    "make",
    [
        "v = [f'text {i}' for i in range(9000)]",
        "v = {i: str(i) for i in range(9000)}",
        "v = {(i, 'k'): [i] for i in range(9000)}",
        "v = set(range(9000))",
        "v = [1, True, 1.0, 0.0, -0.0, None, b'b', 2 + 1j] * 1000",
        "import datetime as dt\nv = [dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)] * 5000",
        "import numpy as np\nv = list(np.arange(5000.0))",
        "from collections import namedtuple\nP = namedtuple('P', 'a b')\nv = [P(i, [i]) for i in range(9000)]",
        "import typing\nclass Q(typing.NamedTuple):\n  a: int\n  b: str = 'u'\nv = {i: Q(i) for i in range(9000)}",
        "v = {user: [{'n': i, 't': [i]} for i in range(200)] for user in range(100)}",
        "v = {'train': [[i] for i in range(9000)], 'test': [str(i) for i in range(5000)], 'n': {1}}",
    ],
)
def test_every_plain_kind_comes_back(make: str) -> None:
    world = World()
    world.run(make)
    assert any(parts(each) > 0 for each in world.engine.live().values())
    expected, moment = repr(world.names["v"]), world.moment()
    assert dict(world.capture().bound) == {}
    world.run("v = None")
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert repr(each.names["v"]) == expected
        assert dict(each.capture().bound) == {}
        assert each.moment().components == moment.components


def test_named_tuples_with_ways_of_their_own_are_saved_as_a_whole() -> None:
    """Their attributes, or what their own code says, would be lost in pieces."""
    world = World()
    world.run(
        "from collections import namedtuple\nclass A(namedtuple('A', 'n')): pass\n"
        "class B(namedtuple('B', 'n')):\n  __slots__ = ()\n  def __reduce__(self): return B, (self.n + 1,)\n"
        "v, w = [A(i) for i in range(5000)], [B(i) for i in range(5000)]\nv[7].note = ['x']"
    )
    live = world.engine.live()
    assert (parts(live["v"]), parts(live["w"])) == (0, 0)
    fresh = world.fresh()
    fresh.restore(world.moment())
    assert fresh.value("v[7].note, w[7].n") == (["x"], 8)


def test_an_element_held_by_a_name_stays_that_element(world: World) -> None:
    """``for doc in docs`` leaves the last one bound: it is no copy after a restore."""
    world.run("for doc in docs: pass\nfirst, tags, deep = docs[0], docs[5]['tags'], docs[7]['at'][1]")
    moment = world.moment()
    world.run("doc['x'] = 1; tags.append(1); deep.append(2); docs[0] = None")
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert each.value("doc is docs[-1] and first is docs[0] and tags is docs[5]['tags']")
        assert each.value("deep is docs[7]['at'][1] and deep == [7] and 'x' not in doc")
        assert dict(each.capture().bound) == {}


def test_a_change_through_an_element_is_seen(world: World) -> None:
    """The name that was written through is the only suspect."""
    world.run("doc = docs[-1]")
    assert world.run("doc['x'] = 1", suspects={"doc"}).changed == ("doc", "docs")


@pytest.mark.parametrize(
    "sharing",
    [
        "docs[8000]['tags'] = docs[1]['tags']",
        "some = docs[:3000]",
        "other = docs[::-1]",
        "docs[8000]['tags'] = docs",
        "docs.append(docs)",
        "both = (docs, list(docs))",
    ],
)
def test_what_two_pieces_share_is_shared_after_a_restore(world: World, sharing: str) -> None:
    """Pieces are pickles of their own: what lies in two of them would come back twice."""
    world.run(sharing)
    probes = [
        "docs[8000]['tags'] is docs[1]['tags']",
        "[a is b for a, b in zip(globals().get('some', ()), docs)]",
        "[a is b for a, b in zip(globals().get('other', ()), reversed(docs))]",
        "docs[8000]['tags'] is docs",
        "docs[-1] is docs",
        "[a is b for a, b in zip(*globals().get('both', ((), ())))]",
    ]
    expected = [world.value(probe) for probe in probes]
    moment = world.moment()
    world.run("docs = None; some = other = both = 0")
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert [each.value(probe) for probe in probes] == expected
        assert each.capture().changed == ()


def test_new_sharing_of_equal_content_is_a_change(world: World) -> None:
    """The pickles of the pieces are the same bytes before and after."""
    world.run("docs[1]['tags'] = ['same']\ndocs[8000]['tags'] = ['same']")
    apart = world.moment()
    assert world.run("docs[8000]['tags'] = docs[1]['tags']").changed == ("docs",)
    joined = world.moment()
    world.restore(apart)
    assert not world.value("docs[8000]['tags'] is docs[1]['tags']")
    world.restore(joined)
    assert world.value("docs[8000]['tags'] is docs[1]['tags']")


@pytest.mark.parametrize("other", ["object()", "Own(1)", "len", "np.zeros(3)", "...", "range(3)"])
def test_what_is_not_plain_is_saved_as_a_whole(world: World, other: str) -> None:
    """Pieces hold nothing that has to be asked how it is saved."""
    world.run(f"import numpy as np\n{OWN}\ndocs[4000]['name'] = {other}")
    assert parts(world.engine.live()["docs"]) <= 1
    moment = world.moment()
    expected = world.value("[type(each['name']) for each in docs]")
    world.run("docs.clear()")
    world.restore(moment)
    assert world.value("[type(each['name']) for each in docs]") == expected


def test_a_long_text_is_stored_once() -> None:
    """However many elements are the same text."""
    world = World()
    assert written_by(world, "v = ['x' * 100_000] * 9000 + [str(i) for i in range(9000)]") < 1_000_000


def test_tuples_that_share_without_end_are_left_to_pickle() -> None:
    """Level by level the same few objects would become millions."""
    world = World()
    world.run("t = ()\nfor _ in range(100): t = (t, t)\nv = [t] * 5000")
    moment = world.moment()
    world.run("v = t = None")
    world.restore(moment)
    assert world.value("v[0] is v[-1] and len(v) == 5000")


def test_appending_again_and_again_does_not_leave_crumbs() -> None:
    """What is appended joins the last piece until that is full."""
    world = World()
    world.run("v = [str(i) for i in range(50_000)]")
    before = parts(world.engine.live()["v"])
    for _ in range(30):
        world.run("v.append('more')")
    assert parts(world.engine.live()["v"]) <= before + 1


def test_instances_come_back_with_their_classes() -> None:
    """By the key of the class, which stays a root of its own; their methods are not asked."""
    world = World()
    world.run(PEOPLE)
    assert parts(world.engine.live()["people"]) > 1
    assert dict(world.capture().bound) == {}
    probes = [
        "{type(each) for each in people} == {Person, Child}",
        "[vars(each) for each in people] == [{'n': n, 'tags': [n], 'mood': Mood.GOOD} for n in [*range(5000)] * 2]",
        "people[0] is someone and vars(people[1]) is inside and people[2].tags is tags",
        "people[3].mood.value is Mood.BAD.value or people[3].mood is Mood.GOOD",
    ]
    world.run("someone, inside, tags = people[0], vars(people[1]), people[2].tags")
    moment = world.moment()
    assert all(world.value(probe) for probe in probes)
    world.run("people[0].n = 'x'; inside['n'] = 'y'; tags.append(1); people[7].__class__ = Child")
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert all(each.value(probe) for probe in probes)
        assert dict(each.capture().bound) == {}


@pytest.mark.parametrize(
    "change",
    ["people[7].__class__ = Child", "people[7].n = -1", "people[7].mood = Mood.BAD", "Person.kind = 'human'"],
)
def test_a_change_of_an_instance_is_seen(change: str) -> None:
    world = World()
    world.run(PEOPLE)
    before = world.memory.written
    assert world.run(change).changed == (("Person",) if "kind" in change else ("people",))
    assert world.memory.written - before < 200_000


@pytest.mark.parametrize(
    ("make", "change"),
    [
        ("v = np.array([f'text {i}' for i in range(90_000)], object)", "v[5] = 'other'"),
        ("v = np.array([f'text {i}' for i in range(90_000)], object).reshape(3, -1)", "v[1, 5] = None"),
        (
            "v = pd.DataFrame({'n': range(30_000), 't': [f't{i}' for i in range(30_000)]}, dtype=object)",
            "v.iloc[7, 1] = 'x'",
        ),
        ("v = pd.Series([f'text {i}' for i in range(90_000)], dtype=object)", "v[5] = 'other'"),
    ],
)
def test_arrays_of_texts_are_saved_in_pieces(make: str, change: str) -> None:
    """A column of texts is compared by address, and a change in it stores one piece."""
    world = World()
    world.run(f"import numpy as np\nimport pandas as pd\n{make}")
    size, moment = world.engine.live()["v"].size, world.moment()
    expected = repr(world.value("np.asarray(v).tolist()"))
    assert dict(world.capture().bound) == {}
    assert 0 < written_by(world, change) < size / 3
    changed = repr(world.value("np.asarray(v).tolist()"))
    after = world.moment()
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert repr(each.value("np.asarray(v).tolist()")) == expected
        assert dict(each.capture().bound) == {}
        assert written_by(each, change) < size / 3
        assert repr(each.value("np.asarray(v).tolist()")) == changed
    world.restore(after)
    assert repr(world.value("np.asarray(v).tolist()")) == changed


@pytest.mark.parametrize("objects", [(), (None,), ("a", 1.5, [], (), object())])
def test_both_ways_of_reading_addresses_agree(objects: tuple[Any, ...]) -> None:
    """One of them reads memory and is chosen by a trial; the other is for interpreters that fail it."""
    assert addresses.pointers(objects) == addresses._collect(objects)


def test_the_libraries_that_only_pieces_need_are_on_record() -> None:
    """Another kernel is told which one is missing, also where nothing but a large list needs it."""
    world = World()
    world.run("import numpy as np\nv = [np.float64(i) for i in range(9000)]\nw = [1.5] * 9000")
    live = world.engine.live()
    assert (parts(live["v"]) > 0, live["v"].libraries, live["w"].libraries) == (
        True,
        (f"numpy {np.__version__}",),
        (),
    )
    fresh = world.fresh()
    fresh.restore(world.moment())
    assert dict(fresh.capture().bound) == {}
    fresh.run("v[0] = np.float64(7)")
    assert fresh.engine.live()["v"].libraries == live["v"].libraries
