"""The same objects in two large containers: saved once, the second as positions in the first."""

import pytest

from tests.state.world import World

DOCS = "docs = [{'id': n, 'tags': [n % 7], 'text': f'text {n}'} for n in range(6000)]"

OTHERS = {
    "in another order": "other = docs[::-1]",
    "a part of them": "other = docs[1000:4000:2] * 2",
    "in groups": "other = {}\nfor doc in docs:\n    other.setdefault(doc['tags'][0], []).append(doc)",
    "by key": "other = {('k', doc['id']): doc for doc in docs}",
    "of a dict": "docs = {n: [n] for n in range(6000)}\nother = list(docs.values())",
    "and one that is in no other": "other = [*docs, {'id': -1}]",
    "beside atoms of their own": "other = [*docs, 'no document']",
    "with others in between": "other = [docs[5], *({'id': -n} for n in range(5000)), docs[6]]",
    "and within it": "docs.append(docs[:4500])\nother = docs[-1]",
}
# Where each of the other's elements lies among the documents: identity, in a form that survives a restore.
PLACES = """
def flat(value):
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, list) and each and isinstance(each[0], dict):
            yield from each
        else:
            yield each

place = {id(each): n for n, each in enumerate(flat(docs))}
places = [place.get(id(each), each) for each in flat(other)]
keys = list(other) if isinstance(other, dict) else None
"""


def places(world: World) -> object:
    """Return what the other container holds, as places in the first."""
    scope = {name: world.value(name) for name in ("docs", "other")}
    exec(PLACES, scope)
    return scope["places"], scope["keys"]


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
def test_they_come_back_as_the_same_objects(other: str) -> None:
    """In the same kernel and in a fresh one, and then nothing seems changed."""
    world = World()
    world.run(DOCS)
    world.run(other)
    before = places(world)
    moment = world.moment()
    assert dict(world.capture().bound) == {}
    world.run("next(iter(docs.values() if isinstance(docs, dict) else docs)).clear()")
    world.run("other = 1")
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    for each in (world, fresh):
        assert places(each) == before
        assert dict(each.capture().bound) == {}


def test_what_they_share_is_stored_once() -> None:
    """Four bytes an element, not the documents again."""
    world = World()
    world.run(DOCS)
    alone = world.engine.live()["docs"].size
    world.run("other = sorted(docs, key=lambda doc: -doc['id'])\nmore = dict(enumerate(docs))")
    together = world.engine.live()["docs"]
    assert together is world.engine.live()["other"] is world.engine.live()["more"]
    assert together.size < alone + 6000 * (2 * 4 + 4) + 2000


@pytest.mark.parametrize(
    "change", ["other[3], other[4] = other[4], other[3]", "other[7]['tags'].append(1)", "del other[-1]"]
)
def test_a_change_of_either_is_seen(change: str) -> None:
    """Of the order, of a document, of the length."""
    world = World()
    world.run(DOCS)
    world.run("other = docs[::-1]")
    assert set(world.run(change).bound) == {"docs", "other"}


def test_they_part_again() -> None:
    """When the first is gone, the second has pieces of its own."""
    world = World()
    world.run(DOCS)
    world.run("other = docs[::-1]")
    world.run("del docs")
    fresh = world.fresh()
    assert fresh.restore(world.moment()).gaps == ()
    assert fresh.value("len(other), other[0]['id'], other[-1]['text']") == (6000, 5999, "text 0")
