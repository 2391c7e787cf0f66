"""Garbage collection beside kernels at work, in processes of their own; the collector is killed again and again."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtrack_jupyter.model import RunId
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.recovery import recover
from tests.store.builder import components_of, read_history
from tests.store.conftest import KEY
from tests.store.test_collecting import ALL, NOW, gc, value

WORKER = """
import os, sys, time
from pathlib import Path
from runtrack_jupyter.model import RunId
from runtrack_jupyter.store.goingback import going_back
from runtrack_jupyter.store.payload import StorePayload
from tests.store.builder import Kernel, read_history

store = Path(sys.argv[1])
for session in range(3):
    kernel = Kernel(store)
    for number in range(12):
        time.sleep(0.1)
        text = os.urandom(3000).hex()
        kernel.run_cell(x=text, y="the same everywhere" * 400)
        name = "named" if number % 4 == 3 else ""
        run = kernel.checkpoint(name, automatic="" if name else "after Run All")
        if name:
            print("named", run.run_id, text, flush=True)
        if number % 5 == 4:  # go back to somebody's run, as a restore does
            with going_back([store], kernel.session.session_id):
                history = read_history(store)
                for old in history.runs():
                    snapshot = history.snapshot(old.run_id)
                    if "x" in snapshot.components and old.session_id != kernel.session.session_id:
                        stream = StorePayload(history).manifest(snapshot.components["x"]).stream
                        data = bytearray(stream.size)
                        StorePayload(history).read_blob(stream, memoryview(data))
                        text = data[: len(data) // 40].decode()
                        values = {"x": text, "y": "the same everywhere" * 400}
                        kernel.move(old.head_step, snapshot, values, run_id=old.run_id)
                        kernel.run_cell(z=str(number))
                        again = kernel.checkpoint("restored")
                        print("named", again.run_id, text, flush=True)
                        break
    kernel.writer.close()
"""

COLLECTOR = """
import sys
from pathlib import Path
from tests.store.test_collecting import gc
while True:
    gc(Path(sys.argv[1]))
"""


def started(code: str, store: Path, said: Path | None = None) -> "subprocess.Popen[bytes]":
    folder = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": folder}
    with (said or Path(os.devnull)).open("w") as out:  # no pipe: nobody reads it until the end
        return subprocess.Popen([sys.executable, "-c", code, str(store)], env=environ, stdout=out)


@pytest.mark.parametrize("seed", range(int(os.environ.get("KILLS", "1"))))
def test_kernels_lose_nothing_to_a_collector_that_is_killed(store: Path, seed: int) -> None:
    """Neither what they name nor what they went back to; and the store is whole."""
    dice = random.Random(seed)
    said = [store.parent / f"said-{number}" for number in range(2)]
    store.parent.mkdir()
    kernels = [started(WORKER, store, path) for path in said]
    killed = 0
    while any(kernel.poll() is None for kernel in kernels):
        collector = started(COLLECTOR, store)
        time.sleep(0.8 + dice.random())
        collector.kill()
        collector.wait()
        killed += 1
    named = [line.split() for path in said for line in path.read_text().splitlines()]
    assert [kernel.returncode for kernel in kernels] == [0, 0]
    assert killed > 1
    recover(store)
    for _ in range(2):  # as a killed one left it, and after one that came to its end
        history = read_history(store)
        for _, run_id, text in named:
            assert value(history, run_id) == text.encode() * 40
            assert history.snapshot(RunId(run_id)).components["x"] == components_of({"x": text})["x"]
        assert [each for each in fsck(store, KEY) if each.severity == "error"] == []
        assert gc(store, ALL, now=NOW).busy is False
