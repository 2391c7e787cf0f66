"""One session on several systems at once, cell by cell in turn, and then every way back.

The order of the systems rotates with each cell. After its cell a kernel is left alone until nothing works in its
background, so that nobody's background is anybody else's foreground; that time is reported beside the others.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.judging import Verdict, judge
from benchmarks.kernels import Kernel, LostKernelError
from benchmarks.sessions.session import Session
from benchmarks.systems.system import Checkout, System
from benchmarks.warmth import Warmth

__all__ = ["Options", "Played", "WayBack", "play"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """How long to try, and with which Python."""

    python: str = sys.executable
    cell_seconds: float = 300.0  # a cell or a way back that takes longer ends the system's part
    system_seconds: float = 1200.0  # of ways back, for one system and session
    checkouts: int = 30
    progress: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """One checkout of one cell's state, and what the probes said."""

    cell: int
    seconds: float
    verdict: Verdict
    error: str = ""


@dataclass(kw_only=True)
class Played:
    """What one system did in one session."""

    system: str
    seconds: list[float] = field(default_factory=list)  # of each cell
    background: list[float] = field(default_factory=list)  # after each cell
    baseline: bool = False
    floor: int = 0
    processor: float = 0.0
    peak: int = 0
    store: int = 0
    kept: int = 0  # states of so many cells
    altered: int = 0  # probes that gave another value than without the system, before any way back
    back: list[WayBack] = field(default_factory=list)
    fresh: list[WayBack] = field(default_factory=list)
    skipped: int = 0  # ways back for which no time was left
    lost: str = ""  # why it ended early


class _Player:
    """One system at work on one session."""

    def __init__(
        self,
        system: System,
        session: Session,
        folder: Path,
        options: Options,
        warmth: Warmth,
        *,
        baseline: bool,
    ) -> None:
        self.system = system
        self.session = session
        self.baseline = baseline
        self._options = options
        self._warmth = warmth
        self._places = folder / "home", folder / "work"
        for place in self._places:
            place.mkdir(parents=True)
        self.played = Played(system=system.name, baseline=baseline)
        self.seen: list[dict[str, str]] = []
        self.kernel = self._started()
        self._began_with = self.kernel.processor()

    def _started(self) -> Kernel:
        kernel = self.system.start(*self._places, self._options.python)
        kernel.warmth = self._warmth
        kernel.settle()
        return kernel

    def cell(self, number: int) -> None:
        """Run one cell and look at what is there."""
        turn = self.kernel.run(self.session.cells[number], timeout=self._options.cell_seconds)
        if turn.error and self.baseline:
            raise SystemExit(f"cell {number} of {self.session.name} fails:\n{turn.error}")
        self.played.seconds.append(turn.seconds)
        self.played.background.append(self.kernel.settle())
        with self.kernel.apart():
            self.seen.append(self.kernel.look(self.session.probes))
            if self.baseline:
                self.played.floor = self.kernel.floor()

    def close(self) -> list[str]:
        """Take stock after the last cell; return the names of the states."""
        self.system.finish(self.kernel)
        self.played.background[-1] += self.kernel.settle()
        self.kernel.note_peak()
        self.played.peak = self.kernel.peak
        self.played.processor = self.kernel.processor() - self._began_with
        self.played.store = self.system.store_bytes(self.kernel)
        states = self.system.states(self.kernel, len(self.seen))
        self.played.kept = sum(bool(state) for state in states)
        return states

    def go_back(self, states: Sequence[str], cells: Iterable[int], results: list[WayBack]) -> None:
        """Go back to some cells, one after the other, and judge each."""
        spent = 0.0
        for cell in cells:
            if spent > self._options.system_seconds:
                self.played.skipped += 1
                continue
            began = time.perf_counter()
            checkout = Checkout(seconds=0.0, error="no state was kept")
            if states[cell]:
                checkout = self.system.checkout(self.kernel, states[cell], self._options.cell_seconds)
            now = self.kernel.look(self.session.probes)
            results.append(
                WayBack(
                    cell=cell,
                    seconds=checkout.seconds,
                    verdict=judge(self.seen[cell], now, checkout),
                    error=checkout.error,
                )
            )
            spent += time.perf_counter() - began

    @contextlib.contextmanager
    def losing(self) -> Iterator[None]:
        """Where the kernel is lost, the part of this system ends there, and it is said why."""
        try:
            yield
        except LostKernelError as error:
            self.played.lost = f"{error}, in cell {len(self.seen) + 1} of {len(self.session.cells)}"
            self.kernel.stop(now=True)

    def begin_afresh(self) -> None:
        """End the kernel in order and start another one in its place."""
        self.kernel.stop()
        self.kernel = self._started()


def play(session: Session, systems: Sequence[System], folder: Path, options: Options) -> list[Played]:
    """Play a session on all systems; the first is the baseline of the others."""
    players: list[_Player] = []
    unable: list[Played] = []
    warmth = Warmth(session.memory)
    try:
        for system in systems:
            try:
                baseline = system is systems[0]
                place = folder / system.name
                players.append(_Player(system, session, place, options, warmth, baseline=baseline))
            except LostKernelError as error:
                unable.append(Played(system=system.name, lost=str(error)))
        for number in range(len(session.cells)):
            first = number % len(players)
            for player in [*players[first:], *players[:first]]:
                if not player.played.lost:
                    with player.losing():
                        player.cell(number)
            options.progress(_latest(session, number, players))
        for player in players:
            player.played.altered = _altered(players[0].seen, player.seen)
            with player.losing():
                _ways_back(player, options)
    finally:
        for player in players:
            player.kernel.stop(now=True)
        warmth.close()
    return [player.played for player in players] + unable


def _ways_back(player: _Player, options: Options) -> None:
    played = player.played
    if played.lost:
        return
    states = player.close()
    if player.baseline or not options.checkouts:
        return
    cells = _jumping(len(states))[: options.checkouts]
    player.go_back(states, cells, played.back)
    options.progress(f"{player.session.name}: {played.system} went back {len(played.back)} times")
    player.begin_afresh()
    player.go_back(states, [len(states) - 1, len(states) // 2], played.fresh)


def _jumping(count: int) -> list[int]:
    """Return all numbers below `count`, neighbours far apart: going back one step is the easy case."""
    width = max(1, (count - 1).bit_length())
    reversed_bits = (int(format(number, f"0{width}b")[::-1], 2) for number in range(1 << width))
    return [number for number in reversed_bits if number < count]


def _altered(without: list[dict[str, str]], with_system: list[dict[str, str]]) -> int:
    pairs = zip(without, with_system, strict=False)
    return sum(there[probe] != value for here, there in pairs for probe, value in here.items())


def _latest(session: Session, number: int, players: Sequence[_Player]) -> str:
    times = ", ".join(
        f"{player.played.system} {player.played.lost or f'{player.played.seconds[-1]:.3f} s'}"
        for player in players
    )
    return f"{session.name} {number + 1}/{len(session.cells)}: {times}"
