"""The top-level statements of steps and the names that each touches, read from the recorded source alone."""

import ast
import re
import symtable
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from runtrack_jupyter.model import Step

__all__ = ["Place", "Statement", "Touched", "statements_of", "text_of"]

_CUT = "‹secret "  # what stands in the place of a secret that was cut out
_SHELL_LINE = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_LONGEST = 48  # characters of a statement in a sentence


class Touched(NamedTuple):
    """The global names one statement touches: at the top as it runs, and in functions and lambdas inside it."""

    read: frozenset[str]
    written: frozenset[str]  # bound or deleted
    nested: frozenset[str]
    nested_written: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Every name."""
        return self.read | self.written | self.nested


Place: TypeAlias = tuple[int, int]  # index of the step on its path, and of the statement in it


class Statement(NamedTuple):
    """One top-level statement of one step.

    `doubt` says why it is not known to have run as it stands (a cell that failed, a magic); "" when it is. What is
    in doubt may have touched its names, and is never run again. `node` is None where there is no plain Python.
    """

    place: Place
    node: ast.stmt | None
    touched: Touched
    doubt: str = ""


_STATUS_DOUBTS = {
    "error": "that cell failed",
    "interrupted": "that cell was interrupted",
    "died": "the kernel died in that cell",
    "running": "that cell had not ended",
}


def statements_of(number: int, step: Step, doubt: str = "") -> tuple[Statement, ...]:
    """Return the statements of a step, which is the one with this `number` on its path.

    `doubt` is what makes all of it doubtful. Names on record that no statement has (of
    magics, mostly) come as statements in doubt before and after the others.
    """
    if step.names.opaque == "syntax":
        return ()  # it did not run
    recorded, written = _recorded(step)
    parsed = None if step.names.opaque else _parsed(step.source)
    if parsed is None:
        return (Statement((number, 0), None, _unplaced(recorded, written), _why_not_python(step)),)
    doubt = doubt or _STATUS_DOUBTS.get(step.status, "")
    found = [
        Statement((number, index), node, touched, doubt or _cut_out(node))
        for index, (node, touched) in enumerate(parsed, 1)
    ]
    unseen = recorded - frozenset[str]().union(*(each.touched.all for each in found))
    if not unseen or doubt:
        return tuple(found)
    other = Statement((number, 0), None, _unplaced(unseen, written), "that cell has a magic command")
    return (other, *found, other._replace(place=(number, len(found) + 1)))


def text_of(statement: Statement) -> str:
    """Return a statement as one short line for a sentence."""
    if statement.node is None:
        return ""
    line = " ".join(ast.unparse(statement.node).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _recorded(step: Step) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names on record, and those of them that are bound or deleted."""
    written = frozenset((*step.names.written, *step.names.deleted))
    return written.union(step.names.read), written


def _unplaced(names: frozenset[str], written: frozenset[str]) -> Touched:
    return Touched(names, names & written, frozenset(), frozenset())


def _why_not_python(step: Step) -> str:
    opaque = step.names.opaque
    if opaque and opaque != "syntax":
        return f"nobody can know what {opaque} does in that cell"
    return "that cell is not plain Python"


def _cut_out(node: ast.stmt) -> str:
    texts = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    has_marker = any(_CUT in each for each in texts if isinstance(each, str))
    return "a secret was cut out of that cell" if has_marker else ""


@lru_cache(maxsize=2048)
def _parsed(source: str) -> tuple[tuple[ast.stmt, Touched], ...] | None:
    """Return the statements of a source, each with its names; None where it is no plain Python."""
    tree = _tree(source)
    if tree is None and _SHELL_LINE.search(source):
        tree = _tree(_SHELL_LINE.sub(_passed, source))  # what a magic line touches is on record as names
    if tree is None:
        return None
    try:
        return tuple((node, _touched(node)) for node in tree.body)
    except (SyntaxError, ValueError, RecursionError):  # top-level await: no symbol table takes it
        return None


def _passed(line: "re.Match[str]") -> str:
    text = line[0]
    return f"{text[: len(text) - len(text.lstrip())]}pass"


def _tree(source: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _touched(node: ast.stmt) -> Touched:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(ast.unparse(node), "<cell>", "exec")
    written = {each.get_name() for each in top.get_symbols() if each.is_assigned() or each.is_imported()}
    read = {each.get_name() for each in top.get_symbols() if each.is_referenced()}
    read |= (
        {node.target.id} if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else set()
    )
    deleted = {
        target.id
        for each in ast.walk(node)
        if isinstance(each, ast.Delete)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    nested, nested_written = _nested(top.get_children())
    return Touched(
        frozenset(read), frozenset(written | deleted), frozenset(nested), frozenset(nested_written)
    )


def _nested(tables: Sequence[symtable.SymbolTable]) -> tuple[set[str], set[str]]:
    """Return the globals that the code of inner scopes names, and those of them that it binds."""
    named: set[str] = set()
    bound: set[str] = set()
    for table in _all(tables):
        for symbol in table.get_symbols():
            if symbol.is_global():
                named.add(symbol.get_name())
                if symbol.is_assigned():
                    bound.add(symbol.get_name())
    return named, bound


def _all(tables: Iterable[symtable.SymbolTable]) -> Iterator[symtable.SymbolTable]:
    for table in tables:
        yield table
        yield from _all(table.get_children())
