"""Whether a value that cannot be seen was left alone by everything that ran after it was made."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from runtrack_jupyter.lineage.known import CONTAINERS, OBSERVERS, SHOWERS
from runtrack_jupyter.lineage.meanings import ATOMS, Meanings
from runtrack_jupyter.lineage.notes import Notes
from runtrack_jupyter.lineage.purity import judged
from runtrack_jupyter.lineage.statements import Place, Statement, text_of
from runtrack_jupyter.lineage.trail import Trail
from runtrack_jupyter.lineage.values import ImpureError, Value

__all__ = ["Uses", "Version"]

# What an opaque step bound can be taken for data, when its type is one of these.
_LOOKERS = OBSERVERS | SHOWERS
_DATA = ATOMS | CONTAINERS | {"module"}


class Version(NamedTuple):
    """A name from the statement that bound it to the one that binds it again."""

    name: str
    place: Place


class Uses:
    """Looks for statements that may have changed a value, under its own name or another."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._verdicts: dict[Place, Value | str] = {}
        self._known: dict[Version, frozenset[Version]] = {}

    def judge(self, statement: Statement) -> tuple[Value, Notes]:
        """Return the judgement of a statement that can be run again; raises ImpureError."""
        if statement.node is None or statement.doubt:
            raise ImpureError(statement.doubt)
        return judged(statement.node, Meanings(self._trail, statement.place))

    def left_alone(self, version: Version) -> frozenset[Version]:
        """Return the other names that the value, or what holds it, was given.

        Raises
        ------
        ImpureError
            Something may have changed it; the message names the cell.
        """
        found: set[Version] = set()
        waiting = [version]
        while waiting:
            each = waiting.pop()
            if each in found:
                continue
            found.add(each)
            if each not in self._known:
                self._known[each] = frozenset(self._names_given(each))
            waiting.extend(self._known[each])
        return frozenset(found - {version})

    def _names_given(self, version: Version) -> Iterator[Version]:
        """Yield the names that statements directly gave to the value; raises where one may have changed it."""
        trail, name = self._trail, version.name
        following = trail.end_of(name, version.place)
        self._refuse_opaque(version, following)
        for statement in trail.mentioning(name):
            after = statement.place > version.place and (
                following is None or statement.place <= following.place
            )
            if after and name in statement.touched.read:
                yield from self._given(version, statement)
            elif name in statement.touched.nested and statement.place != version.place:
                yield from self._given(version, statement)  # code that finds it by name, whenever it runs

    def _given(self, version: Version, statement: Statement) -> Iterator[Version]:
        shown = self._is_of_library(version)
        if _is_only_looked_at(statement, version.name, shown=shown and not self._is_shadowed()):
            return
        value = self._verdict(statement)
        if isinstance(value, str):
            cell = self._trail.cell(statement.place[0])
            told = text_of(statement)
            raise ImpureError(f"{cell} may have changed it{f': {told}' if told else ''}")
        if value.kind not in ATOMS:
            yield from (Version(name, statement.place) for name in statement.touched.written)

    def _verdict(self, statement: Statement) -> Value | str:
        found = self._verdicts.get(statement.place)
        if found is None:
            try:
                found = self.judge(statement)[0]
            except ImpureError as error:
                found = str(error)
            self._verdicts[statement.place] = found
        return found

    def is_quiet(self, statement: Statement) -> bool:
        """Tell whether a statement certainly changes no object at all."""
        match statement.node:
            case ast.Pass() | ast.Expr(value=ast.Name() | ast.Constant()):
                return True
            case ast.Expr(value=ast.Call(func=ast.Name(id=function), args=arguments)) if function in _LOOKERS:
                simple = ast.Name | ast.Constant
                return all(isinstance(each, simple) for each in arguments) and not self._is_shadowed()
        return not isinstance(self._verdict(statement), str)

    def _refuse_opaque(self, version: Version, following: Statement | None) -> None:
        trail = self._trail
        for number in trail.opaque:
            if number >= version.place[0] and (following is None or number <= following.place[0]):
                raise ImpureError(f"nobody can know what {trail.cell(number)} did")
            if number < version.place[0] and (trail.names(number, version.name) or self._is_called(number)):
                raise ImpureError(f"nobody can know what {trail.cell(number)} defined")

    def _is_called(self, number: int) -> bool:
        """Tell whether something that an opaque step bound, and that may be code, is named later."""
        after = self._trail.after(number)
        for name in self._trail.moment.steps[number].changed:
            variable = after.variables.get(name)
            if variable is None or variable.type in _DATA:
                continue
            if any(each.place[0] > number for each in self._trail.mentioning(name)):
                return True
        return False

    def _is_of_library(self, version: Version) -> bool:
        border = self._trail.after(version.place[0])
        variable = border.variables.get(version.name)
        return variable is not None and variable.type not in self._trail.classes

    def _is_shadowed(self) -> bool:
        return any(self._trail.writers(name) for name in _LOOKERS)


def _is_only_looked_at(statement: Statement, name: str, *, shown: bool) -> bool:
    """Tell whether a statement names a value only to look at it, whatever else it does.

    Its type and identity can be looked at without it knowing. With `shown` also its text.
    """
    node = statement.node
    if node is None or name in statement.touched.nested:
        return False
    if isinstance(node, ast.Delete):
        return all(isinstance(each, ast.Name) for each in node.targets)
    lookers = _LOOKERS if shown else OBSERVERS
    parents = {child: parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
    named = [each for each in ast.walk(node) if isinstance(each, ast.Name) and each.id == name]
    return all(
        isinstance(each.ctx, ast.Store) or _is_look(each, parents[each], lookers, shown=shown)
        for each in named
    )


def _is_look(node: ast.Name, parent: ast.AST, lookers: frozenset[str], *, shown: bool) -> bool:
    match parent:
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return node in arguments and function in lookers
        case ast.Compare(ops=operators):
            return all(isinstance(each, ast.Is | ast.IsNot) for each in operators)
        case ast.Expr() | ast.FormattedValue():
            return shown
    return False
