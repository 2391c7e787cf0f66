"""The user's settings are read and written through one file, and nothing in it is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.asking import Ask

DEFAULTS = {"enabled": True, "after_run_all": True, "record_values": True}


@pytest.fixture
def file(jp_config_dir: Path) -> Path:
    return jp_config_dir / "runtrack.json"


async def test_without_a_file_everything_is_on(ask: Ask, file: Path) -> None:
    assert (await ask("GET", "/settings")).json == DEFAULTS
    assert not file.exists()


async def test_a_change_is_written_and_the_rest_stays(ask: Ask, file: Path) -> None:
    """A newer Runtrack, or the user's own hand, may have put other keys there."""
    file.write_text('{"after_run_all": false, "limits": {"variable_megabytes": 1}, "future": [1]}')
    reply = await ask("PUT", "/settings", body={"enabled": False})

    assert reply.json == {"enabled": False, "after_run_all": False, "record_values": True}
    assert (await ask("GET", "/settings")).json == reply.json
    written = json.loads(file.read_text())
    assert written["future"] == [1]
    assert written["limits"] == {"variable_megabytes": 1}
    assert written["enabled"] is False
    assert [entry.name for entry in file.parent.glob("runtrack*")] == ["runtrack.json"]


@pytest.mark.parametrize("damaged", ["{", '{"enabled": "perhaps"}', "[]", ""])
@pytest.mark.parametrize("request_", [("GET", None), ("PUT", {"enabled": False})])
async def test_a_file_that_is_not_understood_is_reported_and_left_alone(
    ask: Ask, file: Path, damaged: str, request_: tuple[str, Any]
) -> None:
    """A comma too many must not cost the user the rest of the file."""
    file.write_text(damaged)
    method, body = request_
    reply = await ask(method, "/settings", body=body)

    assert (reply.status, reply.kind) == (400, "usage")
    assert str(file) in reply.json["message"]
    assert file.read_text() == damaged


@pytest.mark.parametrize("body", [{"enabled": "no"}, [], b"{", {"record_values": 1}])
async def test_a_setting_that_is_none_is_refused(ask: Ask, file: Path, body: object) -> None:
    reply = await ask("PUT", "/settings", body=body)

    assert (reply.status, reply.kind) == (400, "usage")
    assert not file.exists()


async def test_the_status_says_what_switches_recording_off(ask: Ask, file: Path, root: Path) -> None:
    assert (await ask("GET", "/status")).json["recording"] is True
    notebook = {"cells": [], "metadata": {"runtrack": {"enabled": False}}, "nbformat": 4, "nbformat_minor": 5}
    (root / "off.ipynb").write_text(json.dumps(notebook))
    paused = (await ask("GET", "/status", query={"path": "off.ipynb"})).json
    await ask("PUT", "/settings", body={"enabled": False})
    switched_off = (await ask("GET", "/status")).json

    assert (paused["recording"], paused["why_off"]) == (False, "paused for this notebook")
    assert (switched_off["recording"], switched_off["why_off"]) == (False, "switched off in the settings")


async def test_the_status_names_the_store_and_makes_nothing(ask: Ask, root: Path) -> None:
    (root / "sub").mkdir()
    before = sorted(root.rglob("*"))
    store = (await ask("GET", "/status", query={"path": "sub/a.ipynb"})).json["store"]

    assert store == {"path": str(root / "sub/.runtrack"), "exists": False, "writable": True}
    assert sorted(root.rglob("*")) == before
