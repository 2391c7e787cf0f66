"""Which values were taken out of the record to free disk space: a log of them, and what it means to a reader."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from runtrack_jupyter.model import STILL_SAVED, ComponentId, Gap, SessionId
from runtrack_jupyter.store.folding import FoldedSession
from runtrack_jupyter.store.layout import thinned_file
from runtrack_jupyter.store.lines import LineReader, append_line

__all__ = ["Gone", "Thinned", "ThinnedLog", "without_gone"]


class Thinned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="thinned"):
    """What a session saved of these components is not there any more."""

    session_id: SessionId
    components: tuple[ComponentId, ...]
    at: datetime


class ThinnedLog:
    """The log of one store. Whoever appends holds the store lock."""

    def __init__(self, store: Path) -> None:
        self._reader = LineReader(thinned_file(store))
        self.gone: dict[ComponentId, dict[SessionId, datetime]] = {}

    def refresh(self) -> bool:
        """Read what was appended; return whether anything was."""
        changed = False
        for line in self._reader.read():
            changed = True
            try:
                found = msgspec.json.decode(line, type=Thinned)
            except msgspec.DecodeError:
                continue  # of a kind that came later, or cut short
            for component_id in found.components:
                self.gone.setdefault(component_id, {})[found.session_id] = found.at
        return changed

    def append(self, line: Thinned) -> None:
        """Make it durable that these values are gone; to be done before they are."""
        append_line(self._reader.path, msgspec.json.encode(line))


class Gone:
    """The components that no session holds any more, of all the stores of a history.

    What was thinned and saved again later, by another session, is there.
    """

    def __init__(self) -> None:
        self.at: dict[ComponentId, datetime] = {}
        self._seen: dict[SessionId, int] = {}

    def refresh(
        self, logs: Iterable[ThinnedLog], sessions: Mapping[SessionId, FoldedSession], *, anew: bool
    ) -> None:
        """Take in what the sessions saved since the last time; `anew` when a log grew or a session was read again."""
        logs = [log for log in logs if log.gone]
        if anew:
            self._seen = {}
            self.at = {
                component: max(where.values()) for log in logs for component, where in log.gone.items()
            }
        if not self.at:
            return
        for session_id, session in sessions.items():
            if self._seen.get(session_id) != len(session.components):
                self._seen[session_id] = len(session.components)
                for component in self.at.keys() & session.components.keys():
                    if not any(session_id in log.gone.get(component, ()) for log in logs):
                        del self.at[component]


def without_gone(
    components: Mapping[str, ComponentId], gaps: Collection[Gap], gone: Mapping[ComponentId, datetime]
) -> tuple[Gap, ...]:
    """Return the gaps of a state with one for each root whose value was taken out of the record."""
    if not gone:
        return tuple(gaps)
    roots = {root: gone[component] for root, component in components.items() if component in gone}
    known = {gap.subject for gap in gaps if gap.kind not in STILL_SAVED}
    said = tuple(
        Gap(subject=root, kind="thinned", reason=f"removed on {at.date().isoformat()} to free disk space")
        for root, at in roots.items()
        if root not in known
    )
    return (*(gap for gap in gaps if gap.subject not in roots or gap.subject in known), *said)
