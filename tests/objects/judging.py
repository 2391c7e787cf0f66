"""A shelf tried in processes of its own, and a verdict for every row."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from tests.objects.entry import Shelf
from tests.objects.trial import Outcome, Seen

__all__ = ["judge"]

_ROOT = Path(__file__).resolve().parents[2]
_DEATHS = 20


def judge(shelf: Shelf, folder: Path) -> list[Outcome]:
    """Try every row of a shelf; `folder` is empty and for this shelf alone."""
    made = _run("make", shelf, folder)
    restored = _run("restore", shelf, folder)
    return [_outcome(seen, restored.get(seen.row)) for seen in made.values()]


def _run(act: str, shelf: Shelf, folder: Path) -> dict[str, Seen]:
    journal = folder / f"{act}.jsonl"
    journal.touch()
    code = f"import sys; sys.path.append({str(_ROOT)!r}); from tests.objects.worker import main; main(*sys.argv[1:])"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}
    for _ in range(_DEATHS):
        process = subprocess.run(
            [sys.executable, "-c", code, act, shelf.title, str(folder)],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=folder,  # some entries make files
        )
        if process.returncode == 0:
            break
        if process.returncode > 0:
            raise RuntimeError(f"{act} {shelf.title}: {process.stderr}")
    lines = journal.read_bytes().splitlines()
    return {seen.row: seen for seen in (msgspec.json.decode(line, type=Seen) for line in lines)}


def _outcome(made: Seen, restored: Seen | None) -> Outcome:
    if made.kind == "not made":
        return Outcome(made.row, "not made", made.words)
    if made.kind == "died":
        return Outcome(made.row, "not made", "its process dies")
    if made.kind == "failed":  # with an error that is not its constructor's: nothing is known about it then
        return Outcome(made.row, "silently wrong", made.words)
    if made.kind == "gap":
        return Outcome(made.row, "gap", made.words)
    if restored is None or restored.kind in ("died", "failed"):
        words = restored.words if restored is not None else ""
        return Outcome(made.row, "silently wrong", words or "its process dies when it is restored")
    if restored.kind == "gap":
        return Outcome(made.row, "gap", restored.words)
    views = {**made.views, **restored.views}
    expected_by = next(iter(views))
    if made.kind == "rebuilt" and made.of_class:
        views = {view: lines[:1] for view, lines in views.items()}  # its words say that it is not what it was
    for view, lines in views.items():
        if lines != views[expected_by]:
            return Outcome(made.row, "silently wrong", f"{view}: {_difference(views[expected_by], lines)}")
    if made.kind == "rebuilt":
        return Outcome(made.row, "rebuilt", made.words)
    return Outcome(made.row, "exact", made.restless or restored.restless)


def _difference(expected: list[str], found: list[str]) -> str:
    for one, other in zip(expected, found, strict=False):
        if one != other:
            return f"{other!r} where it was {one!r}"
    extra = (expected[len(found) :] or found[len(expected) :])[0]
    return f"{len(found)} lines for {len(expected)}, {extra!r}"
