"""Whatever kills a kernel, what it had handed over is there afterwards, and nobody touches what it still writes."""

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import leases_folder, prepare_store
from runtrack_jupyter.store.leases import STALE_AFTER, Lease, is_held, process_is_alive
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.recovery import recover
from runtrack_jupyter.store.scan import scan
from tests.store.builder import Kernel, components_of, values_in
from tests.store.conftest import KEY

SESSION = SessionId("01LEASED")


def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[2]
    path = os.pathsep.join([*filter(None, sys.path), str(root)])
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


# ---- leases


@pytest.fixture(name="leased")
def _leased(store: Path) -> Path:
    prepare_store(store)
    Lease(store, SESSION).take()
    return store


def rewrite(store: Path, **changes: object) -> None:
    path = leases_folder(store) / SESSION
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_session_is_held_until_it_is_released(leased: Path) -> None:
    assert is_held(leased, SESSION)
    Lease(leased, SESSION).release()
    assert not is_held(leased, SESSION)


def test_a_process_that_is_gone_is_known_at_once(leased: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    rewrite(leased, pid=child.pid)

    assert not is_held(leased, SESSION)


def test_a_process_nobody_has_waited_for_is_gone_too(leased: Path) -> None:
    """The server is the parent of its kernels and may be slow to look."""
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE)
    deadline = time.monotonic() + 10
    while process_is_alive(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not process_is_alive(child.pid)
    child.wait()


def test_a_process_id_used_again_is_another_process(leased: Path) -> None:
    rewrite(leased, started="12345")

    assert not is_held(leased, SESSION)


def test_after_a_reboot_no_lease_holds(leased: Path) -> None:
    rewrite(leased, boot="of before")

    assert not is_held(leased, SESSION)


@pytest.mark.parametrize("elsewhere", [{"host": "other"}, {"namespace": "pid:[1]"}])
def test_from_another_machine_or_container_the_heartbeat_counts(
    leased: Path, elsewhere: dict[str, str]
) -> None:
    """Home folders are shared over the network, and process ids mean nothing there."""
    rewrite(leased, pid=2**22 - 1, **elsewhere)
    path = leases_folder(leased) / SESSION
    assert is_held(leased, SESSION)
    long_ago = time.time() - STALE_AFTER - 5
    os.utime(path, (long_ago, long_ago))

    assert not is_held(leased, SESSION)


def test_a_kernel_that_was_taken_for_dead_comes_back(
    leased: Path,
) -> None:
    """A laptop that slept has not beaten for hours."""
    lease = Lease(leased, SESSION)
    (leases_folder(leased) / SESSION).unlink()
    lease.beat()
    assert is_held(leased, SESSION)
    (leases_folder(leased) / SESSION).unlink()
    lease.beat()  # a moment later: not looked at every time
    assert not is_held(leased, SESSION)


def test_a_session_without_a_lease_is_not_held(store: Path) -> None:
    assert not is_held(store, SESSION)


# ---- torn tails


def test_a_torn_tail_is_cut_once_its_kernel_is_gone(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    path = kernel.writer.path
    whole = path.read_bytes()
    last = list(scan(path))[-1]
    path.write_bytes(whole + whole[last.offset : last.end - 9])
    assert recover(store) == []  # it lives, and may be in the middle of writing
    Lease(store, kernel.session.session_id).release()

    ((session_id, cut, size),) = recover(store)
    assert (session_id, cut, size) == (kernel.session.session_id, path, last.end - 9 - last.offset)
    assert path.read_bytes() == whole
    assert recover(store) == []


def test_damage_at_the_end_is_no_torn_tail(store: Path) -> None:
    """Evidence is kept: a whole frame whose bytes changed was not left half written."""
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    kernel.writer.close()
    path = kernel.writer.path
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)

    assert recover(store) == []
    assert path.read_bytes() == content
    assert [finding.kind for finding in fsck(store, KEY)] == ["damaged"]


def test_leases_of_the_dead_are_removed(store: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    prepare_store(store)
    Lease(store, SESSION).take()
    rewrite(store, pid=child.pid)
    living = Kernel(store)
    living.run_cell()
    recover(store)

    assert [path.name for path in leases_folder(store).iterdir()] == [living.session.session_id]


def test_recovering_nothing_writes_nothing(tmp_path: Path) -> None:
    assert recover(tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()


# ---- kill -9

WRITE_FOR_EVER = """
    import sys
    from pathlib import Path
    from tests.store.builder import Kernel

    kernel = Kernel(Path(sys.argv[1]), session_id=sys.argv[2], roll_at=60_000)
    for number in range(10**9):
        kernel.run_cell(x=str(number), **{f"v{number % 5}": "y" * (number % 900)})
        if number % 7 == 0:
            kernel.checkpoint()
        if number % 3 == 0:
            kernel.writer.sync()
            print(number, flush=True)
"""


@pytest.mark.parametrize("number", range(20))
def test_a_kernel_killed_at_any_moment_loses_nothing_it_had_handed_over(store: Path, number: int) -> None:
    session_id = SessionId(f"01KILLED{number}")
    child = start(WRITE_FOR_EVER, store, session_id)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(random.random() * 0.25)
    child.send_signal(signal.SIGKILL)
    acknowledged = int((["0", *child.stdout.read().split()])[-1])
    child.wait()

    recover(store)
    assert [finding for finding in fsck(store, KEY) if finding.severity != "info"] == []
    history = History([store], KEY)
    history.refresh()
    steps = history.steps(session_id=session_id)
    assert len(steps) > acknowledged
    payload = StorePayload(history)
    for at in {0, acknowledged // 2, acknowledged}:
        expected = components_of({"x": str(at)})["x"]
        snapshot = history.snapshot(steps[at].step_id)
        assert values_in(snapshot)["x"] == expected
        blob = payload.manifest(expected).stream
        payload.read_blob(blob, memoryview(bytearray(blob.size)))
    for step in steps[: acknowledged + 1]:
        assert (step.captured, step.gaps) == (True, ())
    for step in steps[acknowledged + 1 :]:
        assert step.captured or [gap.kind for gap in step.gaps] == ["lost"]


def test_a_reader_in_another_process_follows_a_kernel_that_is_killed(store: Path) -> None:
    child = start(WRITE_FOR_EVER, store, "01FOLLOWED")
    assert child.stdout is not None
    child.stdout.readline()
    history = History([store], KEY)
    counts = []
    for _ in range(20):
        history.refresh()
        counts.append(len(history.steps()))
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.stdout.read()
    child.wait()

    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert history.folded(SessionId("01FOLLOWED")).damage == []
    recover(store)
    history.refresh()
    fresh = History([store], KEY)
    fresh.refresh()
    assert history.steps() == fresh.steps()
    files = sorted((store / "segments").iterdir())
    assert sum(1 for path in files for _ in scan(path)) > 5 * counts[-1] // 2
