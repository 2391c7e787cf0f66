"""The list of what can be freed, and freeing it, as the panel asks for them when the disk is full."""

import os
from typing import Any

import pytest

from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.tracking.settings import save_settings
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.store.builder import Kernel


@pytest.fixture(autouse=True)
def _every_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stores of these tests are small: nothing is left because it is little."""
    monkeypatch.setattr("runtrack_jupyter.store.collecting._FILES", 1 << 62)


def worked(record: Record) -> str:
    """Return a named run of a session that is over, among automatic ones."""
    recorder = record()
    recorder.run("a start")
    recorder.close()
    key = user_key()
    assert key is not None
    kernel = Kernel(recorder.store, key=key)
    for name in ("", "the good one", ""):
        kernel.run_cell(x=os.urandom(8000).hex())  # more than the list of what is gone
        run = kernel.checkpoint(name, automatic="" if name else "after Run All")
        good = run.run_id if name else ""
        if good:
            named = good
    kernel.writer.close()
    return named


async def space(ask: Ask) -> dict[str, Any]:
    found: dict[str, Any] = (await ask("GET", "/space", query={"path": "a.ipynb"})).json
    return found


async def test_what_goes_without_loss_comes_first_and_names_are_not_ticked(ask: Ask, record: Record) -> None:
    worked(record)
    found = await space(ask)
    groups = {group["what"]: group for group in found["groups"]}

    assert list(groups) == ["unreferenced", "duplicates", "steps", "automatic", "unnamed", "named"]
    assert [what for what, group in groups.items() if group["ticked"] and group["choosable"]] == [
        "steps",
        "automatic",
    ]
    assert groups["automatic"]["size"] > 0
    assert groups["named"]["size"] > 0
    assert found["kept"] > 0
    assert found["size"] == found["kept"] + sum(group["size"] for group in found["groups"])


async def test_what_is_ticked_goes_and_the_rest_stays(ask: Ask, record: Record) -> None:
    named = worked(record)
    before = await space(ask)
    body = {"free": ["steps", "automatic"]}
    after = (await ask("POST", "/space", query={"path": "a.ipynb"}, body=body)).json

    assert after["freed"] > 0
    assert after["size"] < before["size"]
    kept = (await ask("GET", f"/runs/{named}")).json["run"]
    assert [gap for gap in kept.get("gaps", ()) if gap["kind"] == "thinned"] == []
    runs = [run["run_id"] for run in (await ask("GET", "/runs")).json["runs"]]
    details = [(await ask("GET", f"/runs/{run_id}")).json["run"] for run_id in runs]
    assert any(gap["kind"] == "thinned" for run in details for gap in run.get("gaps", ()))
    assert {each["what"]: each["size"] for each in after["groups"]}["automatic"] == 0


async def test_the_limit_is_the_users(ask: Ask, record: Record) -> None:
    worked(record)
    save_settings({"store_megabytes": 3})

    assert (await space(ask))["limit"] == 3 << 20


async def test_freeing_nothing_and_something_unknown(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.run("a start")
    assert (await ask("POST", "/space", query={"path": "a.ipynb"}, body={"free": []})).json["freed"] == 0
    assert (await ask("POST", "/space", query={"path": "a.ipynb"}, body={"free": ["all"]})).status == 400
    assert [each for each in fsck(recorder.store, user_key()) if each.severity == "error"] == []


async def test_there_is_no_space_to_tell_of_without_a_store(ask: Ask) -> None:
    assert (await ask("GET", "/space", query={"path": "a.ipynb"})).status == 404
