"""The benchmark itself: it runs, and it would notice."""

from pathlib import Path

import pytest

from benchmarks.judging import judge
from benchmarks.kernels import Kernel
from benchmarks.playing import Options, Played, play
from benchmarks.sessions.catalogue import SESSIONS
from benchmarks.sessions.session import Session
from benchmarks.systems.runtrack import Runtrack
from benchmarks.systems.system import Checkout
from benchmarks.systems.untracked import Untracked
from benchmarks.tables import session_table

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="costs are read from Linux's /proc"
)


class Forgetful(Runtrack):
    """A system that brings a state back, and then loses a variable without a word."""

    name = "forgetful"

    def checkout(self, kernel: Kernel, state: str, timeout: float) -> Checkout:
        """Restore, and change one value behind everyone's back."""
        done = super().checkout(kernel, state, timeout)
        kernel.evaluate("'words' in globals() and words.append('no word of the user')")
        return done


def played(session: Session, system: Runtrack, folder: Path) -> list[Played]:
    """Return what the baseline and one system did."""
    return play(session, [Untracked(), system], folder, Options(checkouts=3))


@pytest.mark.parametrize("name", ["trivial", "strings"])
def test_runtrack_brings_every_state_of_a_session_back(name: str, tmp_path: Path) -> None:
    """The smallest version of what the documentation quotes, so that the benchmark cannot rot."""
    session = SESSIONS[name](0.0)

    bare, tracked = played(session, Runtrack(), tmp_path)

    assert len(bare.seconds) == len(tracked.seconds) == len(session.cells) == tracked.kept
    assert bare.floor > 0
    assert tracked.store > 0
    assert tracked.altered == 0
    assert len(tracked.back) == 3
    assert len(tracked.fresh) == 2
    for way in tracked.back + tracked.fresh:
        assert (way.error, way.verdict.said, way.verdict.silent) == ("", (), ())
        assert way.verdict.right > 0 or way.cell == 0
    assert "| Runtrack |" in session_table(session, [[bare, tracked]])


def test_a_state_that_comes_back_wrong_is_counted_as_silently_wrong(tmp_path: Path) -> None:
    """A benchmark whose probes cannot fail would praise anything."""
    session = SESSIONS["strings"](0.0)

    bare, tracked = played(session, Forgetful(), tmp_path)

    assert all("words" in way.verdict.silent for way in tracked.back if way.cell >= 1)
    table = session_table(session, [[bare, tracked]])
    assert "silently wrong (states): " in table


def test_a_wrong_probe_is_excused_only_by_a_gap_in_what_it_reads() -> None:
    """That something else did not come back excuses nothing."""
    then = {"a + 1": "int 3", "b": "int 1", "c": "absent: name 'c' is not defined"}
    now = {"a + 1": "int 4", "b": "int 2", "c": "absent: name 'c' is not defined"}

    verdict = judge(then, now, Checkout(seconds=0.0, gaps={"a": "a socket"}))

    assert (verdict.right, verdict.said, verdict.silent) == (0, ("a + 1",), ("b",))
