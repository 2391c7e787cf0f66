"""Cells run and checked in one process: what a round-trip check says of them."""

from runtrack_jupyter.model import ComponentId
from runtrack_jupyter.state.roundtrip.checking import Outcome, check
from tests.state.world import World

__all__ = ["checked", "findings"]


def checked(world: World, source: str) -> dict[tuple[str, ...], Outcome]:
    """Run a cell and check what it made, as another process would."""
    capture = world.run(source)
    assert capture.gaps == ()
    outcomes: dict[tuple[str, ...], Outcome] = {}
    for each in capture.checks:
        classes = {root: ComponentId(str(live.component_id)) for root, live in each.classes.items()}
        component_id = ComponentId(str(each.live.component_id))
        outcomes[each.live.roots] = check(world.memory, component_id, classes, each.census)
    return outcomes


def findings(source: str) -> list[str]:
    """Return, in words, all that does not come back of what a cell makes."""
    found = []
    for outcome in checked(World(), source).values():
        assert outcome.unknown == ""
        found += [outcome.error] if outcome.error else [each.words for each in outcome.findings]
    return sorted(found)
