"""A restore that takes its time says how far it has come; one that does not says nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from runtrack_jupyter.tracking import progress
from tests.tracking.bench import Bench, own_store


@pytest.fixture(name="bench")
def _bench() -> Iterator[Bench]:
    with own_store():
        bench = Bench()
        yield bench
        bench.close()


def told(bench: Bench) -> list[dict[str, Any]]:
    return [fields for kind, fields in bench.notices if kind == "restoring"]


def go_back(bench: Bench) -> None:
    bench.run("import os, numpy as np\na = np.frombuffer(os.urandom(8_000_000), np.uint8).copy()")
    run = bench.recording.checkpoints.checkpoint("here")
    bench.run("del a")
    bench.recording.travel.restore(run.run_id)
    assert len(bench.names["a"]) == 8_000_000


def test_a_long_restore_tells_how_far_it_is_and_when_it_is_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_SILENT", 0.0)
    monkeypatch.setattr("runtrack_jupyter.state.sources._EVERY", 0.0)
    go_back(bench)

    notices = told(bench)
    assert len(notices) >= 3
    assert all(each["done"] < each["total"] for each in notices[:-1])
    assert notices[-1]["done"] == notices[-1]["total"] >= 8_000_000
    kinds = [kind for kind, _ in bench.notices]
    assert kinds.index("restoring") < kinds.index("head-moved")


def test_a_short_restore_says_nothing(bench: Bench) -> None:
    go_back(bench)

    assert told(bench) == []


def test_a_restore_that_fails_is_over_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the progress bar would stand there for ever."""
    monkeypatch.setattr(progress, "_SILENT", 0.0)
    monkeypatch.setattr("runtrack_jupyter.state.sources._EVERY", 0.0)
    bench.run("class S:\n  def __setstate__(self, state): raise KeyboardInterrupt\n  a = 1\n")
    bench.run("import os\nx = S(); x.b = bytearray(os.urandom(3_000_000))")
    run = bench.recording.checkpoints.checkpoint("here")
    bench.run("x = 1")
    with pytest.raises(KeyboardInterrupt):
        bench.recording.travel.restore(run.run_id)

    notices = told(bench)
    assert notices[-1]["done"] == notices[-1]["total"]
    assert bench.names["x"] == 1
