"""The program as the shell sees it: its name, its speed, its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtrack_jupyter.store.segment import segment_files
from tests.cli.conftest import Run
from tests.cli.story import Story

ROOT = str(Path(__file__).parents[2])
CALL = "import sys; sys.argv[0] = {name!r}; from runtrack_jupyter.cli import main; main()"


def program(name: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CALL.format(name=name), *arguments],
        cwd=cwd, env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("called", "named"),
    [("/usr/bin/runtrack", "runtrack"), ("/usr/bin/jupyter-runtrack", "jupyter runtrack")],
)
def test_help_and_usage_errors_name_the_program_as_it_was_called(
    called: str, named: str, tmp_path: Path
) -> None:
    assert program(called, "--help", cwd=tmp_path).stdout.startswith(f"Usage: {named} [OPTIONS] COMMAND")
    wrong = program(called, "log", "--nope", cwd=tmp_path)
    assert (wrong.returncode, f"Usage: {named} log" in wrong.stderr) == (2, True)


def test_the_exit_codes_are_in_the_help(tmp_path: Path) -> None:
    told = program("runtrack", "--help", cwd=tmp_path).stdout

    for code in range(7):
        assert f"  {code}  " in told


def test_nothing_heavy_is_imported_to_list_runs(story: Story) -> None:
    """GitPython costs a tenth of a second, nbformat seconds when cold."""
    code = (
        "import sys\nfrom runtrack_jupyter.cli.app import root\n"
        "root(['log', '--json'], standalone_mode=False)\n"
        "print(sorted({'git', 'nbformat', 'rich', 'numpy', 'jupyter_client', 'IPython', 'tornado'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=story.notebook.parent, env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout)["total"] == 3
    assert done.stderr.strip() == "[]"


def test_a_pipe_that_closes_early_ends_it_quietly(story: Story) -> None:
    """`runtrack log | head -1` is what people type."""
    command = f'{sys.executable} -c "{CALL.format(name="runtrack")}" steps --json | head -1'
    done = subprocess.run(
        command, shell=True, cwd=story.notebook.parent, env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert done.stdout == "{\n"
    assert done.stderr == ""


def test_a_whole_store_is_consistent(runtrack: Run, story: Story) -> None:
    result = runtrack("fsck")

    assert result.exit_code == 0
    assert "consistent" in result.stdout
    assert "not consistent" not in result.stdout
    told = json.loads(runtrack("fsck", "--json").stdout)["stores"]
    assert [(each["store"], each["consistent"]) for each in told] == [(str(story.store), True)]


def test_a_damaged_store_is_exit_code_4_and_says_where(runtrack: Run, story: Story) -> None:
    (path,) = (path for paths in segment_files(story.store).values() for path in paths)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)

    result = runtrack("fsck")

    assert result.exit_code == 4
    assert "not consistent" in result.stdout
    assert "error" in result.stdout
    assert runtrack("fsck", "--json").exit_code == 4
    assert runtrack("log").exit_code == 0  # what can be read stays readable


def test_a_store_of_a_newer_runtrack_is_exit_code_5(runtrack: Run, story: Story) -> None:
    (story.store / "format").write_text('{"format_version":99}')

    for command in ("log", "fsck", "status"):
        result = runtrack(command)
        assert result.exit_code == 5
        assert "format 99" in result.stderr


def test_status_says_what_is_recorded_and_what_switches_it_off(
    runtrack: Run, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Recording is on" in runtrack("status").stdout
    assert "3 runs and 8 steps of 1 notebook" in runtrack("status").stdout

    monkeypatch.setenv("RUNTRACK_DISABLE", "1")

    assert "Recording is off: RUNTRACK_DISABLE" in runtrack("status").stdout
    facts = json.loads(runtrack("status", "--json").stdout)
    assert (facts["recording"], facts["runs"]) == (False, 3)


def test_status_where_nothing_is_recorded_writes_nothing(
    runtrack: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    result = runtrack("status", "--notebook", "new.ipynb")

    assert result.exit_code == 0
    assert "made by the first recorded cell" in result.stdout
    assert list((tmp_path / "empty").iterdir()) == []
    assert not (tmp_path / "home" / "jupyter_data_dir").exists()
