"""One object through capture and restore: what came of it.

The first process makes the object, records it, and restores it in the same and in a fresh namespace; a second one,
which knows nothing of the first, restores it again. Both say what they see; `outcome` compares.
"""

import pickle
from pathlib import Path
from typing import Any

import msgspec

from runtrack_jupyter.state.links import Neutral
from tests.objects.entry import Entry, Shelf
from tests.objects.making import Made, instance_of, limited
from tests.objects.portrait import portrait, without_addresses
from tests.state.world import Memory, Moment, World

__all__ = ["Outcome", "Seen", "see_restored", "try_class", "try_entry"]


_neutral = Neutral()  # the identity of what cannot change is not promised


class Seen(msgspec.Struct):
    """What one process saw of one row. `views` are what the object is said to be, by who looked."""

    row: str
    kind: str  # "made", "gap", "not made", "rebuilt"
    words: str = ""
    views: dict[str, list[str]] = {}
    restless: str = ""
    of_class: bool = False  # found by looking; an entry's probes hold for what is rebuilt as well


class Outcome(msgspec.Struct, frozen=True):
    """What the page says of one row."""

    row: str
    kind: str  # "exact", "rebuilt", "gap", "silently wrong", "not made"
    words: str = ""


def try_entry(entry: Entry, file: Path) -> Seen:
    """Run an entry's cells in a world, and leave what was saved in `file`."""
    seen = Seen(entry.name, "made")
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    exec(entry.make, names)
    seen.views["never recorded"] = _probed(entry.probes, names)
    world = World()
    with limited(60):
        _record(world, lambda: world.run(entry.make), seen)
        if seen.kind == "gap":
            return seen
        moment = _save(world, entry.probes, file)
        if entry.change:
            changed = world.run(entry.change)
            if not (changed.bound or changed.dropped or changed.gaps):
                seen.views["after a change nobody saw"] = ["the change was not seen"]
        else:
            world.run("\n".join(f"{name} = None" for name in _own_names(world)))
        _restore(world, moment, seen, "restored in the same kernel", entry.probes)
        _restore(world.fresh(), moment, seen, "restored in a fresh namespace", entry.probes)
    return seen


def try_class(path: str, cls: type, shelf: Shelf, space: dict[str, Any], file: Path) -> Seen:
    """Make an instance of a class, record it, and leave what was saved in `file`."""
    made = instance_of(path, cls, shelf, space)
    if not isinstance(made, Made):
        return Seen(path, "not made", made)
    seen = Seen(path, "made", of_class=True)
    with limited(60):
        first = portrait(made.value, shelf.ignored)
        again = portrait(made.value, shelf.ignored)
        volatile = set(first) ^ set(again)
        seen.views["as made"] = [line for line in again if line not in volatile]
        world = World()
        world.names["x"], world.names["held"] = made.value, [made.value]
        _record(world, world.capture, seen)
        if seen.kind == "gap":
            return seen
        seen.views["after it was recorded"] = portrait(made.value, shelf.ignored)
        moment = _save(world, (), file)
        del world.names["x"], world.names["held"]
        world.capture()
        _restore(world, moment, seen, "restored in the same kernel", (), shelf)
        _restore(world.fresh(), moment, seen, "restored in a fresh namespace", (), shelf)
    for view, lines in seen.views.items():
        if lines != seen.views["as made"]:
            seen.views[view] = [line for line in lines if line not in volatile]
    return seen


def see_restored(file: Path, shelf: Shelf, row: str) -> Seen:
    """Restore what another process left in `file` and look at it."""
    chunks, manifests, components, probes = pickle.loads(file.read_bytes())
    world = World(Memory())
    world.memory.chunks, world.memory.manifests = chunks, manifests
    seen = Seen(row, "made")
    with limited(60):
        _restore(world, Moment(components, ()), seen, "restored in another process", probes, shelf)
    return seen


def _own_names(world: World) -> list[str]:
    return [name for name in world.names if not name.startswith("_")]


def _record(world: World, capture: Any, seen: Seen) -> None:
    """Record it; looking again must find it as it is."""
    first = capture()
    if first.gaps:
        seen.kind, seen.words = "gap", without_addresses(first.gaps[0].reason)
        return
    rebuilt = {words for name in _own_names(world) if (words := world.engine.rebuilt(name))}
    if rebuilt:
        seen.kind, seen.words = "rebuilt", "; ".join(sorted(rebuilt))
    for _ in range(2):
        if world.capture().bound:
            seen.restless = "looks changed at every look"


def _save(world: World, probes: tuple[str, ...], file: Path) -> Moment:
    moment = world.moment()
    saved = (world.memory.chunks, world.memory.manifests, moment.components, probes)
    file.write_bytes(pickle.dumps(saved))
    return moment


def _restore(
    world: World, moment: Moment, seen: Seen, view: str, probes: tuple[str, ...], shelf: Shelf | None = None
) -> None:
    gaps = world.restore(moment).gaps
    if gaps:
        seen.kind = "gap"
        seen.words = seen.words or f"found when it is loaded: {without_addresses(gaps[0].reason)}"
        return
    if world.capture().bound and not seen.restless:
        seen.restless = "looks changed after a restore"
    if shelf is None or probes:
        seen.views[view] = _probed(probes, world.names)
    else:
        seen.views[view] = portrait(world.names["x"], shelf.ignored)
        if world.names["held"][0] is not world.names["x"] and not _neutral[type(world.names["x"])]:
            seen.views[view].append("it is another object than the one in the list")


def _probed(probes: tuple[str, ...], names: dict[str, Any]) -> list[str]:
    return [without_addresses(_answer(probe, names)) for probe in probes]


def _answer(probe: str, names: dict[str, Any]) -> str:
    try:
        return repr(eval(probe, names))
    except Exception as error:  # noqa: BLE001 - what it raises is the answer
        return f"{type(error).__name__}: {error}"
