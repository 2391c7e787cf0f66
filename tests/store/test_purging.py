"""A run that is purged is gone: from the segments, from Git, from what was said; and the rest is whole."""

import subprocess
from pathlib import Path

import pytest

from runtrack_jupyter.capture.environment import environment
from runtrack_jupyter.errors import NotFoundError, UntrustedError, UsageError
from runtrack_jupyter.model import Run
from runtrack_jupyter.store.annotations import annotations
from runtrack_jupyter.store.events import EventLog
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import git_folder
from runtrack_jupyter.store.purging import preview, purge
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.sealing import seal
from tests.store.builder import Kernel, components_of, read_history
from tests.store.conftest import KEY, at
from tests.store.test_collecting import errors, gc, value

SECRET = "hunter2-the-secret"


def story(store: Path) -> tuple[Run, Run, Run]:
    """Three sealed runs of one session; the second one holds a secret wherever one can be."""
    kernel = Kernel(store)
    kernel.run_cell("df = load()", df="data")
    kernel.list_cells("df = load()")
    first = kernel.checkpoint("before")
    kernel.begin(f"password = {SECRET!r}")
    kernel.show({"output_type": "stream", "name": "stdout", "text": SECRET})
    kernel.end()
    kernel.list_cells("df = load()", f"password = {SECRET!r}", "model = 1")
    kernel.capture({"password": SECRET, "kept": "kept"})
    kernel.capture({"model": SECRET + "model"})
    second = kernel.checkpoint(SECRET)
    kernel.run_cell("del password; model = 2", password=None, model="later")
    kernel.list_cells("df = load()", "model = 1")
    third = kernel.checkpoint("after")
    kernel.writer.close()
    history = read_history(store)
    for run in (first, second, third):
        sealed(store, history, run)
    log = EventLog(store)
    for event in annotations(second.run_id, at=at(9999), author="ada", note=SECRET, labels={SECRET: True}):
        log.append(event)
    return first, second, third


def sealed(store: Path, history: History, run: Run) -> None:
    text = SECRET if run.message == SECRET else "nothing"
    cell = {
        "cell_type": "code",
        "id": "c",
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": 1,
    }
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    seal(
        store,
        history.logged(run.run_id),
        history,
        document=document,
        origin="live",
        environment=environment(),
        files={"secret.py": text.encode()},
    )


def everything(store: Path) -> bytes:
    """Return all that is on disk, the objects of Git unpacked."""
    git = ["git", f"--git-dir={git_folder(store)}"]
    names = subprocess.run(
        [*git, "cat-file", "--batch-all-objects", "--batch"], capture_output=True, check=True
    ).stdout
    return names + b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())


def payload_of(store: Path, *texts: str) -> list[str]:
    """Return which of these values are still in the store."""
    history = read_history(store)
    there = components_of({text: text for text in texts})
    return [text for text in texts if any(history.component_locations(there[text]))]


def test_nothing_of_a_purged_run_is_left(store: Path) -> None:
    """Purging is for what must not exist any more: a secret, somebody's data."""
    first, second, third = story(store)
    assert SECRET.encode() in everything(store)
    purge(store, second.run_id, KEY)

    assert SECRET.encode() not in everything(store)
    assert payload_of(store, SECRET, SECRET + "model") == []
    assert RunRepository(store).commit_of(second.run_id) is None
    history = read_history(store)
    assert [run.run_id for run in history.runs()] == [third.run_id, second.run_id, first.run_id]
    with pytest.raises(NotFoundError, match="purged"):
        history.snapshot(second.run_id)


def test_the_runs_before_and_after_are_as_they_were(store: Path) -> None:
    """Also where they rest on steps of the purged one."""
    first, second, third = story(store)
    before = read_history(store)
    expected = {run.run_id: before.snapshot(run.run_id) for run in (first, third)}
    step = third.steps[-1]
    state, cells = before.snapshot(step), before.cells(step)
    purge(store, second.run_id, KEY)

    history = read_history(store)
    for run_id, snapshot in expected.items():
        assert history.snapshot(run_id) == snapshot
    assert history.snapshot(step) == state
    assert history.cells(step) == cells
    assert value(history, third.run_id, "df") == b"data" * 40
    assert value(history, third.run_id, "kept") == b"kept" * 40


def test_the_chain_still_verifies_and_fsck_says_what_was_purged(store: Path) -> None:
    """A tombstone stands for the run, signed, with the run's digest."""
    _, second, third = story(store)
    purge(store, second.run_id, KEY)

    findings = fsck(store, KEY)
    assert [each for each in findings if each.severity != "info"] == []
    assert [each.subject for each in findings if each.kind == "purged"] == [second.run_id]
    assert [each.kind for each in fsck(store, bytes(32)) if each.severity == "error"] == []
    history = read_history(store)
    assert not history.is_foreign(third.run_id)
    purged = history.run(second.run_id)
    assert purged.purged_at is not None
    assert (purged.message, purged.ordinal) == ("", 2)
    assert [step.source for step in history.steps(run_id=second.run_id)] == [""]
    assert [gap.kind for step in history.steps(run_id=second.run_id) for gap in step.gaps] == ["purged"]


def test_a_forged_tombstone_is_found(store: Path) -> None:
    """Else anybody could remove a run and call it a purge."""
    _, second, _ = story(store)
    purge(store, second.run_id, KEY)
    path = next(path for path in (store / "segments").iterdir() if b'"purged"' in path.read_bytes())
    raw = path.read_bytes()
    at_ = raw.index(b'"signature":"') + len(b'"signature":"')
    path.write_bytes(raw[:at_] + (b"0" if raw[at_ : at_ + 1] != b"0" else b"1") + raw[at_ + 1 :])

    assert errors(store)


def test_a_preview_says_what_goes_and_changes_nothing(store: Path) -> None:
    first, second, third = story(store)
    before = everything(store)
    seen = preview(read_history(store), store, second.run_id)

    assert everything(store) == before
    assert (seen.steps, seen.shared, seen.later) == (second.steps, (), (third.run_id,))
    assert seen.size == len(SECRET) * 40 + len(SECRET + "model") * 40
    assert preview(read_history(store), store, first.run_id).size == 0, "the later ones need it"


def test_a_purge_that_was_cut_short_is_finished_by_the_next(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before Git was asked: fsck says so, and the same command ends it."""
    _, second, _ = story(store)
    with monkeypatch.context() as broken:
        broken.setattr("runtrack_jupyter.store.purging._silence", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            purge(store, second.run_id, KEY)
    assert [each.message for each in fsck(store, KEY) if each.severity == "warning"] == [
        "it was purged, but its commit is still there: purge it again"
    ]
    purge(store, second.run_id, KEY)

    assert SECRET.encode() not in everything(store)
    assert [each for each in fsck(store, KEY) if each.severity != "info"] == []


def test_what_another_run_has_too_stays(store: Path) -> None:
    """The same value, made by another session, is that session's."""
    _, second, _ = story(store)
    other = Kernel(store)
    other.run_cell(password=SECRET)
    run = other.checkpoint("mine")
    other.writer.close()
    purge(store, second.run_id, KEY)

    assert value(read_history(store), run.run_id, "password") == SECRET.encode() * 40
    assert errors(store) == []


def test_a_run_whose_kernel_is_alive_is_not_purged(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    run = kernel.checkpoint("now")
    with pytest.raises(UsageError, match="kernel still runs"):
        purge(store, run.run_id, KEY)
    kernel.writer.close()
    purge(store, run.run_id, KEY)


def test_somebody_elses_run_is_not_purged(store: Path) -> None:
    kernel = Kernel(store, key=bytes(32))
    kernel.run_cell(x="1")
    run = kernel.checkpoint("theirs")
    kernel.writer.close()
    with pytest.raises(UntrustedError):
        purge(store, run.run_id, KEY)


def test_garbage_collection_goes_on_after_a_purge(store: Path) -> None:
    """And a purge after garbage collection."""
    first, second, third = story(store)
    purge(store, second.run_id, KEY)
    gc(store)
    assert errors(store) == []
    purge(store, third.run_id, KEY)
    purge(store, first.run_id, KEY)
    assert errors(store) == []
    assert payload_of(store, "data", "later") == []
