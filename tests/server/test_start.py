"""The server starts as fast as without us, and what dead kernels left is put in order afterwards."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtrack_jupyter.errors import StoreLockedError
from runtrack_jupyter.server.tidying import Tidier
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_key
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.recorder import Recorder


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def test_loading_the_extension_brings_nothing_heavy() -> None:
    """Every start of JupyterLab pays for what is imported here."""
    code = (
        "import json, sys, time, jupyter_server.serverapp, jupyter_server.services.contents.fileio\n"
        "before = {*sys.modules}; began = time.perf_counter()\n"
        "import runtrack_jupyter.server.extension\n"
        "took = time.perf_counter() - began\n"
        "print(json.dumps([took, sorted({name.partition('.')[0] for name in {*sys.modules} - before})]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, modules = json.loads(done.stdout)
    sys.stdout.write(f"loading the server extension: {seconds * 1000:.0f} ms\n")

    assert not {"git", "gitdb", "pandas", "numpy", "IPython", "yaml", "cloudpickle"} & set(modules)


async def test_starting_reads_no_store(
    record: Record, monkeypatch: pytest.MonkeyPatch, jp_configurable_serverapp: Callable[..., Any]
) -> None:
    """A hundred stores on a slow file system must not keep Lab from opening."""
    reads: list[History] = []
    refresh = History.refresh

    def counted(self: History) -> bool:
        reads.append(self)
        return refresh(self)

    record().run()
    monkeypatch.setattr("runtrack_jupyter.server.extension._LOOK_AFTER", 0.3)
    monkeypatch.setattr(History, "refresh", counted)
    jp_configurable_serverapp()
    assert reads == []
    await until(lambda: reads)


async def test_runs_of_dead_kernels_are_sealed_by_the_server(ask: Ask, record: Record) -> None:
    """Kernel and sealer were killed; nobody else will do it."""
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run("left behind")
    recorder.close()
    found: dict[str, Any] = {}
    async with asyncio.timeout(30):
        while not found.get("sealed"):
            found = (await ask("GET", f"/runs/{run_id}")).json["run"]
            await asyncio.sleep(0.1)

    assert (found["ordinal"], found["document_origin"]) == (1, "reconstructed")


def looked_at(recorder: Recorder, tidier: Tidier) -> None:
    history = History([recorder.store], user_key())
    history.refresh()
    tidier.look(history)


class Job:
    """Remembers the stores it was called with."""

    def __init__(self, error: Exception | None = None) -> None:
        self.stores: list[Path] = []
        self._error = error

    def __call__(self, store: Path) -> None:
        self.stores.append(store)
        if self._error is not None:
            raise self._error


async def test_a_living_kernel_and_its_sealer_are_left_in_peace(record: Record) -> None:
    """The sealer of a kernel that has just ended may still wait for the live document of its last run."""
    from datetime import datetime, timezone

    living, fresh = record(), record("sub/b.ipynb", began=datetime.now(timezone.utc))
    living.run()
    fresh.run()
    fresh.close()
    recover, seal = Job(), Job()
    tidier = Tidier(recover, seal)
    for recorder in (living, fresh, living):
        looked_at(recorder, tidier)
    await until(lambda: len(recover.stores) == 2)

    assert sorted(recover.stores) == sorted([living.store, fresh.store])
    assert seal.stores == []


async def test_a_store_that_cannot_be_tidied_is_not_tried_again_and_again(record: Record) -> None:
    recorder = record()
    recorder.run()
    recorder.close()
    busy = Job(StoreLockedError("busy"))
    tidier = Tidier(busy, busy)
    for _ in range(3):
        looked_at(recorder, tidier)
    await until(lambda: len(busy.stores) == 2)
    await asyncio.sleep(0.2)

    assert busy.stores == [recorder.store] * 2
