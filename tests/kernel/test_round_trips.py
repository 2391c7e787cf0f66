"""What does not come back as it was is marked by itself, beside a real kernel that only runs cells."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel

LOSSY = """
class Tracker:
    def __init__(self):
        self.a, self.cache = 1, {"x": [1, 2]}
    def __getstate__(self):
        state = dict(self.__dict__)
        state.pop("cache", None)
        return state
t = Tracker()
"""
LOST = "attribute `cache` of `Tracker` is lost"


def wait_until(happens: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def marked(record: ReadRecord) -> set[tuple[str, str, str]]:
    """All that any step is said to miss."""
    return {(gap.subject, gap.kind, gap.reason) for step in record().steps() for gap in step.gaps}


def checkers(store: Path) -> list[psutil.Process]:
    """The processes that check values of this store."""
    found = []
    for each in psutil.process_iter():
        try:
            line = each.cmdline()
        except psutil.Error:
            continue
        if any("tracking.roundtrip" in word for word in line) and str(store) in line:
            found.append(each)
    return found


def priorities(process: psutil.Process) -> list[int]:
    """How nice a process is, and its whole session where Linux shares processors among sessions."""
    group = Path(f"/proc/{process.pid}/autogroup")
    session = [int(group.read_text().split()[-1])] if group.exists() else []
    return [process.nice(), *session]


def test_an_idle_kernel_has_its_values_checked(kernel: LiveKernel, record: ReadRecord, folder: Path) -> None:
    """Nobody asks for it; the user's cells, their outputs and what `%whos` shows know nothing of it."""
    before = kernel.run(LOSSY)
    wait_until(lambda: marked(record), "nothing was found")
    assert all(nice >= 10 for nice in priorities(checkers(folder / ".runtrack")[0]))
    after = kernel.run("print(t.cache, sorted(name for name in dir() if not name.startswith('_')))")

    assert (before.status, before.text) == ("ok", "")
    assert (
        after.text == "{'x': [1, 2]} ['In', 'Out', 'Tracker', 'exit', 'get_ipython', 'open', 'quit', 't']\n"
    )
    assert marked(record) == {("t", "differs", LOST)}
    kernel.stop()
    wait_until(lambda: not checkers(folder / ".runtrack"), "the checker goes with the kernel")


def test_a_restore_in_another_kernel_says_what_is_lost(start_kernel: StartKernel, record: ReadRecord) -> None:
    first = start_kernel()
    first.run(LOSSY)
    made = first.ask("checkpoint", request_id="01JD00000000000000000000C1")["result"]["run"]
    wait_until(lambda: marked(record), "nothing was found")
    first.stop()
    second = start_kernel()
    second.run("y = 1")

    answer = second.ask("restore", request_id="01JD00000000000000000000D1", id=made["run_id"])

    assert [(gap["subject"], gap["kind"], gap["reason"]) for gap in answer["result"]["gaps"]] == [
        ("t", "differs", LOST)
    ]
    assert second.value("t.a") == 1


def test_a_killed_kernel_takes_its_checker_along(
    kernel: LiveKernel, record: ReadRecord, folder: Path
) -> None:
    """Also one that is in the middle of something that would never end."""
    kernel.run(
        "class Endless:\n"
        "    def __getstate__(self): return {'a': 1}\n"
        "    def __setstate__(self, state):\n"
        "        while True: pass\n"
        "e = Endless()"
    )
    wait_until(lambda: len(checkers(folder / ".runtrack")) == 2, "the worker is not at it")

    os.kill(kernel.pid, signal.SIGKILL)

    wait_until(lambda: not checkers(folder / ".runtrack"), "they stay")
    assert marked(record) <= {
        ("variables", "lost", "the kernel ended before the state after this step was on disk")
    }


def test_a_headless_run_that_is_never_idle_is_checked_when_it_ends(
    kernel: LiveKernel, record: ReadRecord, folder: Path
) -> None:
    """As under papermill: cell after cell, and then the end."""
    kernel.run(LOSSY)
    kernel.run("x = 1")
    kernel.stop()

    wait_until(lambda: marked(record), "nothing was found")
    assert [gap.reason for run in record().runs() for gap in run.gaps] == [LOST]
    wait_until(lambda: not checkers(folder / ".runtrack"), "it stays")


def test_a_class_of_a_local_module_is_loaded_from_there(
    kernel: LiveKernel, record: ReadRecord, folder: Path
) -> None:
    """The other process finds modules where the kernel does."""
    (folder / "mine.py").write_text(LOSSY.replace("t = Tracker()", ""))

    kernel.run("import mine\nt = mine.Tracker()")

    wait_until(lambda: marked(record), "nothing was found")
    assert marked(record) == {("t", "differs", LOST)}
