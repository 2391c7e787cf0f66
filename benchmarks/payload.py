"""The disk side of the state engine beside what the machine can do: copies, writes, reads, restores, bytes.

Run it with the Python that Runtrack is installed in: ``python benchmarks/payload.py``. Everything is measured in one
process, in turn with the plain operation that it is compared with (memcpy, BLAKE3, write and fsync, read), because
machines are noisy; medians are what counts. Times are wall times, and CPU times of all threads.
"""

import argparse
import os
import pickle
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import zstandard
from blake3 import blake3

from benchmarks.payloadbytes import print_bytes, print_insertions
from runtrack_jupyter.model import Author, ComponentId, Session, SessionId
from runtrack_jupyter.state import StateEngine
from runtrack_jupyter.store.frames import Chunks
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.scan import scan
from runtrack_jupyter.store.segment import SegmentWriter
from runtrack_jupyter.tracking.writer import PendingCapture, Writer

KEY = bytes(32)


class Took(NamedTuple):
    """Seconds, by the clock and of all threads' CPU."""

    wall: float
    cpu: float


def took(work: Callable[[], object], *, warm: bool = True) -> Took:
    """Return how long `work` takes.

    Memory that a virtual machine has not used for a while costs its host ten times what clearing it costs: some is
    touched and given back before, so that nobody pays for that.
    """
    if warm:
        np.ones(1 << 27)
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def median(times: list[Took]) -> Took:
    """Return the medians, each by itself."""
    return Took(statistics.median(t.wall for t in times), statistics.median(t.cpu for t in times))


class Place:
    """A namespace with its engine, its writer, and a store of its own."""

    def __init__(self, folder: Path, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.store = folder / "store"
        session = Session(
            session_id=SessionId(f"01{os.urandom(8).hex().upper()}"),
            started_at=datetime.now(timezone.utc),
            author=Author(name="bench"),
            python="3",
            executable="",
            platform="",
        )
        self.writer = Writer(
            SegmentWriter(self.store, session, KEY),
            limit=512 << 20,
            on_durable=lambda _frame: None,
            on_gap=lambda gap: print("gap:", gap),
            on_unsaved=print,
            idle=lambda: None,
        )
        self.engine = StateEngine(
            namespace, hidden=lambda name: name.startswith("_"), names_in=lambda _code: frozenset()
        )
        self.engine.copies.spill = self.writer.spill

    def look(self) -> None:
        """Do what the user waits for."""
        found = self.engine.capture(None)
        self.writer.capture(PendingCapture(step_id=None, bound=found.bound, dropped=found.dropped))

    def save(self) -> None:
        """Return when it is durable."""
        self.writer.flush()

    def look_and_save(self) -> None:
        """Do both."""
        self.look()
        self.save()

    def components(self) -> dict[str, ComponentId]:
        """Return the state now, after `save`."""
        return {root: ComponentId(str(each.component_id)) for root, each in self.engine.live().items()}

    def payload(self) -> StorePayload:
        """Return what a restore reads from."""
        history = History([self.store], KEY, received=False)
        history.refresh()
        return StorePayload(history)


@contextmanager
def place(namespace: dict[str, Any]) -> Iterator[Place]:
    """Make a place that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        made = Place(Path(folder), namespace)
        yield made
        made.writer.close()


def line(what: str, size: int, ours: Took, plain: Took, against: str) -> None:
    """Print how fast we are, and the ratio to the plain operation."""
    print(
        f"{what:44} {ours.wall * 1e3:8.0f} ms {size / ours.wall / 1e9:6.2f} GB/s  cpu {ours.cpu * 1e3:7.0f} ms"
        f"   {ours.wall / plain.wall:5.2f} x wall {ours.cpu / plain.cpu:5.2f} x cpu of {against}"
        f" ({plain.wall * 1e3:.0f} ms)"
    )


def arrays(count: int, size: int) -> dict[str, Any]:
    """Return arrays of random numbers, `size` bytes each."""
    return {f"a{number}": np.random.default_rng(number).random(size // 8) for number in range(count)}


def measure_writing(rounds: int) -> None:
    """Measure what the user waits for, and what the writer does then."""
    print("-- writing: 8 arrays of 40 MB, all changed")
    names = arrays(8, 40_000_000)
    size = 8 * 40_000_000
    looks, saves, copies, writes = [], [], [], []
    with place(names) as made:
        made.look()
        made.save()
        for _ in range(rounds):
            for array in names.values():
                np.add(array, 1.0, out=array)
            looks.append(took(made.look))
            saves.append(took(made.save, warm=False))
            copies.append(took(lambda: [array.copy() for array in names.values()]))
            writes.append(took(lambda: _hash_and_write(names)))
    line("look: fingerprint, copy, fingerprint", size, median(looks), median(copies), "array.copy()")
    line("hash, compress, write, fsync", size, median(saves), median(writes), "BLAKE3 + write + fsync")


def _hash_and_write(names: dict[str, Any]) -> None:
    with tempfile.TemporaryFile() as file:
        for array in names.values():
            data = memoryview(array).cast("B")
            for start in range(0, len(data), 1 << 20):
                blake3(data[start : start + (1 << 20)]).digest()
                os.write(file.fileno(), data[start : start + (1 << 20)])
        os.fsync(file.fileno())


def measure_reading(rounds: int) -> None:
    """Measure a restore of everything into a namespace that holds nothing."""
    for what, names in (
        ("8 arrays of 40 MB", arrays(8, 40_000_000)),
        ("320 MB of rounded numbers", {"a": np.round(np.random.default_rng(1).normal(50, 9, 40_000_000), 2)}),
        ("a list of 2 million texts", {"t": [f"row {n} of many" for n in range(2_000_000)]}),
    ):
        _PICKLES.update({"t": pickle.dumps(names["t"], 5)} if "t" in names else {})
        with place(names) as made:
            made.look_and_save()
            target = made.components()
            paths = sorted((made.store / "segments").iterdir())
            times, plain = [], []
            for _ in range(rounds):
                with place({}) as fresh:
                    times.append(took(partial(fresh.engine.restore, target, (), made.payload())))
                    assert fresh.namespace.keys() == names.keys()
                plain.append(took(partial(_read_plainly, paths, names)))
            size = sum(each.size for each in made.engine.live().values())
            line(f"restore afresh, {what}", size, median(times), median(plain), "read + unpack + unpickle")


def _read_plainly(paths: list[Path], names: dict[str, Any]) -> list[Any]:
    """Read and decompress the payload into new memory, and unpickle what is no array: nothing is checked."""
    unpack = zstandard.ZstdDecompressor().decompress
    made = []
    for path in paths:
        with path.open("rb") as file:
            for found in scan(path):
                if isinstance(found.frame, Chunks):
                    file.seek(found.payload_offset)
                    for piece in found.frame.pieces:
                        stored = file.read(piece.length)
                        made.append(unpack(stored) if piece.stored else stored)
    return [made, *(pickle.loads(_PICKLES[name]) for name in names if name in _PICKLES)]


_PICKLES: dict[str, bytes] = {}


def measure_partly(rounds: int) -> None:
    """Measure a restore of large arrays of which little differs."""
    print("-- going back where 1 % of 800 MB differs")
    names = arrays(8, 100_000_000)
    with place(names) as made:
        made.look()
        made.save()
        target = made.components()
        verified, restored, copied = [], [], []
        for number in range(rounds):
            for array in names.values():
                array[number * 1000 : number * 1000 + 125_000] += 1
            verified.append(took(made.look_and_save))
            restored.append(took(partial(made.engine.restore, target, (), made.payload())))
            copied.append(took(lambda: [array.copy() for array in names.values()]))
        line("look at all, write what changed", 800_000_000, median(verified), median(copied), "array.copy()")
        line("restore, and look at what came", 800_000_000, median(restored), median(copied), "array.copy()")


def measure_frames() -> None:
    """Measure rows that are appended to a frame, and taken away in front."""
    print("-- rows appended and removed: bytes added to the store, of a frame of 60 MB")
    rng = np.random.default_rng(0)
    rows = 500_000
    frame = pd.DataFrame({f"c{n}": rng.random(rows) for n in range(15)})
    more = frame.iloc[:1000]
    names: dict[str, Any] = {"df": frame}
    with place(names) as made:

        def added(change: Callable[[], object]) -> float:
            before = sum(path.stat().st_size for path in made.store.rglob("*.rtseg"))
            names["df"] = change()
            made.look()
            made.save()
            return (sum(path.stat().st_size for path in made.store.rglob("*.rtseg")) - before) / 1e6

        print(f"   first                {added(lambda: frame):8.1f} MB")
        print(f"   1,000 rows appended  {added(lambda: pd.concat([frame, more], ignore_index=True)):8.1f} MB")
        print(f"   1,000 rows removed   {added(lambda: frame.iloc[1000:].reset_index(drop=True)):8.1f} MB")


_PARTS: dict[str, Callable[[int], None]] = {
    "writing": measure_writing,
    "reading": measure_reading,
    "partly": measure_partly,
    "frames": lambda _rounds: measure_frames(),
    "bytes": lambda _rounds: print_bytes(),
    "insertions": lambda _rounds: print_insertions(),
}


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=sorted(_PARTS), default=None)
    arguments = parser.parse_args()
    for name, measure in _PARTS.items():
        if arguments.only in {None, name}:
            measure(arguments.rounds)


if __name__ == "__main__":
    main()
