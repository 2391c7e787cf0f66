"""What is said about runs and notebooks after they were recorded: a file for every process that says something."""

from datetime import datetime
from pathlib import Path

import msgspec

from runtrack_jupyter.model import ComponentId, Gap, NotebookId, RunId, Scalar, StepId
from runtrack_jupyter.store.layout import events_folder, prepare_store
from runtrack_jupyter.store.lines import LineReader, append_line

__all__ = [
    "Annotation",
    "Event",
    "EventLog",
    "Events",
    "Found",
    "GapFound",
    "Labelled",
    "Noted",
    "PathBound",
    "Renamed",
    "Starred",
]


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What every event shares; the one said last holds."""

    at: datetime
    author: str = ""


class PathBound(_Event, frozen=True, tag="path"):
    """The notebook lies at this absolute path from now on."""

    notebook_id: NotebookId
    path: str
    forked_from: NotebookId | None = None


class Renamed(_Event, frozen=True, tag="message"):
    """The run has another message."""

    run_id: RunId
    message: str


class Labelled(_Event, frozen=True, tag="label"):
    """The run has a label, or none of that name any more (`value` None)."""

    run_id: RunId
    name: str
    value: Scalar = None


class Starred(_Event, frozen=True, tag="star"):
    """The run is a favourite, or is not any more."""

    run_id: RunId
    starred: bool


class Noted(_Event, frozen=True, tag="note"):
    """Somebody wrote something about the run."""

    run_id: RunId
    text: str


class GapFound(_Event, frozen=True, tag="gap"):
    """Something turned out to be missing from a run or step, or not to come back from a component as it was.

    With a component it stands beside the variable that is the gap's subject in every run and step that holds it.
    """

    gap: Gap
    run_id: RunId | None = None
    step_id: StepId | None = None
    component_id: ComponentId | None = None


Annotation = Renamed | Labelled | Starred | Noted  # what a person says of a run

Event = PathBound | Annotation | GapFound

Found = dict[ComponentId, dict[str, Gap]]  # what was found of components, by the roots it is about

_decoder = msgspec.json.Decoder(Event)


class EventLog:
    """The events of this process in one store; nothing is made on disk before the first."""

    def __init__(self, store: Path) -> None:
        self._store = store
        from ulid import ULID  # it takes long to import, and the kernel never says anything

        self._path = events_folder(store) / f"{ULID()}.jsonl"

    def append(self, event: Event) -> None:
        """Make an event durable.

        Raises
        ------
        StoreUnavailableError
            The store cannot be written.
        """
        prepare_store(self._store)
        append_line(self._path, msgspec.json.encode(event))


class Events:
    """All events of one store, folded; what came later holds, whoever said it."""

    def __init__(self, store: Path) -> None:
        self._folder = events_folder(store)
        self._readers: dict[str, LineReader] = {}
        self.paths: dict[NotebookId, PathBound] = {}
        self.found: Found = {}
        self.of_runs: dict[RunId, list[Annotation]] = {}

    def refresh(self) -> bool:
        """Read what was appended; return whether anything was."""
        changed = False
        try:
            names = sorted(path.name for path in self._folder.iterdir() if path.suffix == ".jsonl")
        except OSError:
            return False  # nobody has said anything
        for name in names:
            reader = self._readers.setdefault(name, LineReader(self._folder / name))
            for line in reader.read():
                changed = True
                try:
                    event = _decoder.decode(line)
                except msgspec.DecodeError:
                    continue  # of a kind that came later
                if isinstance(event, GapFound) and event.component_id is not None:
                    self.found.setdefault(event.component_id, {})[event.gap.subject] = event.gap
                if isinstance(event, Annotation):
                    self.of_runs.setdefault(event.run_id, []).append(event)
                if isinstance(event, PathBound):
                    known = self.paths.get(event.notebook_id)
                    if known is None or known.at <= event.at:
                        self.paths[event.notebook_id] = event
        return changed
