"""The record in a terminal: history, steps, one run, one step."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import Result

from runtrack_jupyter.cli.wording import duration, size, value, when
from tests.cli.conftest import Run
from tests.cli.story import Story, Teller, tell


def answer(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_log_is_newest_first_with_the_rail_the_metric_and_its_change(runtrack: Run, story: Story) -> None:
    lines = runtrack("log", columns=120).stdout.splitlines()

    assert lines[0] == "credit_scoring.ipynb · 3 runs · its kernel ended 2 steps after #3"
    third, second, first = (line for line in lines[2:])
    assert third.startswith("◉   #3 ")
    assert second.startswith("│◇  #2   Failed · KeyError: 'PAY_0'")
    assert first.startswith("●   #1   GBM baseline for review")
    assert "accuracy 0.7846 ▼0.0368" in third
    assert "accuracy 0.8214" in first
    assert story.runs[0].run_id[-8:].lower() in first


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("command", [["log"], ["steps"], ["show", "1"], ["show", "3"]])
def test_tables_keep_to_the_width_of_the_terminal(
    runtrack: Run, story: Story, command: list[str], columns: int
) -> None:
    shown = runtrack(*command, columns=columns)

    assert shown.exit_code == 0
    table = [line for line in shown.stdout.splitlines() if " runs · " not in line]
    assert [line for line in table if len(line) > columns] == []


def test_numbers_times_and_ids_are_never_cut(runtrack: Run, story: Story) -> None:
    """Only what can be guessed from its beginning gives way at 80 columns."""
    shown = runtrack("steps", columns=80).stdout

    for step in story.teller.history().steps():
        assert step.step_id[-8:].lower() in shown
    assert "1 min 23 s" in shown


def test_nothing_in_a_record_controls_the_terminal(runtrack: Run, story: Story) -> None:
    """A message may hold markup or escape sequences, of a colleague's run too."""
    for command in (["log"], ["show", "3"]):
        shown = runtrack(*command, columns=120).stdout
        assert "[red]Depth 5[/red]" in shown
        assert "\x1b" not in shown


def test_json_gives_the_records_as_they_are_and_nothing_else(runtrack: Run, story: Story) -> None:
    logged = answer(runtrack("log", "--json", "-n", 2))
    runs = logged["runs"]

    assert logged["total"] == 3
    assert isinstance(runs, list)
    assert [run["ordinal"] for run in runs] == [3, 2]
    assert all("variables" not in run and "components" not in run for run in runs)
    steps = answer(runtrack("steps", "1", "--json"))["steps"]
    assert isinstance(steps, list)
    assert [step["execution_count"] for step in steps] == [1, 2, 3]
    shown = answer(runtrack("show", "1", "--json"))
    assert set(shown) == {"run", "environment", "data", "steps", "rebuilds"}
    step = answer(runtrack("show", story.failed[-8:].lower(), "--json"))["step"]
    assert isinstance(step, dict)
    assert step["error"] == "KeyError: 'PAY_0'"


def test_show_tells_everything_about_a_run(runtrack: Run, story: Story) -> None:
    shown = runtrack("show", "#1", columns=120).stdout

    for expected in (
        "GBM baseline for review",
        "Maya Okafor (on lab)",
        "3 steps, 1 min 24 s",
        "live notebook",
        "Metrics: accuracy 0.8214",
        "Variables  4, 3 restorable",
        "an open database connection cannot be saved",
        "data/applications.csv",
        "unchanged",
        "Python 3.11",
    ):
        assert expected in shown


def test_show_tells_a_changed_and_a_missing_file(runtrack: Run, story: Story) -> None:
    path = story.notebook.parent / "data" / "applications.csv"
    path.write_text("other, and longer\n")
    assert "changed" in runtrack("show", "1").stdout

    path.unlink()
    assert "missing" in runtrack("show", "1").stdout


def test_show_tells_source_output_and_names_of_a_step(runtrack: Run, story: Story) -> None:
    step = story.teller.history().steps()[2]

    shown = runtrack("show", step.step_id[-8:].lower(), columns=120).stdout

    assert "accuracy = fit(df)\nprint(accuracy)" in shown.replace(" \n", "\n").replace("  ", "")
    assert "0.8214" in shown
    assert "Changed: accuracy, con" in shown


def test_secrets_are_not_in_what_is_shown(runtrack: Run, story: Story) -> None:
    shown = runtrack("steps").stdout + runtrack("steps", "--json").stdout + runtrack("show", "1").stdout

    assert "s3cr3t" not in shown
    assert "‹secret HUB_TOKEN" in shown


def test_what_is_not_there_is_exit_code_3_and_said_in_a_sentence(runtrack: Run, story: Story) -> None:
    for command in (
        ["show", "99"],
        ["steps", "#99"],
        ["log", "--notebook", "other.ipynb"],
        ["log", "--store", "none"],
    ):
        result = runtrack(*command)
        assert result.exit_code == 3
        assert result.stderr.startswith("Error: no ")
        assert result.stdout == ""
    told = json.loads(runtrack("show", "99", "--json").stderr)
    assert told["kind"] == "not-found"


def test_a_step_where_a_run_is_asked_for_is_a_usage_error(runtrack: Run, story: Story) -> None:
    result = runtrack("steps", story.failed[-8:].lower())

    assert result.exit_code == 2
    assert "runtrack show" in result.stderr


def test_an_empty_folder_has_an_empty_history(
    runtrack: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    assert answer(runtrack("log", "--json")) == {"notebook_id": None, "runs": [], "total": 0}
    assert "Nothing is recorded" in runtrack("log").stdout
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_moved_notebook_s_runs_are_found_in_the_stores_the_user_knows(
    runtrack: Run, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old store stays where it was; the id in its metadata says who it is."""
    moved = tmp_path / "elsewhere" / "renamed.ipynb"
    moved.parent.mkdir()
    document = json.loads(story.notebook.read_bytes())
    document["metadata"]["runtrack"] = {"id": story.teller.notebook_id}
    moved.write_text(json.dumps(document))
    story.notebook.unlink()
    monkeypatch.chdir(moved.parent)

    assert answer(runtrack("log", "--notebook", "renamed.ipynb", "--json"))["total"] == 3
    newer = Teller(tmp_path / "newer" / "a.ipynb")
    newer.end()
    (newer.store / "format").write_text('{"format_version":99}')
    everywhere = runtrack("log", "--all", "--json")
    assert answer(everywhere)["total"] == 3
    assert "format 99" in everywhere.stderr  # said, and no reason to show nothing
    assert "GBM baseline" in runtrack("show", story.runs[0].run_id).stdout


def test_numbers_are_looked_for_in_the_notebook_that_is_named(runtrack: Run, story: Story) -> None:
    """#1 of one notebook is not #1 of another in the same store."""
    other = Teller(story.notebook.with_name("other.ipynb"))
    other.step("z = 1", changed={"z": 1})
    other.checkpoint("the other")
    other.end()

    ambiguous = runtrack("show", "1")
    assert (ambiguous.exit_code, "fits 2 entries" in ambiguous.stderr) == (3, True)
    assert "the other" in runtrack("show", "1", "--notebook", "other.ipynb").stdout
    assert runtrack("log").stdout.count(" · ") >= 3  # a heading for each notebook


def test_a_living_kernel_shows_where_it_is(
    runtrack: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(tmp_path / "living", end=False)
    monkeypatch.chdir(story.notebook.parent)
    try:
        assert "now 2 steps since #3" in runtrack("log", columns=120).stdout
        facts = answer(runtrack("status", "--json"))
    finally:
        story.teller.end()

    kernels = facts["kernels"]
    assert isinstance(kernels, list)
    assert [(each["head_run"], each["steps_since"]) for each in kernels] == [("#3", 2)]


def test_runs_that_a_dead_kernel_left_are_sealed_before_they_are_shown(
    runtrack: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dead").mkdir()
    monkeypatch.chdir(tmp_path / "dead")
    teller = Teller(tmp_path / "dead" / "a.ipynb")
    teller.step("x = 1", changed={"x": 1})
    run = teller.checkpoint("left behind", sealed=False)
    assert run.ordinal is None
    teller.end()

    runs = answer(runtrack("log", "--json"))["runs"]

    assert isinstance(runs, list)
    assert [(each["ordinal"], each["sealed"]) for each in runs] == [(1, True)]


NOON = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=0), "now"),
        (timedelta(seconds=42), "42 s ago"),
        (timedelta(minutes=90), "10:30"),
        (timedelta(days=1), "Thu 12:00"),
        (timedelta(days=6), "Sat 12:00"),
        (timedelta(days=7), "13 Nov"),
        (timedelta(days=400), "16 Oct 2025"),
        (timedelta(minutes=-5), "12:05"),
    ],
)
def test_times_are_worded_as_in_the_sidebar(
    before: timedelta, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    __import__("time").tzset()

    assert when(NOON - before, NOON) == shown


def test_durations_sizes_and_values_are_short() -> None:
    assert [duration(each) for each in (None, 0.41, 83, 3840)] == ["", "0.4 s", "1 min 23 s", "1 h 4 min"]
    assert [size(each) for each in (7, 2_800_000, 41_000_000_000)] == ["7 B", "2.8 MB", "41 GB"]
    assert [value(each) for each in (0.8213854, 7, True, "a\x1b[0m")] == ["0.8214", "7", "True", "a�[0m"]
