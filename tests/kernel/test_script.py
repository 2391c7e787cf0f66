"""A script is recorded as a notebook is: its pieces are steps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtrack_jupyter.kernel.script import cells_of
from tests.kernel.conftest import ReadRecord

ROOT = str(Path(__file__).parents[2])

SCRIPT = """\
from __future__ import annotations

import sys
import beside

x = [1, 2]


def double(values):

    return [2 * each for each in values]


y = double(x)
if __name__ == "__main__":
    print(sys.argv[1:], __file__, beside.here)
    6 * 7
"""


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        ("a = 1\nb = 2\n", ["a = 1\nb = 2\n"]),
        ("a = 1\n\nb = 2\n", ["a = 1\n", "b = 2\n"]),
        ("def f():\n\n    pass\n\n\nf()", ["def f():\n\n    pass\n", "f()\n"]),
        ("# %% load\na = 1\n\nb = 2\n# %%\nc = 3\n", ["# %% load\na = 1\n\nb = 2\n", "# %%\nc = 3\n"]),
        ("a = 1\n\n# about b\n@list\ndef b(): ...\n", ["a = 1\n", "# about b\n@list\ndef b(): ...\n"]),
        ("x = '''a\n\nb'''\n\ny = 1\n", ["x = '''a\n\nb'''\n", "y = 1\n"]),
        ("def broken(:\n\nx = 1\n", ["def broken(:\n\nx = 1\n"]),
        ("\n", []),
    ],
)
def test_a_script_is_cut_where_its_writer_left_a_line(source: str, cells: list[str]) -> None:
    assert cells_of(source) == cells


def run(home: Path, folder: Path, source: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    (folder / "script.py").write_text(source)
    (folder / "beside.py").write_text("here = 'found'\n")
    environ = {
        **os.environ,
        "PYTHONPATH": ROOT,
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "runtrack_jupyter", "run", "script.py", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_a_script_runs_as_with_python_and_is_on_record(home: Path, folder: Path, record: ReadRecord) -> None:
    done = run(home, folder, SCRIPT, "--depth", "3")

    assert (done.returncode, done.stdout) == (0, "['--depth', '3'] script.py found\n"), done.stderr
    history = record()
    steps = history.steps()
    assert [step.source for step in steps] == cells_of(SCRIPT)
    assert [step.status for step in steps] == ["ok"] * 5
    (made,) = history.runs()
    assert {"x", "y", "double"} <= {variable.name for variable in made.variables}


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("x = 1\n\n1 / 0\n\nprint('not reached')\n", 1, "ZeroDivisionError"),
        ("import sys\n\nsys.exit(3)\n\nprint('not reached')\n", 3, ""),
        ("import sys\n\nsys.exit('no data')\n", 1, "no data"),
    ],
)
def test_a_script_that_fails_ends_there_with_its_code(
    home: Path, folder: Path, record: ReadRecord, source: str, code: int, said: str
) -> None:
    done = run(home, folder, source)

    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert "not reached" not in done.stdout
    assert "To exit" not in done.stderr
    assert record().steps()[-1].status == "error"
