"""What is said of a run from the command line is said as from the panel."""

import json

import pytest

from tests.cli.conftest import Run
from tests.cli.story import Story


def shown(runtrack: Run, name: str = "#1") -> dict[str, object]:
    run: dict[str, object] = json.loads(runtrack("show", name, "--json").stdout)["run"]
    return run


def test_a_run_gets_another_message(runtrack: Run, story: Story) -> None:
    result = runtrack("rename", "#1", "the first good one")

    assert (result.exit_code, result.stdout.strip()[:4]) == (0, "#1  ")
    assert shown(runtrack)["message"] == "the first good one"
    assert "the first good one" in runtrack("log").stdout


@pytest.mark.parametrize(
    ("typed", "value"), [("kind=baseline", "baseline"), ("fold=3", 3), ("share=0.5", 0.5), ("final", True)]
)
def test_labels_are_what_they_read_as(runtrack: Run, story: Story, typed: str, value: object) -> None:
    name = typed.partition("=")[0]
    assert runtrack("label", "#1", typed).exit_code == 0
    labels = {each["name"]: each["value"] for each in shown(runtrack)["labels"]}  # type: ignore[attr-defined]  # a list, in JSON
    assert labels[name] == value
    assert runtrack("label", "#1", "--remove", name).exit_code == 0
    assert name not in {each["name"] for each in shown(runtrack).get("labels", ())}  # type: ignore[attr-defined]  # likewise


def test_stars_come_and_go_for_several_runs_at_once(runtrack: Run, story: Story) -> None:
    told = json.loads(runtrack("star", "#1", "#2", "--json").stdout)

    assert [run["starred"] for run in told["runs"]] == [True, True]
    assert runtrack("star", "#1", "--remove").exit_code == 0
    assert "starred" not in shown(runtrack)
    assert shown(runtrack, "#2")["starred"] is True


def test_notes_are_added_without_known_secrets(runtrack: Run, story: Story) -> None:
    runtrack("note", "#1", "ask Ada")
    runtrack("note", "#1", "used s3cr3t-token-value")
    notes = shown(runtrack)["notes"]

    assert next(note["text"] for note in notes) == "ask Ada"  # type: ignore[attr-defined]  # a list, in JSON
    assert "s3cr3t" not in json.dumps(notes)


def test_nothing_to_say_and_nothing_to_say_it_of(runtrack: Run, story: Story) -> None:
    assert runtrack("label", "#1").exit_code == 2
    assert runtrack("note", "#1", " ").exit_code == 2
    assert runtrack("star", "#77").exit_code == 3
