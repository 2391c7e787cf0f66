"""Commands that wait for one browser tab: held until claimed, given to the first, forgotten after a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ulid import ULID

from runtrack_jupyter.errors import ClaimedError, NotFoundError
from runtrack_jupyter.server.messages import Command

__all__ = ["Commands"]

_WAITS = 60.0  # seconds in which a tab may claim a command
_REMEMBERED = 1000  # at most; the oldest are forgotten first


@dataclass
class _Entry:
    command: Command | None  # None: announced by a kernel over its comm, and never posted here
    since: float
    claimed: bool = False


class Commands:
    """The commands of the last minutes. Used from the event loop only, so that a claim needs no lock."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}

    def post(self, command: Command) -> bool:
        """Hold a command; return whether it is new."""
        self._forget()
        if command.command_id in self._entries:
            return False
        self._entries[command.command_id] = _Entry(command, self._clock())
        return True

    def waiting(self, path: str) -> list[Command]:
        """Return the commands for the notebook at `path` that nobody has claimed yet, oldest first."""
        self._forget()
        return [
            entry.command
            for entry in self._entries.values()
            if entry.command is not None and entry.command.path == path and self._is_open(entry)
        ]

    def claim(self, command_id: str) -> None:
        """Give the command to the caller.

        Raises
        ------
        ClaimedError
            Somebody was faster.
        NotFoundError
            It waited too long: what it asked for may no longer be wanted.
        """
        self._forget()
        entry = self._entries.get(command_id)
        if entry is None:
            # The id is a ULID, so a command that was forgotten can be told from one never heard of.
            entry = _Entry(None, min(ULID.from_str(command_id).timestamp, self._clock()))
            if self._is_open(entry):
                self._entries[command_id] = entry
        if entry.claimed:
            raise ClaimedError(command_id)
        if not self._is_open(entry):
            raise NotFoundError("command", command_id)
        entry.claimed = True

    def acknowledge(self, command_id: str) -> None:
        """Note that a command was carried out; nobody gets it any more.

        Raises
        ------
        NotFoundError
            There was none of that id.
        """
        entry = self._entries.get(command_id)
        if entry is None:
            raise NotFoundError("command", command_id)
        entry.claimed = True

    def _is_open(self, entry: _Entry) -> bool:
        return not entry.claimed and self._clock() - entry.since <= _WAITS

    def _forget(self) -> None:
        # Twice as long as a command waits: by then its id is too old to be claimed as one never heard of.
        over = self._clock() - 2 * _WAITS
        spare = len(self._entries) - _REMEMBERED
        for number, (command_id, entry) in enumerate(list(self._entries.items())):
            if entry.since < over or number < spare:
                del self._entries[command_id]
