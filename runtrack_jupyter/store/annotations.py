"""What people say of a run after it was made: another message, labels, a star, notes. The run itself stays as it was."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Measured, Note, Run, RunId, Scalar
from runtrack_jupyter.store.events import Annotation, Events, Labelled, Noted, Renamed, Starred

__all__ = ["annotated", "annotations"]

_LONGEST = {"message": 1000, "label's name": 100, "label": 200, "note": 10_000}


def annotations(
    run_id: RunId,
    *,
    at: datetime,
    author: str,
    message: str | None = None,
    labels: Mapping[str, Scalar] | None = None,
    starred: bool | None = None,
    note: str | None = None,
) -> list[Annotation]:
    """Return the events that say these things of a run; what is None is not said.

    A label is a name with a value: True where only the name matters, None to take the label away. An empty message
    takes the message away.

    Raises
    ------
    UsageError
        A text is empty, too long or no text; a number is not finite; or nothing is said.
    """
    said: list[Annotation] = []
    if message is not None:
        text = _text("message", message, empty=True)
        said.append(Renamed(run_id=run_id, at=at, author=author, message=text))
    for name, value in (labels or {}).items():
        label = _text("label's name", name, lines=False)
        said.append(Labelled(run_id=run_id, at=at, author=author, name=label, value=_value(value)))
    if starred is not None:
        said.append(Starred(run_id=run_id, at=at, author=author, starred=starred))
    if note is not None:
        said.append(Noted(run_id=run_id, at=at, author=author, text=_text("note", note)))
    if not said:
        raise UsageError("say what to change: message, labels, starred or note")
    return said


def annotated(run: Run, stores: Iterable[Events]) -> Run:
    """Return a run with all that was said of it in any of the stores; what was said last holds."""
    said = [event for events in stores for event in events.of_runs.get(run.run_id, ())]
    if not said:
        return run
    message, starred, notes = run.message, run.starred, list(run.notes)
    labels = {label.name: label for label in run.labels}
    for event in sorted(said, key=lambda event: event.at):
        match event:
            case Renamed():
                message = event.message
            case Starred():
                starred = event.starred
            case Noted():
                notes.append(Note(text=event.text, at=event.at, author=event.author))
            case Labelled(value=None):
                labels.pop(event.name, None)
            case Labelled():
                labels[event.name] = Measured(name=event.name, value=event.value, at=event.at)
    return msgspec.structs.replace(
        run, message=message, starred=starred, notes=tuple(notes), labels=tuple(labels.values())
    )


def _value(value: Scalar) -> Scalar:
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError("a label is text, true or false, or a finite number")
    return _text("label", value, lines=False) if isinstance(value, str) else value


def _text(what: str, text: str, *, empty: bool = False, lines: bool = True) -> str:
    """Return a text as it is kept: without space around it."""
    kept = text.strip()
    if not kept and not empty:
        raise UsageError(f"a {what} cannot be empty")
    if len(kept) > _LONGEST[what]:
        raise UsageError(f"a {what} has at most {_LONGEST[what]:,} characters; this has {len(kept):,}")
    allowed = "\n\t" if lines else ""
    if any(ord(character) < 32 and character not in allowed for character in kept):
        raise UsageError(f"a {what} holds no control characters")
    return kept
