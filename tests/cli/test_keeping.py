"""``runtrack gc`` as people and programs call it."""

import json
from pathlib import Path

import pytest

from runtrack_jupyter.tracking.settings import save_settings
from tests.cli.conftest import Run
from tests.cli.story import Story


def facts(runtrack: Run, *arguments: str) -> dict[str, object]:
    result = runtrack("gc", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    told: dict[str, object] = json.loads(result.stdout)
    return told


def test_there_is_nothing_to_free_in_a_small_young_store(runtrack: Run, story: Story) -> None:
    result = runtrack("gc")

    assert result.exit_code == 0
    assert "Nothing has to go." in result.stdout
    assert "always kept" in result.stdout


def test_a_dry_run_says_what_would_go_and_changes_nothing(runtrack: Run, story: Story) -> None:
    story.teller.end()
    before = facts(runtrack, "--free", "steps", "--free", "automatic", "--dry-run")

    assert before["freed"] == 0
    again = facts(runtrack, "--free", "steps", "--free", "automatic", "--dry-run")
    assert (again["groups"], again["runs"], again["size"]) == (
        before["groups"],
        before["runs"],
        before["size"],
    )
    assert runtrack("fsck").exit_code == 0


def test_freed_is_what_was_said(runtrack: Run, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the record of the run stays, with a gap for each value."""
    monkeypatch.setattr("runtrack_jupyter.store.collecting._FILES", 1 << 62)  # however little it is
    story.teller.end()
    done = facts(
        runtrack, "--free", "steps", "--free", "automatic", "--free", "unnamed", "--free", "named", "--yes"
    )

    assert done["freed"] == done["can_free"]
    assert int(str(done["freed"])) > 0
    assert done["runs"]
    shown = runtrack("show", str(done["runs"][0]), "--json")  # type: ignore[index]  # a list, in JSON
    assert "to free disk space" in shown.stdout
    assert runtrack("fsck").exit_code == 0


def test_nobody_to_ask_is_told_what_to_say(
    runtrack: Run, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script must not free disk space by accident."""
    monkeypatch.setattr("runtrack_jupyter.store.collecting._FILES", 1 << 62)
    story.teller.end()
    result = runtrack("gc", "--free", "named", "--free", "unnamed", "--free", "automatic", "--free", "steps")

    assert result.exit_code == 2
    assert "--yes" in result.stderr


def test_the_limit_comes_from_the_settings(runtrack: Run, story: Story) -> None:
    save_settings({"store_megabytes": 7})

    assert facts(runtrack, "--dry-run")["limit"] == 7 << 20


def test_a_store_that_is_not_there_is_not_found(runtrack: Run, tmp_path: Path) -> None:
    assert runtrack("gc", "--store", str(tmp_path / "nothing")).exit_code == 3
