"""Says things about runs in the name of this user: durable when it returns, and without the secrets known here."""

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock

from runtrack_jupyter.capture.author import author_of
from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.model import RunId, Scalar
from runtrack_jupyter.store.annotations import annotations
from runtrack_jupyter.store.events import EventLog
from runtrack_jupyter.store.layout import user_key

__all__ = ["Annotator"]


class Annotator:
    """What one process says; threads may share it. Nothing is made on disk before the first word."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._lock = Lock()
        self._logs: dict[Path, EventLog] = {}

    def annotate(
        self,
        store: Path,
        run_id: RunId,
        *,
        message: str | None = None,
        labels: Mapping[str, Scalar] | None = None,
        starred: bool | None = None,
        note: str | None = None,
    ) -> None:
        """Say these things of a run of that store; see `runtrack_jupyter.store.annotations.annotations`.

        Raises
        ------
        UsageError
            Something of it cannot be said; then nothing is.
        StoreUnavailableError
            The store cannot be written.
        """
        cut = Redactor(self._environ, user_key(create=False)).value
        said = annotations(
            run_id,
            at=datetime.now(timezone.utc),
            author=author_of(self._environ).name,
            message=cut(message),
            labels={cut(name): cut(value) for name, value in (labels or {}).items()},
            starred=starred,
            note=cut(note),
        )
        with self._lock:
            log = self._logs.setdefault(store, EventLog(store))
            for event in said:
                log.append(event)
