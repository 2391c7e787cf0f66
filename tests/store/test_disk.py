"""A disk that is really full, and one that is really read-only."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtrack_jupyter.errors import RuntrackError, StoreUnavailableError
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.history import History
from tests.store.builder import Kernel, components_of, values_in
from tests.store.conftest import KEY
from tests.store.test_sealing import sealed


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "runtrack-test", str(disk)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("only root may mount a file system; tests/store/test_segment.py makes the failures up")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill_up(filler: Path) -> None:
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def test_what_fits_before_and_after_a_full_disk_is_one_whole_record(disk: Path) -> None:
    kernel = Kernel(disk / "store")
    before = kernel.run_cell(x="1")
    filler = disk / "filler"
    filler.write_bytes(bytes(700_000))
    refused = []
    for _ in range(60):
        data = os.urandom(9_000)
        try:
            kernel.writer.put(data)
        except StoreUnavailableError as error:
            refused.append(str(error))
    assert len(refused) > 5
    assert all("No space left" in message for message in refused)
    assert [each for each in fsck(disk / "store", KEY) if each.severity != "info"] == []
    filler.unlink()
    after = kernel.run_cell(x="2")
    kernel.writer.close()

    assert [each for each in fsck(disk / "store", KEY) if each.severity != "info"] == []
    history = History([disk / "store"], KEY)
    history.refresh()
    for step_id, text in ((before, "1"), (after, "2")):
        assert values_in(history.snapshot(step_id)) == components_of({"x": text})


def test_a_session_that_begins_on_a_full_disk_leaves_nothing_and_begins_later(disk: Path) -> None:
    filler = disk / "filler"
    fill_up(filler)
    kernel = Kernel(disk / "store")
    with pytest.raises(StoreUnavailableError):
        kernel.begin()
    assert not list(disk.glob("store/segments/*"))
    filler.unlink()
    kernel = Kernel(disk / "store")
    kernel.run_cell(x="1")
    kernel.writer.close()

    assert fsck(disk / "store", KEY) == []


def test_a_run_on_a_full_disk_is_sealed_when_there_is_room(disk: Path) -> None:
    kernel = Kernel(disk / "store")
    kernel.run_cell(x="1")
    run_id = kernel.checkpoint().run_id
    filler = disk / "filler"
    fill_up(filler)
    with pytest.raises(RuntrackError):
        sealed(disk / "store", run_id)
    filler.unlink()

    assert sealed(disk / "store", run_id).ordinal == 1
    assert [each for each in fsck(disk / "store", KEY) if each.severity != "info"] == []


def test_a_disk_that_turns_read_only_can_be_read_and_written_on_later(disk: Path) -> None:
    kernel = Kernel(disk / "store")
    kernel.run_cell(x="1")
    kernel.writer.close()
    kernel = Kernel(disk / "store")
    remount(disk, "ro")
    with pytest.raises(StoreUnavailableError, match="Read-only"):
        kernel.begin()
    history = History([disk / "store"], KEY)
    assert history.refresh()
    assert len(history.steps()) == 1
    assert fsck(disk / "store", KEY) == []
    remount(disk, "rw")
    kernel.run_cell(x="2")

    assert history.refresh()
    assert len(history.steps()) == 2
