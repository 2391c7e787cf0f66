"""What the handlers of one server share; made once, when the extension is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from runtrack_jupyter.server.commands import Commands
from runtrack_jupyter.server.live import LiveDocuments
from runtrack_jupyter.server.reader import Reader
from runtrack_jupyter.server.watching import Watcher
from runtrack_jupyter.tracking.annotating import Annotator

__all__ = ["Services"]


@dataclass(frozen=True, kw_only=True)
class Services:
    """The record, and what waits to be handed on."""

    reader: Reader
    watcher: Watcher
    commands: Commands
    live: LiveDocuments
    annotator: Annotator
    environ: Mapping[str, str]
    root: (
        Path | None
    )  # the folder that contents paths start from; None where the contents manager has no files
    settings_lock: Lock  # one writer of the settings file at a time
