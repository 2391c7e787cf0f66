"""Everything brought back in a fresh kernel, against reading it in the plainest way."""

from collections.abc import Iterator

from benchmarks.aims.figure import Figure, Workshop, at_most, restore
from benchmarks.systems.runtrack import Runtrack
from benchmarks.systems.untracked import Untracked

__all__ = ["restore_afresh"]

_SAVE = '__import__("benchmarks.inkernel.plainly", fromlist=["save"]).save({!r})'
_LOAD = '__import__("benchmarks.inkernel.plainly", fromlist=["load"]).load({!r})'


def restore_afresh(workshop: Workshop) -> Iterator[Figure]:
    """Bring 800 MB of arrays back; then two million strings and 300,000 documents."""
    arrays = (
        "import numpy as np",
        f"parts = [np.random.default_rng(n).random({workshop.size(12_500_000, 1000)}) for n in range(8)]",
    )
    objects = (
        f"names = [f'name {{n}}' for n in range({workshop.size(2_000_000)})]",
        f"docs = [{{'id': n, 'title': f'title {{n}}', 'score': n / 7}} for n in range({workshop.size(300_000)})]",
    )
    for what, cells in (("arrays", arrays), ("objects", objects)):
        yield _against_plain(workshop, what, cells)


def _against_plain(workshop: Workshop, what: str, cells: tuple[str, ...]) -> Figure:
    name = f"afresh-{what}"
    file = str(workshop.folder / f"{name}.plain")
    plain, tracked = [], []
    with workshop.pair(name, memory=1.6e9) as pair, workshop.warm(1.6e9) as warmth:
        pair.prepare(*cells)
        Runtrack().finish(pair.tracked)
        state = Runtrack().states(pair.tracked, len(cells))[-1]
        pair.bare.evaluate(_SAVE.format(file))
        pair.tracked.stop()
        for _ in range(3):
            with workshop.kernel(name, Runtrack(), warmth) as fresh:
                tracked.append(restore(fresh, state))
            with workshop.kernel(name, Untracked(), warmth) as fresh:
                plain.append(fresh.ask(_LOAD.format(file)).seconds)
    ratio = sorted(tracked)[1] / sorted(plain)[1]
    note = f"{sorted(tracked)[1]:.2f} s against {sorted(plain)[1]:.2f} s"
    return at_most(
        f"restore of everything in a fresh kernel, {what}, against plain reading", ratio, 2, "×", note=note
    )
