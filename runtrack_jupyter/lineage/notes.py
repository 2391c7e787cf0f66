"""What a judgement has found so far, and the names it can look up."""

import ast
from typing import NamedTuple, Protocol, TypeAlias

from runtrack_jupyter.lineage.known import ITERABLE, STEADY
from runtrack_jupyter.lineage.values import FunctionNode, ImpureError, Value, computed, origins_of

__all__ = ["Defined", "Dotted", "Frame", "Meaning", "Notes", "Scope"]


class Dotted(NamedTuple):
    """A name that stands for a module or what is in one: ``csv.reader``, ``builtins.zip``."""

    path: str


class Defined(NamedTuple):
    """A name that stands for a function or class of the notebook."""

    node: FunctionNode | ast.ClassDef


Meaning: TypeAlias = Value | Dotted | Defined


class Scope(Protocol):
    """What global names mean where the statement ran."""

    def meaning(self, name: str) -> Meaning:
        """Return what a name stands for; raises ImpureError where nobody knows."""


class Notes:
    """What running a statement rests upon, as far as it was judged.

    `inner` are the globals that functions and comprehensions read while the statement runs: they see the live
    namespace, not the one of that time. `entered` are those whose contents count; of the others it is enough that
    they are the same objects. `paths` are the library names that must still mean what they meant. `files` are the
    paths that are opened for reading. `running` is the code inside which the judgement is, outermost first.
    """

    def __init__(self, scope: Scope) -> None:
        self.inner: set[str] = set()
        self.entered: set[str] = set()
        self.paths: set[str] = set()
        self.files: set[str] = set()
        self.running: list[ast.AST] = []
        self.locals: list[dict[str, Value]] = []
        self._scope = scope

    def name(self, name: str) -> Value:
        """Return what is known of the value of a name."""
        for frame in reversed(self.locals):
            if name in frame:
                return frame[name]
        meaning = self.meaning(name)
        match meaning:
            case Value():
                return meaning._replace(origins=frozenset((name,)))
            case Dotted(path):
                self.paths.add(path)
                return Value("module" if "." not in path else "")
        return Value("type" if isinstance(meaning.node, ast.ClassDef) else "function")

    def meaning(self, name: str) -> Meaning:
        """Return what a global name stands for."""
        meaning = self._scope.meaning(name)
        if self.running:
            self.inner.add(name)
        return meaning

    def is_local(self, name: str) -> bool:
        """Tell whether code that runs inside binds the name for itself."""
        return any(name in frame for frame in self.locals)

    def path(self, node: ast.expr) -> str:
        """Return the library name that an expression spells, or ""."""
        match node:
            case ast.Name(id=name) if not self.is_local(name):
                meaning = self.meaning(name)
                return meaning.path if isinstance(meaning, Dotted) else ""
            case ast.Attribute(value=value, attr=attribute):
                path = self.path(value)
                return f"{path}.{attribute}" if path else ""
        return ""

    def eat(self, value: Value) -> None:
        """Iterate over a value."""
        if not value.free or value.kind not in ITERABLE:
            raise ImpureError("it takes values out of an iterator")
        self.inner |= value.reads
        self.entered |= value.origins

    def begin(self, value: Value) -> None:
        """Ask a value for an iterator."""
        if not value.plain and value.kind not in ITERABLE:
            raise ImpureError("it iterates over what may be used up by that")
        if value.kind not in STEADY:
            self.entered |= value.origins

    def compute(self, node: ast.AST, values: list[Value]) -> Value:
        """Return what is known of the result of an operator or test over values."""
        self.entered |= origins_of(values)
        return computed(node, values)

    def here(self) -> dict[str, Value]:
        """Return the innermost locals."""
        return self.locals[-1]


class Frame:
    """The locals of code that runs inside the statement."""

    def __init__(self, notes: Notes, node: ast.AST, values: dict[str, Value]) -> None:
        self._notes, self._node, self._values = notes, node, values
        self._outer: list[dict[str, Value]] = []

    def __enter__(self) -> None:
        notes = self._notes
        self._outer = notes.locals
        # A function sees its own names; a comprehension also those around it.
        around = [] if isinstance(self._node, FunctionNode) else self._outer
        notes.locals = [*around, self._values]
        notes.running.append(self._node)

    def __exit__(self, *_exception: object) -> None:
        self._notes.locals = self._outer
        self._notes.running.pop()
