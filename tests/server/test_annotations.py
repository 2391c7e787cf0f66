"""A run can be renamed, labelled, starred and written about; what is sealed stays as it was."""

import json
from typing import Any

import pytest

from runtrack_jupyter.store.layout import events_folder
from runtrack_jupyter.store.repository import RunRepository
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.test_events import Listen, listen, next_message, services

__all__ = ["listen", "services"]


async def said(ask: Ask, run_id: str, **change: Any) -> dict[str, Any]:
    reply = await ask("POST", f"/runs/{run_id}/annotations", body=change)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


async def test_what_is_said_of_a_run_is_told_with_it_from_then_on(ask: Ask, record: Record) -> None:
    recorder = record()
    run_id = recorder.run("first")
    await said(ask, run_id, message="the good one", starred=True, labels={"review": True, "kind": "baseline"})
    answered = await said(ask, run_id, note="as shown on Monday", labels={"review": None})
    listed = (await ask("GET", "/runs", query={"path": "a.ipynb"})).json["runs"][0]

    assert answered == listed == (await ask("GET", f"/runs/{run_id}")).json["run"]
    assert (listed["message"], listed["starred"]) == ("the good one", True)
    assert [(label["name"], label["value"]) for label in listed["labels"]] == [("kind", "baseline")]
    assert [note["text"] for note in listed["notes"]] == ["as shown on Monday"]
    assert listed["notes"][0]["author"]


async def test_a_star_and_a_message_can_be_taken_back(ask: Ask, record: Record) -> None:
    run_id = record().run("first")
    await said(ask, run_id, starred=True, message="")
    run = await said(ask, run_id, starred=False)

    assert "starred" not in run
    assert "message" not in run


async def test_a_run_renamed_before_it_is_sealed_is_sealed_as_it_was(ask: Ask, record: Record) -> None:
    """A commit holds what was recorded; what was said later is no part of the evidence."""
    recorder = record()
    run_id = recorder.run("as recorded")
    await said(ask, run_id, message="renamed", note="n", labels={"kind": "x"}, starred=True)
    recorder.seal(run_id)
    sealed = json.loads(RunRepository(recorder.store).read(run_id, "run.json"))

    assert sealed["message"] == "as recorded"
    assert not {"notes", "labels", "starred"} & sealed.keys()
    assert (await ask("GET", f"/runs/{run_id}")).json["run"]["message"] == "renamed"


async def test_other_tabs_hear_of_it(ask: Ask, record: Record, listen: Listen) -> None:
    recorder = record()
    run_id = recorder.run("first")
    socket = await listen("a.ipynb")
    await said(ask, run_id, note="one")
    message = await next_message(socket)

    assert (message["type"], message["runs"], message["steps"]) == ("changed", True, False)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"note": " "},
        {"labels": {"": True}},
        {"labels": {"a\nb": True}},
        {"message": "x" * 1001},
        {"labels": {"a": "x" * 201}},
        {"message": "bell \x07"},
        {"starred": "yes"},
    ],
)
async def test_what_cannot_be_said_is_refused_and_nothing_of_it_is_kept(
    ask: Ask, record: Record, change: dict[str, Any]
) -> None:
    recorder = record()
    run_id = recorder.run("first")
    body = {"starred": True, **change} if change else change
    reply = await ask("POST", f"/runs/{run_id}/annotations", body=body)

    assert (reply.status, reply.kind) == (400, "usage")
    assert not events_folder(recorder.store).exists()


async def test_nothing_is_said_of_a_run_that_is_not_on_record(ask: Ask) -> None:
    reply = await ask("POST", "/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/annotations", body={"starred": True})

    assert (reply.status, reply.kind) == (404, "not-found")


async def test_a_secret_is_cut_out_before_it_reaches_the_disk(ask: Ask, record: Record) -> None:
    recorder = record()
    run_id = recorder.run("first")
    token = "ghp_" + "a1B2" * 9
    run = await said(ask, run_id, message=f"with {token}", note=token, labels={"token": token})

    assert token not in json.dumps(run)
    assert run["message"].startswith("with ‹secret")
    for file in events_folder(recorder.store).iterdir():
        assert token not in file.read_text(encoding="utf-8")
