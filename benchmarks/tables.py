"""What was measured, as Markdown."""

import statistics
from collections import Counter
from collections.abc import Sequence

from benchmarks.aims.figure import Figure, at_rank
from benchmarks.playing import Played, WayBack
from benchmarks.sessions.session import Session

__all__ = ["aims_table", "session_table"]

_HEAD = (
    "system",
    "added per cell, median / p95",
    "total",
    "processor",
    "peak memory",
    "store / floor",
    "checkout, median / longest",
    "fresh kernel",
    "probes right / gap said / silently wrong",
)

_LISTED = 8  # probes that were wrong, of one system


def aims_table(figures: Sequence[Figure]) -> str:
    """Return the single figures beside their aims."""
    lines = ["### Single figures", "", "| | aim | measured | |", "|---|--:|--:|---|"]
    lines += [
        f"| {one.what} | {one.aim} | {one.measured} | {'met' if one.met else '**missed**'} |"
        for one in figures
    ]
    return "\n".join(lines)


def session_table(session: Session, runs: Sequence[Sequence[Played]]) -> str:
    """Return one session's table; `runs` holds what each repetition gave, the baseline first."""
    bare = [played.seconds for played in (run[0] for run in runs)]
    lines = [
        f"### {session.name}: {session.title}, {len(session.cells)} cells, {_duration(_total(bare))} bare",
        "",
        "| " + " | ".join(_HEAD) + " |",
        "|---" + "|--:" * (len(_HEAD) - 1) + "|",
    ]
    rows = (_row(bare, runs[0][0].floor, [run[place] for run in runs]) for place in range(len(runs[0])))
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["", *(note for played in runs[0] for note in _notes(played))]
    return "\n".join(lines)


def _row(bare: list[list[float]], floor: int, runs: list[Played]) -> list[str]:
    first = runs[0]
    if first.lost and not first.seconds:
        return [first.system, first.lost, *[""] * (len(_HEAD) - 2)]
    if first.baseline:
        costs = [_duration(_total(bare)), _duration(first.processor), _size(first.peak)]
        return [first.system, "", *costs, f"floor {_size(first.floor)}", "", "", ""]
    added = added_per_cell(bare, [run.seconds for run in runs])
    total = _total([run.seconds for run in runs])
    return [
        first.system,
        f"{_milliseconds(statistics.median(added))} / {_milliseconds(at_rank(added, 0.95))}",
        f"{total / _total(bare):.2f}×",
        _duration(statistics.median(run.processor for run in runs)),
        _size(max(run.peak for run in runs)),
        f"{_size(first.store)}, {first.store / max(1, floor):.2f}×",
        _latencies(first.back),
        _latencies(first.fresh[:1]),
        probes(first.back + first.fresh),
    ]


def added_per_cell(bare: list[list[float]], tracked: list[list[float]]) -> list[float]:
    """Return the seconds each cell took longer than in the baseline, the median of all repetitions."""
    return [
        statistics.median(there - here for here, there in zip(*pair, strict=True))
        for pair in (
            ([run[cell] for run in bare], [run[cell] for run in tracked])
            for cell in range(min(len(run) for run in tracked))
        )
    ]


def probes(ways: Sequence[WayBack]) -> str:
    """Return how many probes were right, wrong with a gap said, and wrong silently."""
    if not ways:
        return ""
    right = sum(way.verdict.right for way in ways)
    said = sum(len(way.verdict.said) for way in ways)
    silent = sum(len(way.verdict.silent) for way in ways)
    return f"{right} / {said} / {f'**{silent}**' if silent else 0}"


def _notes(played: Played) -> list[str]:
    notes = []
    if played.lost:
        notes.append(f"* {played.system} ended early: {played.lost}.")
    if played.altered:
        notes.append(
            f"* With {played.system}, {played.altered} probes gave other values before any way back."
        )
    if played.skipped:
        notes.append(f"* {played.system}: no time was left for {played.skipped} ways back.")
    reasons = {way.error for way in played.back + played.fresh if way.error}
    notes += [f"* {played.system} said: {reason[:200]}." for reason in sorted(reasons)]
    for where, ways in (("", played.back), (" in a fresh kernel", played.fresh)):
        wrong = Counter(probe for way in ways for probe in way.verdict.silent)
        if wrong:
            named = [f"`{probe}` ({count})" for probe, count in wrong.most_common(_LISTED)]
            more = f", and {len(wrong) - _LISTED} more" if len(wrong) > _LISTED else ""
            notes.append(f"* {played.system}{where}, silently wrong (states): {', '.join(named)}{more}.")
    return notes


def _total(runs: list[list[float]]) -> float:
    return statistics.median(sum(run) for run in runs)


def _latencies(ways: Sequence[WayBack]) -> str:
    seconds = [way.seconds for way in ways if not way.error]
    if not seconds:
        return "" if not ways else "none"
    if len(seconds) == 1:
        return _duration(seconds[0])
    return f"{_duration(statistics.median(seconds))} / {_duration(max(seconds))}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if abs(seconds) < 0.1 else _duration(seconds)


def _duration(seconds: float) -> str:
    return (
        f"{seconds * 1e3:.0f} ms"
        if seconds < 1
        else f"{seconds:.2f} s"
        if seconds < 10
        else f"{seconds:.0f} s"
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count < 1e7 else f"{count / 1e6:,.0f} MB"
