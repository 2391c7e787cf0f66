"""A run goes to somebody else, and comes alive in their kernel when they trust it, not before."""

import subprocess
import sys
from pathlib import Path

from tests.kernel.conftest import ReadRecord
from tests.kernel.livekernel import LiveKernel, isolated_environment
from tests.kernel.test_checkpoints import wait_until_sealed

HOSTILE = """
import pathlib
class Trap:
    def __reduce__(self):
        return (pathlib.Path.touch, (pathlib.Path({canary!r}),))
trap = Trap()
weights = {{"layers": [1, 2, 3]}}
"""
RUNTRACK = [sys.executable, "-c", "from runtrack_jupyter.cli import main; main()"]


def runtrack(home: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*RUNTRACK, *arguments],
        env=isolated_environment(home),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_values_of_somebody_else_are_data_until_they_are_trusted(
    kernel: LiveKernel, home: Path, folder: Path, record: ReadRecord, tmp_path: Path
) -> None:
    """The pickle in it touches a file when it is loaded: showing must not, trusting says that it may."""
    canary = tmp_path / "canary"
    kernel.run(HOSTILE.format(canary=str(canary)))
    run_id = kernel.ask("checkpoint", request_id="01JD00000000000000000000D1", message="for Ada")["result"][
        "run"
    ]["run_id"]
    wait_until_sealed(record, 1)
    canary.unlink(missing_ok=True)  # the check for silent loss may have loaded it here, where it is one's own
    exported = runtrack(
        home, folder, "export", run_id[-8:], "--bundle", str(tmp_path / "a.runtrack"), "--values"
    )
    assert exported.returncode == 0, exported.stderr
    assert "the values of 4 variables" in exported.stdout

    ada, desk = tmp_path / "ada", tmp_path / "desk"
    desk.mkdir()
    canary.unlink(missing_ok=True)
    shown = runtrack(ada, desk, "open", str(tmp_path / "a.runtrack"))
    assert shown.returncode == 0, shown.stderr
    assert "for Ada" in shown.stdout
    assert "Not signed" in shown.stdout
    assert "weights" in shown.stdout
    assert list(desk.iterdir()) == []

    with LiveKernel(ada, desk) as hers:
        unknown = hers.ask("restore", request_id="01JD00000000000000000000D2", id=run_id)
        assert not unknown["ok"]
        assert not canary.exists()

        trusted = runtrack(ada, desk, "open", str(tmp_path / "a.runtrack"), "--trust", "--yes")
        assert trusted.returncode == 0, trusted.stderr
        restored = hers.ask("restore", request_id="01JD00000000000000000000D3", id=run_id)
        assert restored["ok"], restored
        assert hers.value("weights") == {"layers": [1, 2, 3]}
        assert canary.exists()
