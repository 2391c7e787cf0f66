"""What the state engine takes and gives: captures, restores, limits, and where payload is read from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from runtrack_jupyter.model import ComponentId, Digest, Gap, Manifest, Wanted
from runtrack_jupyter.state.component import LiveComponent

__all__ = ["Capture", "Check", "Limits", "Payload", "Restored"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be saved, and how long that may take."""

    variable: int = 2 << 30  # bytes of one variable; beyond it the variable is a gap
    step: int = 16 << 30  # bytes that one capture copies; what comes after that is a gap
    variable_seconds: float = 10.0  # for code of the user's, as one variable is looked at or made again
    step_seconds: float = 30.0  # likewise, for all that one step touched


class Check(msgspec.Struct, frozen=True, eq=False):
    """A component that may come back as something else, with what is needed to find out.

    `census` says what its custom objects really are (`census`); `classes` are the components of the classes it
    refers to, by root.
    """

    live: LiveComponent
    census: bytes
    classes: Mapping[str, LiveComponent]


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from the last capture.

    A root that became a gap is in `gaps` only: it has lost its component without being dropped.
    """

    bound: Mapping[str, LiveComponent]
    dropped: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    checks: tuple[Check, ...] = ()


class Payload(Protocol):
    """Where a restore reads saved components from."""

    def manifest(self, component_id: ComponentId) -> Manifest:
        """Return the manifest of a component on record; raises NotFoundError or DamagedStoreError."""

    def sizes(self, digests: Sequence[Digest]) -> list[int]:
        """Return how many bytes each chunk has; raises NotFoundError or DamagedStoreError."""

    def read(
        self, wanted: Sequence[Wanted], into: memoryview, progress: Callable[[int], None] | None = None
    ) -> None:
        """Put verified chunks where they are wanted in `into`; raises DamagedStoreError.

        `progress` is told how many bytes came, again and again.
        """


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore did to the visible names; `gaps` also names reserved roots.

    `otherwise` says of names that came back under other versions of libraries what they were made with.
    """

    kept: tuple[str, ...]
    loaded: tuple[str, ...]
    removed: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    otherwise: Mapping[str, str] = {}
