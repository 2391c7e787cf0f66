"""A month of heavy use, in minutes: the clock is ours, the store is real."""

import os
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runtrack_jupyter.model import NotebookId
from runtrack_jupyter.store.collecting import Rules
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.usage import usage
from runtrack_jupyter.tracking.keeping import keep
from tests.store import builder
from tests.store.builder import Kernel, read_history, value_of
from tests.store.conftest import KEY, T0
from tests.store.test_collecting import value

LIMIT = 5 << 19
DAYS = 30


class _Clock:
    """Seconds since the first day; a look at it takes a while."""

    def __init__(self) -> None:
        self.seconds = 0

    def __next__(self) -> int:
        self.seconds += 7
        return self.seconds

    def now(self) -> datetime:
        return T0 + timedelta(seconds=self.seconds)


def test_a_month_of_heavy_use_stays_within_its_limit(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than twice what fits is recorded; a name given on any day is good on the last."""
    clock, dice = _Clock(), random.Random(4)
    monkeypatch.setattr(builder, "_clock", clock)
    named: dict[str, str] = {}
    written = 0
    loaded = os.urandom(12_000).hex()  # the data that every session starts with
    for day in range(DAYS):
        clock.seconds = day * 86400
        for _ in range(2):
            kernel = Kernel(store, notebook_id=NotebookId(f"N{dice.randrange(4)}"))
            kernel.run_cell("df = load()", df=loaded)
            for _ in range(9):
                text = os.urandom(dice.choice((10_000, 12_500))).hex()
                kernel.run_cell("x = model()", x=text)
                written += len(text) // 2
                if dice.random() < 0.3:
                    name = "a good one" if dice.random() < 0.1 else ""
                    run = kernel.checkpoint(name, automatic="" if name else "after Run All")
                    if name:
                        named[run.run_id] = text
            kernel.checkpoint(automatic="kernel shutdown")
            _close(kernel, dice)
            keep(store, KEY, Rules(limit=LIMIT), now=clock.now())
            assert usage(store, LIMIT).size <= LIMIT

    assert written > 2 * LIMIT
    assert named
    history = read_history(store)
    for run_id, text in named.items():
        assert value(history, run_id) == value_of(text)[1]
        assert value(history, run_id, "df") == value_of(loaded)[1]
    assert len(history.steps()) == DAYS * 2 * 10, "no step is forgotten"
    latest = history.runs()[0]
    assert value(history, latest.run_id), "where one left off is still there"
    assert [each for each in fsck(store, KEY) if each.severity == "error"] == []


def _close(kernel: Kernel, dice: random.Random) -> None:
    """End a session in order, or, now and then, not."""
    if dice.random() < 0.1:
        kernel.die()
    else:
        kernel.writer.close()
