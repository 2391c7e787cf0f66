"""``runtrack doctor`` finds what is wrong, in an installation as it is on disk."""

import json
import sys
from pathlib import Path

import pytest

from runtrack_jupyter.store.segment import segment_files
from runtrack_jupyter.tracking.settings import save_settings, settings_file
from runtrack_jupyter.version import __version__
from tests.cli.conftest import Run
from tests.cli.story import Story
from tests.cli.test_program import program

ROOT = Path(__file__).parents[2]


@pytest.fixture(name="prefix", autouse=True)
def _prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with the files that a wheel puts there."""
    prefix = tmp_path / "prefix"
    files = {
        "share/jupyter/labextensions/runtrack-jupyter/package.json": json.dumps({"version": __version__}),
        "etc/jupyter/jupyter_server_config.d/runtrack_jupyter.json": (
            ROOT / "jupyter-config/server-config/runtrack_jupyter.json"
        ).read_text(),
        "etc/ipython/ipython_kernel_config.json": (
            ROOT / "ipython-config/ipython_kernel_config.json"
        ).read_text(),
    }
    for name, text in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share/jupyter"))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(prefix / "etc/jupyter"))
    return prefix


def checks(runtrack: Run, *arguments: str) -> dict[str, dict[str, str]]:
    result = runtrack("doctor", "--json", *arguments)
    told = json.loads(result.stdout)
    assert told["healthy"] is (result.exit_code == 0)
    return {check["what"]: check for check in told["checks"]}


def test_a_healthy_installation_with_a_store(runtrack: Run, story: Story) -> None:
    found = checks(runtrack)

    assert {
        name: check["state"] for name, check in found.items() if check["state"] not in {"ok", "note"}
    } == {}
    assert {
        "Runtrack",
        "git",
        "front end",
        "server extension",
        "kernel hook",
        "recording",
        "store",
        "disk",
    } <= set(found)
    assert str(story.store) in found["store"]["found"]
    assert "3 runs" in found["record"]["found"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("share/jupyter/labextensions/runtrack-jupyter/package.json", '{"version": "0.0.1"}', "front end"),
        ("etc/jupyter/jupyter_server_config.d/runtrack_jupyter.json", "{}", "server extension"),
        ("etc/ipython/ipython_kernel_config.json", "{}", "kernel hook"),
    ],
)
def test_a_part_that_is_wrong_is_named_with_what_to_do(
    runtrack: Run, prefix: Path, name: str, text: str, what: str
) -> None:
    (prefix / name).write_text(text)
    found = checks(runtrack)

    assert [check["what"] for check in found.values() if check["state"] == "error"] == [what]
    assert found[what]["advice"]


def test_why_nothing_is_recorded(runtrack: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question that brings people here."""
    save_settings({"enabled": False})
    assert "switched off in the settings" in checks(runtrack)["recording"]["found"]
    monkeypatch.setenv("RUNTRACK_DISABLE", "1")
    assert "RUNTRACK_DISABLE" in checks(runtrack)["recording"]["found"]
    settings_file().write_text("{")
    assert checks(runtrack)["settings"]["state"] == "error"


def test_a_damaged_record_is_found(runtrack: Run, story: Story) -> None:
    story.teller.end()
    path = next(iter(segment_files(story.store).values()))[0]
    raw = bytearray(path.read_bytes())
    raw[400:404] = b"\0\0\0\0"
    path.write_bytes(raw)

    assert checks(runtrack)["record"]["state"] == "error"


def test_completion_knows_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the shell asks it."""
    monkeypatch.setenv("_RUNTRACK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "runtrack re")
    monkeypatch.setenv("COMP_CWORD", "1")
    told = program("runtrack", cwd=tmp_path).stdout
    assert {"plain,rename", "plain,restore"} <= set(told.split())
    monkeypatch.setenv("_RUNTRACK_COMPLETE", "bash_source")
    assert "complete -o nosort -F" in program("runtrack", cwd=tmp_path).stdout
