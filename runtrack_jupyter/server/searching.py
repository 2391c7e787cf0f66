"""Which runs hold what a search asks for, where their lists do not tell: in their steps, variables and data files."""

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from runtrack_jupyter.model import NotebookId, Run, Scalar, Step
from runtrack_jupyter.server.messages import FoundRuns
from runtrack_jupyter.server.notebooks import notebook_at
from runtrack_jupyter.store.history import History

__all__ = ["found_runs"]

_COMPARISON = re.compile(r"(?P<name>[^\W\d][\w.]*)\s*(?P<sign><=|>=|!=|==?|<|>)\s*(?P<value>.+)", re.DOTALL)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}

_Matches = Callable[[Run, list[Step]], bool]


def found_runs(history: History, term: str, *, notebook_id: str | None, file: Path | None) -> FoundRuns:
    """Return the runs of one notebook, or of all, that hold what one term asks for.

    A term is ``changed:NAME``, ``file:PATH`` (each may hold ``*``), a comparison such as ``accuracy > 0.82``, or text
    to be found in the source, error or names of a step. Where nothing holds it, `nearest` is the name that was perhaps meant.
    """
    notebook = notebook_at(file, history) if notebook_id is None and file is not None else notebook_id
    if notebook is None and file is not None:
        return FoundRuns(run_ids=(), nearest=None)
    found = history.runs(None if notebook is None else NotebookId(notebook))
    runs = [(run, history.steps(run_id=run.run_id)) for run in found]
    matches, wanted, names = _understood(term)
    run_ids = tuple(run.run_id for run, steps in runs if matches(run, steps))
    nearest = None if run_ids else _nearest(wanted, (name for each in runs for name in names(*each)))
    return FoundRuns(run_ids=run_ids, nearest=nearest)


def _understood(term: str) -> tuple[_Matches, str, Callable[[Run, list[Step]], Iterable[str]]]:
    """Return what a term asks, the name in it, and where such names are found."""
    key, _, value = term.partition(":")
    if key == "changed" and value:
        return (lambda _, steps: any(fnmatchcase(name, value) for name in _changed(steps))), value, _names
    if key == "file" and value:
        return (lambda _, steps: any(_is_file(path, value) for path in _paths(steps))), value, _files
    if comparison := _COMPARISON.fullmatch(term.strip()):
        name, sign, text = comparison.group("name", "sign", "value")
        return (lambda run, _: any(_holds(each, sign, text) for each in _values(run, name))), name, _names
    word = term.casefold()
    return (lambda _, steps: any(word in _text(step) for step in steps)), term, _names


def _values(run: Run, name: str) -> Iterator[Scalar]:
    """Yield what a name stood for: the last value that was measured, else that of the variable."""
    measured = [entry for entry in (*run.parameters, *run.metrics) if entry.name == name]
    if measured:
        yield measured[-1].value
    else:
        yield from (each.value for each in run.variables if each.name == name and each.value is not None)


def _holds(value: Scalar, sign: str, text: str) -> bool:
    try:
        wanted = float(text)
    except ValueError:
        same = str(value).casefold() == text.strip("\"'").casefold()
        return same if sign in {"=", "=="} else not same and sign == "!="
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Numbers are shown with four decimals, and asked for as they are shown.
    shown = round(value, 4) if sign in {"=", "==", "!="} and value != wanted else value
    return _SIGNS[sign](shown, wanted)


def _changed(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        yield from step.changed
        yield from step.deleted


def _paths(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        yield from (file.path for file in step.files)


def _is_file(path: str, pattern: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(PurePosixPath(path).name, pattern)


def _names(run: Run, steps: list[Step]) -> Iterable[str]:
    measured = (entry.name for entry in (*run.parameters, *run.metrics))
    return {*_changed(steps), *measured, *(variable.name for variable in run.variables)}


def _files(_: Run, steps: list[Step]) -> Iterable[str]:
    return {name for path in _paths(steps) for name in (path, PurePosixPath(path).name)}


def _text(step: Step) -> str:
    return "\n".join((step.source, step.error, *step.changed, *step.deleted)).casefold()


def _nearest(wanted: str, names: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(wanted, sorted(set(names)), n=1)
    return close[0] if close else None
