"""What a name stood for at a place on the way: what bound it last, or else what is on record."""

import ast
import builtins

from runtrack_jupyter.lineage.known import CONTAINERS
from runtrack_jupyter.lineage.notes import Defined, Dotted, Meaning
from runtrack_jupyter.lineage.purity import judged
from runtrack_jupyter.lineage.statements import Place, Statement
from runtrack_jupyter.lineage.trail import Border, Trail
from runtrack_jupyter.lineage.values import ImpureError, Value

__all__ = ["ATOMS", "Meanings", "kind_at", "path_of_import"]

ATOMS = frozenset(("int", "float", "complex", "bool", "str", "bytes", "NoneType"))


class Meanings:
    """What names stand for right before a statement: the scope in which it is judged."""

    def __init__(self, trail: Trail, place: Place) -> None:
        self._trail = trail
        self._place = place

    def meaning(self, name: str) -> Meaning:
        """Return what a name stands for; raises ImpureError where nobody knows."""
        trail = self._trail
        writer = trail.last_writer(name, self._place)
        if writer is None:
            known = trail.before(self._place[0]).variables.get(name)
            if known is not None:
                return self._value(known.type)
            if hasattr(builtins, name) and not trail.is_bound_inside(name):
                return Dotted(f"builtins.{name}")
            raise ImpureError(f"nobody knows what {name} was")
        match writer.node if not writer.doubt else None:
            case ast.Import() | ast.ImportFrom() as node:
                return Dotted(path_of_import(node, name))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() as node:
                return Defined(node)
        return self._value(self._kind(name, writer)) if writer.doubt else self._judged(name, writer)

    def _kind(self, name: str, writer: Statement) -> str:
        return kind_at(self._trail, name, writer, self._place)

    def _judged(self, name: str, writer: Statement) -> Value:
        """Return what the record says of a value, and what its own statement says where that says more."""
        kind = self._kind(name, writer)
        if kind:
            return self._value(kind)
        node = writer.node
        if isinstance(node, ast.Assign) and all(isinstance(each, ast.Name) for each in node.targets):
            try:
                return self._value(judged(node, Meanings(self._trail, writer.place))[0].kind)
            except ImpureError:
                return Value()
        return Value()

    def _value(self, kind: str) -> Value:
        if kind in self._trail.classes:
            return Value()  # a class of the notebook that has a library's name
        return Value(kind, free=kind in CONTAINERS - {"set", "frozenset"}, plain=kind in ATOMS)


def kind_at(trail: Trail, name: str, writer: Statement, place: Place) -> str:
    """Return the type's name of a value bound by `writer`, as on record next to `place`; "" where it is not."""
    following = trail.next_writer(name, writer.place)
    until = following.place[0] if following is not None else None
    border: Border | None = None
    if writer.place[0] < place[0]:
        border = trail.before(place[0])
    elif until is None or until > writer.place[0]:
        border = trail.after(writer.place[0])
    variable = border.variables.get(name) if border is not None else None
    return variable.type if variable is not None else ""


def path_of_import(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """Return the library name that an import binds a name to."""
    for each in node.names:
        bound = each.asname or each.name.partition(".")[0]
        if bound != name:
            continue
        if isinstance(node, ast.ImportFrom):
            return f"{node.module}.{each.name}"
        return each.name if each.asname else bound
    raise ImpureError(f"nobody knows what {name} was")
