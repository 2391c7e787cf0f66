"""One component loaded as a restore in a fresh kernel would load it, and compared with what was saved."""

from collections.abc import Mapping
from typing import Any

import msgspec

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.model import ComponentId
from runtrack_jupyter.state.deadline import TooSlowError
from runtrack_jupyter.state.loading import LoadError, Loading
from runtrack_jupyter.state.patience import Patience
from runtrack_jupyter.state.records import Limits, Payload
from runtrack_jupyter.state.roundtrip.anatomy import Anatomy
from runtrack_jupyter.state.roundtrip.census import decode_census, plain_sketch
from runtrack_jupyter.state.roundtrip.comparing import Difference, differences
from runtrack_jupyter.state.roundtrip.harmless import is_harmless
from runtrack_jupyter.state.sources import LiveMemory, Source

__all__ = ["Finding", "Outcome", "check"]


class Finding(msgspec.Struct, frozen=True):
    """One way in which a component does not come back as it was, in words for people.

    With `type` and `part`, those of the census, later captures of such objects can be marked at once.
    """

    words: str
    type: str = ""
    part: str = ""
    came_back: bytes = b""  # a sketch; empty where there is nothing, or too much to be described


class Outcome(msgspec.Struct, frozen=True):
    """What came of a check: `error` says why the component cannot be loaded, else `findings` what differs.

    `unknown` says why nothing can be said.
    """

    findings: tuple[Finding, ...] = ()
    error: str = ""
    unknown: str = ""


def check(
    payload: Payload, component_id: ComponentId, classes: Mapping[str, ComponentId], census: bytes
) -> Outcome:
    """Load a component into an empty namespace and say how it differs; runs the user's unpickling code."""
    memos: dict[ComponentId, dict[int, Any]] = {}
    source = Source(payload, LiveMemory((), lambda _known: None))
    with Patience(Limits(), everything=True) as patience:
        loading = Loading({"__name__": "__main__"}, source, classes, lambda _key: None, patience, memos)
        loading.load([component_id])
    error = loading.failed.get(component_id)
    if isinstance(error, (RuntrackError, TooSlowError)):
        return Outcome(unknown=str(error))  # of the store or this moment, not of the component
    if isinstance(error, LoadError):
        return Outcome(error=str(error))
    if error is not None:
        return Outcome(error=f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    found = differences(decode_census(census), memos[component_id])
    return Outcome(findings=_findings(each for each in found if not is_harmless(each)))


def _findings(found: Any) -> tuple[Finding, ...]:
    """Say each difference once, however many objects of a class have it."""
    said = {(each.type, each.part, each.what): each for each in found}
    return tuple(_finding(each) for each in said.values())


def _finding(found: Difference) -> Finding:
    words = _words(found)
    if found.what in {"lost", "replaced"}:
        return Finding(words, found.type, found.part)
    if found.what == "changed" and found.part[:1] in {".", "/"}:
        came_back = plain_sketch(dict(Anatomy(type(found.came_back)).parts(found.came_back))[found.part])
        return Finding(words, found.type, found.part, came_back) if came_back else Finding(words)
    return Finding(words)


def _words(found: Difference) -> str:
    owner = f"`{found.type.rpartition('.')[2]}`"
    name = found.part[1:]
    if found.what == "replaced":
        kind = type(found.came_back)
        return f"an object of class {owner} comes back as one of class `{kind.__qualname__}`"
    if found.part == "[]":
        return f"what {owner} holds comes back different"
    if found.part == "=":
        return f"the value of {owner} comes back different"
    if found.part.startswith("@"):
        return f"what `{name}` holds for objects of class {owner} is lost"
    words = {"lost": "is lost", "added": "is there though it was not", "changed": "comes back different"}
    return f"attribute `{name}` of {owner} {words[found.what]}"
