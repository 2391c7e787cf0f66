"""Of what several processes say about one run, what was said last holds."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Author, Measured, NotebookId, Run, RunId, SessionId
from runtrack_jupyter.store.annotations import annotated, annotations
from runtrack_jupyter.store.events import EventLog, Events

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
RUN = RunId("01ARZ3NDEKTSV4RRFFQ69G5FAV")


def run() -> Run:
    return Run(
        run_id=RUN,
        session_id=SessionId("s"),
        notebook_id=NotebookId("n"),
        created_at=NOON,
        author=Author(name="ada"),
        message="as recorded",
        labels=(Measured(name="kind", value="baseline"),),
    )


def test_the_latest_word_holds_whoever_said_it_and_in_whatever_order_it_is_read(tmp_path: Path) -> None:
    """Two tabs, a terminal and a server each write a file of their own; files are read by name, not by time."""
    first, second = EventLog(tmp_path), EventLog(tmp_path)
    for log, minutes, message in [(second, 3, "third"), (first, 1, "first"), (second, 2, "second")]:
        at = NOON + timedelta(minutes=minutes)
        for event in annotations(
            RUN, at=at, author="ada", message=message, note=message, labels={"seed": minutes}
        ):
            log.append(event)
    events = Events(tmp_path)
    events.refresh()
    found = annotated(run(), [events])

    assert found.message == "third"
    assert [note.text for note in found.notes] == ["first", "second", "third"]
    assert [(label.name, label.value) for label in found.labels] == [("kind", "baseline"), ("seed", 3)]


def test_what_another_store_says_of_a_run_counts_too(tmp_path: Path) -> None:
    """A colleague's store is read only: what one says of their runs lies in one's own."""
    own, other = tmp_path / "own", tmp_path / "other"
    for store, event in [
        (own, annotations(RUN, at=NOON, author="ada", starred=True)[0]),
        (other, annotations(RUN, at=NOON, author="bo", labels={"kind": None})[0]),
    ]:
        EventLog(store).append(event)
    events = [Events(own), Events(other)]
    for each in events:
        each.refresh()
    found = annotated(run(), events)

    assert (found.starred, found.labels) == (True, ())


def test_a_number_that_json_cannot_hold_is_no_label() -> None:
    """It would be written as null, which takes the label away."""
    with pytest.raises(UsageError, match="finite"):
        annotations(RUN, at=NOON, author="ada", labels={"x": float("nan")})
