"""What kernel, checker and worker tell each other: one JSON object a line."""

import msgspec

from runtrack_jupyter.model import ComponentId, Gap
from runtrack_jupyter.state.roundtrip.checking import Outcome

__all__ = ["Answer", "Found", "Job", "Loss", "encode_line"]


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """One component to be checked; where to look for modules, and where the kernel stands."""

    component_id: ComponentId
    roots: tuple[str, ...]
    classes: dict[str, ComponentId]
    census: bytes
    size: int
    modules: tuple[str, ...]
    cwd: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the worker found out. `refused` names what the loading tried to do that a check must not do."""

    component_id: ComponentId
    outcome: Outcome
    refused: tuple[str, ...] = ()
    memory: int = 0  # bytes that the worker takes by now


class Loss(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is lost of objects of a type: later ones can be marked without being loaded.

    `came_back` is the sketch of what was there instead; empty where there was nothing.
    """

    type: str
    part: str
    words: str
    came_back: bytes = b""


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the checker tells the kernel, when it is on record; without gaps, the component is as it was."""

    component_id: ComponentId
    gaps: tuple[Gap, ...] = ()
    losses: tuple[Loss, ...] = ()


def encode_line(message: msgspec.Struct) -> bytes:
    """Return a message as one line."""
    return msgspec.json.encode(message) + b"\n"
