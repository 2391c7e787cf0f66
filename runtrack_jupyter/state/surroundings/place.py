"""What each part of the surroundings is: how to look at it cheaply, and how to bring it back."""

import marshal
from typing import Any, NamedTuple, Protocol

from runtrack_jupyter.state.ledger import NOTHING

__all__ = ["Place", "Seen", "Settings", "seen"]


class Seen(NamedTuple):
    """How a place is: `value` is what is saved, `key` equals another only where the content is the same.

    `plain` values are saved as they are; others hold objects that variables may share.
    """

    key: bytes
    value: Any
    plain: bool = True


def seen(value: Any) -> Seen:
    """Return plain data as seen; by its bytes, so that 1 is not True and 0.0 is not -0.0."""
    return Seen(marshal.dumps(value, 2), value)


class Place(Protocol):
    """One part of the surroundings."""

    def look(self) -> Seen | None:
        """Return how it is; None where there is no such thing. Called after every cell."""

    def apply(self, value: Any) -> None:
        """Bring it back; raises OSError, ImportError, LookupError, ValueError or TypeError where it cannot."""


class Settings:
    """A place of plain settings, of which only those are kept that differ from what they were at first.

    What nobody changed is the business of the machine and the library it runs on, and not of the record.
    """

    def __init__(self) -> None:
        self._first = self.now()

    def now(self) -> dict[str, Any]:
        """Return the settings."""
        raise NotImplementedError

    def put(self, settings: dict[str, Any]) -> None:
        """Change the settings that are given."""
        raise NotImplementedError

    def look(self) -> Seen | None:
        """Return what differs."""
        first, now = self._first, self.now()
        return seen(
            {name: value for name, value in now.items() if not _same(value, first.get(name, NOTHING))}
        )

    def apply(self, value: dict[str, Any]) -> None:
        """Set what differed, and everything else to what it was at first."""
        now, wanted = self.now(), {**self._first, **value}
        self.put({name: each for name, each in wanted.items() if not _same(now.get(name, NOTHING), each)})


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and marshal.dumps(one, 2) == marshal.dumps(other, 2))
