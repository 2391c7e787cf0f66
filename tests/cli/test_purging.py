"""``runtrack purge`` as people and programs call it."""

import json

from tests.cli.conftest import Run
from tests.cli.story import Story


def test_a_dry_run_shows_what_goes_and_removes_nothing(runtrack: Run, story: Story) -> None:
    story.teller.end()
    result = runtrack("purge", "#1", "--dry-run")

    assert result.exit_code == 0, result.stderr
    assert "with outputs, the notebook" in result.stdout
    assert "later run" in result.stdout
    assert json.loads(runtrack("show", "#1", "--json").stdout)["run"].get("purged_at") is None


def test_a_purged_run_is_listed_as_such_and_gone(runtrack: Run, story: Story) -> None:
    story.teller.end()
    result = runtrack("purge", "#1", "--yes")
    assert result.exit_code == 0, result.stderr

    assert "purged on 20" in runtrack("log", columns=120).stdout
    assert runtrack("restore", "#1").exit_code == 3
    assert runtrack("fsck").exit_code == 0
    assert "it was purged on" in runtrack("fsck").stdout
    assert runtrack("restore", "#2").exit_code == 0


def test_nobody_to_ask_is_told_what_to_say(runtrack: Run, story: Story) -> None:
    story.teller.end()
    result = runtrack("purge", "#1")

    assert (result.exit_code, "--yes" in result.stderr) == (2, True)
    assert runtrack("purge", "#99", "--yes").exit_code == 3
