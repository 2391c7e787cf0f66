"""What recording costs cells that reach large arrays."""

from collections.abc import Iterator

from benchmarks.aims.figure import Figure, Pair, Workshop, at_least, at_most, checkpoint, restore

__all__ = ["changed_in_place", "frames", "reached"]

_ELEMENTS = 12_500_000  # of 8 bytes: 100 MB
_PENDING_LIMIT = 512e6


def _parts(workshop: Workshop, count: int) -> tuple[int, str]:
    """Return the bytes and the code of a list of arrays."""
    elements = workshop.size(_ELEMENTS, 10_000)
    code = f"parts = [np.random.default_rng(n).random({elements}) for n in range({count})]"
    return elements * 8 * count, code


def reached(workshop: Workshop) -> Iterator[Figure]:
    """Reach 800 MB in eight arrays of one list."""
    size, code = _parts(workshop, 8)
    megabytes = f"{size / 1e6:.0f} MB"
    with workshop.pair("arrays", memory=1.6e9) as pair:
        pair.prepare("import numpy as np", code, "y = 0")
        reading = pair.alternate(f"y = float(parts[{n % 8}][{n}])" for n in range(14))
        yield at_least(
            f"{megabytes} of arrays reached and unchanged, fingerprint",
            size / 1e6 / max(reading.median, 1e-3),
            8,
            "GB/s",
            note=f"added {reading.median:.0f} ms",
        )
        writing = pair.alternate(f"parts[{n % 8}][{n * 1000}] += 1.0" for n in range(14))
        yield at_most(f"tiny write into {megabytes} of arrays, added, median", writing.median, 100, "ms")
        yield _checkpoint(pair, size)
        yield _one_percent(pair, size)


def _checkpoint(pair: Pair, size: int) -> Figure:
    seconds = [checkpoint(pair.tracked) for _ in range(5)]
    limit = size / 8e9 + 0.05
    return at_most("checkpoint, nothing changed, arrays", sorted(seconds)[2] * 1e3, limit * 1e3, "ms")


def _one_percent(pair: Pair, size: int) -> Figure:
    """Go to and fro between two states that differ in one hundredth of every array."""
    pair.prepare("for part in parts:\n    part[: len(part) // 100] += 1.0\ndel part")
    states: list[str] = pair.tracked.evaluate(
        '[step.step_id for step in __import__("runtrack_jupyter").steps()][-2:]'
    )
    pair.tracked.settle()
    seconds = []
    for number in range(6):
        seconds.append(restore(pair.tracked, states[number % 2]))
        pair.tracked.settle()
    return at_most(f"restore {size / 1e6:.0f} MB of which 1 % differs", sorted(seconds)[3], 0.3, "s")


def frames(workshop: Workshop) -> Iterator[Figure]:
    """Read a frame of 380 MB."""
    rows = workshop.size(4_750_000, 10_000)
    with workshop.pair("frames", memory=8e8) as pair:
        pair.prepare(
            "import numpy as np, pandas as pd",
            f"frame = pd.DataFrame(np.random.default_rng(1).random(({rows}, 10)), columns=list('abcdefghij'))",
            "y = 0",
        )
        reading = pair.alternate(f"y = float(frame.iat[{n}, 0])" for n in range(14))
    yield at_least(
        f"frame of {rows * 80 / 1e6:.0f} MB reached and unchanged, fingerprint",
        rows * 80 / 1e6 / max(reading.median, 1e-3),
        8,
        "GB/s",
        note=f"added {reading.median:.0f} ms",
    )


def changed_in_place(workshop: Workshop) -> Iterator[Figure]:
    """Change 400 MB, then 800 MB, and run the next cell at once."""
    size, code = _parts(workshop, 4)
    change = "for part in parts:\n    part *= 1.0001"
    with workshop.pair("changed", memory=1.6e9) as pair:
        pair.prepare("import numpy as np", code, "y = 0")
        both = [pair.at_once(change, f"y = {number}") for number in range(7)]
        waits = sorted(first.added[0] for first, _ in both)
        nexts = sorted(second.added[0] for _, second in both)
        megabytes = f"{size / 1e6:.0f} MB"
        yield at_least(
            f"{megabytes} changed in place, fingerprint and copy",
            size / 1e9 / max(waits[3], 1e-6),
            5,
            "GB/s",
            note=f"added {waits[3] * 1e3:.0f} ms",
        )
        yield at_most(f"trivial cell at once after {megabytes} changed, added", nexts[3] * 1e3, 10, "ms")
        _, more = _parts(workshop, 8)
        pair.prepare(more, *[change] * 4)
        for kernel in pair.kernels:
            kernel.note_peak()
        limit = pair.bare.peak * 1.1 + _PENDING_LIMIT
        yield at_most(
            f"peak memory, {2 * size / 1e6:.0f} MB changed in place over and over",
            pair.tracked.peak / 1e6,
            limit / 1e6,
            "MB",
            note=f"untracked {pair.bare.peak / 1e6:.0f} MB",
        )
