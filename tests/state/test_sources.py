"""A restore copies from live memory what is there, and takes nothing for right that is not."""

import gc
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from runtrack_jupyter.model import Wanted
from runtrack_jupyter.state import CHUNK_SIZE
from runtrack_jupyter.state.component import prints_of
from runtrack_jupyter.state.feed import Feed
from tests.state.world import Memory, World

ARRAYS = "import numpy as np\nbig = np.random.default_rng(1).random(1 << 20)"


def restored_bytes(world: World, moment: Any) -> int:
    world.capture()
    before = world.memory.read_bytes
    world.engine.restore(moment.components, moment.gaps, world.memory)
    return world.memory.read_bytes - before


def test_what_is_live_is_not_read() -> None:
    world = World()
    world.run(ARRAYS)
    moment = world.moment()
    total = world.value("big.sum()")
    world.run("big[70_000:70_010] = 0")

    assert restored_bytes(world, moment) < 3 * CHUNK_SIZE
    assert world.value("big.sum()") == total


def test_it_is_found_under_another_name_and_at_another_place() -> None:
    world = World()
    world.run(ARRAYS)
    moment = world.moment()
    total = world.value("big.sum()")
    world.run("other = np.concatenate([big[:8192], big]); del big")

    assert restored_bytes(world, moment) < 3 * CHUNK_SIZE
    assert world.value("big.sum()") == total


def test_what_changed_since_it_was_looked_at_is_read_from_disk() -> None:
    """Another thread may write into an array while it is being copied."""
    world = World()
    world.run(ARRAYS)
    moment = world.moment()
    total = world.value("big.sum()")
    world.run("big[0] = 0")
    world.capture()
    world.names["big"][500_000] = 7.0
    world.engine.restore(moment.components, moment.gaps, world.memory)

    assert world.value("big.sum()") == total


def test_nothing_is_hashed_again_by_the_look_after_a_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []

    def counting(data: memoryview) -> tuple[bytes, ...]:
        hashed.append(data.nbytes)
        return prints_of(data)

    world = World()
    world.run(ARRAYS)
    moment = world.moment()
    world.run("big[0] = 0")
    world.capture()
    for module in ("survey", "component"):
        monkeypatch.setattr(f"runtrack_jupyter.state.{module}.prints_of", counting)
    world.engine.restore(moment.components, moment.gaps, world.memory)

    assert sum(hashed) < 10_000
    capture = world.capture()
    assert capture.bound == {}


def test_progress_goes_up_to_all_there_is() -> None:
    class Slow(Memory):
        def read(
            self, wanted: Sequence[Wanted], into: memoryview, progress: Callable[[int], None] | None = None
        ) -> None:
            for each in wanted:
                threading.Event().wait(0.03)
                super().read([each], into, progress)

    world = World(Slow())
    world.run("import os\nblob = bytearray(os.urandom(2_000_000))")
    moment = world.moment()
    fresh = world.fresh()
    seen: list[tuple[int, int]] = []
    fresh.engine.restore(
        moment.components, moment.gaps, fresh.memory, progress=lambda done, total: seen.append((done, total))
    )

    assert 3 <= len(seen) <= 40
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {seen[0][1]}
    assert seen[0][1] > 2_000_000 >= seen[0][0]


def test_a_restore_leaves_nothing_behind_that_keeps_its_objects_alive() -> None:
    """They live as long as the user's names do, not until the collector runs."""
    world = World()
    world.run(ARRAYS)
    moment = world.moment()
    world.run("big[0] = 0")
    world.capture()
    before = weakref.ref(world.names["big"])
    gc.disable()
    try:
        world.engine.restore(moment.components, moment.gaps, world.memory)
        assert before() is None
        after = weakref.ref(world.names["big"])
        del world.names["big"]
        assert after() is None
    finally:
        gc.enable()


def test_a_stream_is_read_alike_however_its_windows_lie() -> None:
    data = bytes(range(256)) * 8
    for width in (1, 7, 300, 5000):
        windows = (memoryview(data[at : at + width]) for at in range(0, len(data), width))
        feed = Feed(b"head\n", windows)
        target = bytearray(700)
        assert feed.readline() == b"head\n"
        assert feed.read(300) == data[:300]
        assert feed.readinto(memoryview(target)) == 700
        assert target == data[300:1000]
        assert feed.tell() == 1005
        assert feed.read(5000) == data[1000:]
        assert feed.read(1) == b""
