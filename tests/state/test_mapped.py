"""Arrays that are mapped to a file: by the file and the place in it."""

from pathlib import Path

import pytest

from tests.state.world import World

READING = """
import numpy as np
np.arange(24, dtype="i4").tofile(path)
a = np.memmap(path, "i4", "r", 8, (5, 4), "F")
part = a[1:, ::2]
turned = part.T
plain = np.asarray(a)[2]
"""
WRITING = """
import numpy as np
np.arange(12, dtype="i4").tofile(path)
a = np.memmap(path, "i4", "r+", shape=(3, 4))
part = a[1:]
"""
LOOK = "(a.tolist(), part.tolist(), a.strides, a.offset, a.mode, a.filename == path, type(a).__name__)"


def in_world(path: Path, source: str) -> World:
    world = World()
    world.names["path"] = str(path)
    assert world.run(source).gaps == ()
    return world


@pytest.mark.parametrize("source", [READING, WRITING])
def test_a_map_is_opened_again_where_it_was(tmp_path: Path, source: str) -> None:
    """It holds the place in the file, and no copy of what is there."""
    world = in_world(tmp_path / "f", source)
    before, moment = world.value(LOOK), world.moment()
    assert all(each.buffers == [] for each in world.engine.live().values())
    world.run("a = part = turned = plain = None")
    for again in (world, world.fresh()):
        assert again.restore(moment).gaps == ()
        assert again.value(LOOK) == before
        assert again.value("type(a.base).__name__, np.shares_memory(a, part), part._mmap is a._mmap") == (
            "mmap",
            True,
            True,
        )
        assert dict(again.capture().bound) == {}


def test_views_of_a_map_look_at_the_map_again(tmp_path: Path) -> None:
    """Slices, transposes and plain arrays over it, read-only as it is."""
    world = in_world(tmp_path / "f", READING)
    moment = world.moment()
    fresh = world.fresh()
    fresh.restore(moment)
    look = "(turned.tolist(), turned.strides, plain.tolist(), type(plain).__name__, np.shares_memory(plain, a), plain.flags.writeable)"
    assert fresh.value(look) == world.value(look)


def test_a_file_that_was_changed_is_no_longer_the_value(tmp_path: Path) -> None:
    """Other bytes under the same name would be silently wrong."""
    for source in (READING, WRITING):
        path = tmp_path / "f"
        world = in_world(path, source)
        moment = world.moment()
        world.run("a = part = turned = plain = None")
        path.write_bytes(bytes(200))
        gaps = world.fresh().restore(moment).gaps
        assert {gap.subject for gap in gaps} >= {"a", "part"}
        assert {gap.reason for gap in gaps} == {f"the mapped file {path} was changed since"}
        path.unlink()
        assert f"the mapped file {path} is gone" in {g.reason for g in world.fresh().restore(moment).gaps}


def test_what_is_written_through_a_map_is_seen(tmp_path: Path) -> None:
    """The system notes the time of a file long after it was written to."""
    world = in_world(tmp_path / "f", WRITING)
    moment = world.moment()
    assert world.run("part[0, 0] = 77").changed == ("a", "part")
    assert world.restore(moment).gaps[0].reason.endswith("was changed since")


def test_a_private_map_keeps_what_was_written_to_it(tmp_path: Path) -> None:
    """Copied on write: the file never sees it, so that its bytes are saved."""
    world = in_world(tmp_path / "f", WRITING.replace("r+", "c") + "part[0, 0] = 77")
    before, moment = world.value(LOOK), world.moment()
    (tmp_path / "f").unlink()
    fresh = world.fresh()
    assert fresh.restore(moment).gaps == ()
    assert fresh.value(LOOK) == before


def test_a_map_whose_file_is_gone_is_a_known_gap(tmp_path: Path) -> None:
    """Known when it is recorded, not when it is wanted back."""
    world = in_world(tmp_path / "f", WRITING)
    (tmp_path / "f").unlink()
    world.names["b"] = world.names["a"]
    assert {gap.subject for gap in world.capture().gaps} == {"a", "b", "part"}
