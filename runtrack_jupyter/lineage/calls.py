"""Calls, judged: those of libraries by a table, those of the notebook by the source of what is called."""

import ast
from collections.abc import Callable, Iterable, Mapping

from runtrack_jupyter.lineage.known import CALLS, CONTAINERS, METHODS, Known
from runtrack_jupyter.lineage.notes import Defined, Frame, Notes
from runtrack_jupyter.lineage.values import (
    FunctionNode,
    ImpureError,
    Value,
    bound_arguments,
    joined,
    origins_of,
    phrase_of,
    yields,
)

__all__ = ["Calls"]

_SCALARS = frozenset(("int", "float", "complex", "bool", "str", "bytes", "NoneType"))
_DEEPEST = 8  # functions of the notebook that call each other
# The first argument of these is kept and called later.
_CALLED_LATER = frozenset(("map", "filter", "starmap", "takewhile", "dropwhile", "filterfalse"))


class Calls:
    """Judges calls; `evaluate` judges expressions, `item` arguments, `define` definitions inside what is called."""

    def __init__(
        self,
        notes: Notes,
        evaluate: Callable[[ast.expr], Value],
        item: Callable[[ast.expr], Value],
        define: Callable[[FunctionNode | ast.ClassDef], Value],
    ) -> None:
        self._notes = notes
        self._evaluate = evaluate
        self._item = item
        self._define = define

    def call(self, node: ast.Call) -> Value:
        """Return what is known of what a call returns; raises ImpureError."""
        arguments = [self._item(each) for each in node.args]
        named = {each.arg: self._evaluate(each.value) for each in node.keywords if each.arg is not None}
        if len(named) < len(node.keywords):
            raise ImpureError("it unpacks a dictionary into arguments")
        path = self._notes.path(node.func)
        if path:
            return self._library(path, node, arguments, named)
        match node.func:
            case ast.Name(id=name) if not self._notes.is_local(name):
                meaning = self._notes.meaning(name)
                if isinstance(meaning, Defined):
                    return self._own(name, meaning.node, arguments, named)
            case ast.Attribute(value=value, attr=method):
                receiver = self._evaluate(value)
                known = METHODS.get((receiver.kind, method))
                if known is not None:
                    return self._method(receiver, self._known(known, arguments, named), known)
        raise ImpureError(f"nobody knows what {ast.unparse(node.func)} does")

    def _library(
        self, path: str, node: ast.Call, arguments: list[Value], named: Mapping[str, Value]
    ) -> Value:
        if path in ("builtins.open", "io.open"):
            return self._open(path, node)
        if path == "runtrack_jupyter.input" and len(arguments) == 1:
            return arguments[0]
        known = CALLS.get(path)
        if known is None or (path == "builtins.type" and len(arguments) != 1):
            raise ImpureError(f"nobody knows what {path.removeprefix('builtins.')} does")
        if path == "sqlite3.connect" and not _is_text(node, ":memory:"):
            raise ImpureError("it opens a file")
        if path in ("random.Random", "builtins.iter") and len(arguments) != 1:
            raise ImpureError("it is not the same twice")
        if path in ("builtins.reversed", "numpy.nditer", "numpy.ndenumerate"):
            self._notes.entered |= origins_of(arguments)  # they note the size
        self._notes.paths.add(path)
        if path.rpartition(".")[2] in _CALLED_LATER:
            return self._known(known, arguments[1:], named)._replace(free=False)
        return self._known(known, arguments, named)

    def _method(self, receiver: Value, made: Value, known: Known) -> Value:
        if known.arguments != "hold":
            self._notes.entered |= receiver.origins
        return made._replace(plain=made.plain and receiver.plain, origins=made.origins | receiver.origins)

    def _known(self, known: Known, rest: list[Value], named: Mapping[str, Value]) -> Value:
        options_are_plain = all(each.plain for each in named.values()) or known.arguments == "hold"
        match known.arguments:
            case _ if not options_are_plain:
                raise ImpureError(f"making a {known.kind or 'value'} looks into objects")
            case "plain" if not all(each.plain for each in rest):
                raise ImpureError(f"making a {known.kind or 'value'} looks into objects")
            case "lazy":
                for each in rest:
                    self._notes.begin(each)
            case "eat":
                for each in rest:
                    self._notes.eat(each)
        reads = frozenset[str]().union(*(each.reads for each in rest if known.arguments == "lazy"))
        origins = origins_of((*rest, *named.values()))
        plain = all(each.plain for each in rest) and known.arguments in ("plain", "eat")
        is_container = known.kind in CONTAINERS or known.kind in _SCALARS
        free = is_container or (known.arguments == "lazy" and all(each.free for each in rest))
        plain = plain and (is_container or not known.kind)
        return Value(known.kind, free=free, plain=plain, reads=reads, origins=origins)

    def _open(self, path: str, node: ast.Call) -> Value:
        mode = next((each.value for each in node.keywords if each.arg == "mode"), None)
        mode = mode or (node.args[1] if len(node.args) > 1 else None)
        name = node.args[0] if node.args else None
        if (
            isinstance(name, ast.Call)
            and self._notes.path(name.func) == "runtrack_jupyter.input"
            and name.args
        ):
            name = name.args[0]
        if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
            raise ImpureError("it opens a file whose name is not known")
        if mode is not None and not (isinstance(mode, ast.Constant) and mode.value in ("r", "rt", "rb")):
            raise ImpureError("it opens a file for writing")
        self._notes.paths.add(path)
        self._notes.files.add(name.value)
        binary = mode is not None and mode.value == "rb"
        return Value("BufferedReader" if binary else "TextIOWrapper")

    def _own(
        self, name: str, node: FunctionNode | ast.ClassDef, arguments: list[Value], named: Mapping[str, Value]
    ) -> Value:
        """Judge a call of the notebook's own function or class."""
        if isinstance(node, ast.ClassDef):
            return self._made(node, arguments, named)
        if node.decorator_list:
            raise ImpureError(f"nobody knows what the decorated {name} does")
        if isinstance(node, ast.AsyncFunctionDef):
            return Value("async_generator" if yields(node) else "coroutine")
        if yields(node):
            return Value("generator", origins=origins_of((*arguments, *named.values())))
        return self._body(node, bound_arguments(node, arguments, named))

    def _made(self, node: ast.ClassDef, arguments: list[Value], named: Mapping[str, Value]) -> Value:
        for decorator in node.decorator_list:
            if (
                self._notes.path(decorator.func if isinstance(decorator, ast.Call) else decorator)
                != "dataclasses.dataclass"
            ):
                raise ImpureError(f"nobody knows what the decorated {node.name} does")
        self._define(node)  # looks at its bases too
        for cls in (node, *self._notebook_bases(node)):
            for each in cls.body:
                if isinstance(each, ast.FunctionDef) and each.name in ("__init__", "__post_init__"):
                    own = Value("@self")
                    self._body(
                        each, bound_arguments(each, [own, *arguments], named), own=each.args.args[0].arg
                    )
                    break
        return Value(node.name, origins=origins_of((*arguments, *named.values())))

    def _notebook_bases(self, node: ast.ClassDef) -> Iterable[ast.ClassDef]:
        for base in node.bases:
            meaning = self._notes.meaning(base.id) if isinstance(base, ast.Name) else None
            if isinstance(meaning, Defined) and isinstance(meaning.node, ast.ClassDef):
                yield meaning.node
                yield from self._notebook_bases(meaning.node)

    def _body(self, node: FunctionNode, values: dict[str, Value], *, own: str = "") -> Value:
        if node in self._notes.running or len(self._notes.running) >= _DEEPEST:
            raise ImpureError("it calls itself")
        with Frame(self._notes, node, values):
            found: list[Value] = []
            for each in node.body:
                self._inside(each, found, own)
        return joined(found) if found else Value("NoneType", free=True, plain=True)

    def _inside(self, node: ast.stmt, found: list[Value], own: str) -> None:
        """Judge a statement inside a function that runs."""
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return
            case ast.Return(value=value):
                found.append(Value("NoneType", plain=True) if value is None else self._evaluate(value))
                return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._notes.here()[name] = self._evaluate(value)
                return
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name))], value=value) if name == own:
                self._evaluate(value)
                return
            case ast.If(test=test, body=body, orelse=others):
                self._notes.compute(test, [self._evaluate(test)])
                for each in (*body, *others):
                    self._inside(each, found, own)
                for name in _bound_in((*body, *others)):
                    self._notes.here()[name] = Value()
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._notes.here()[node.name] = self._define(node)
                return
        raise ImpureError(f"{phrase_of(node)} in a function is not run again")


def _bound_in(nodes: Iterable[ast.stmt]) -> set[str]:
    """Return the local names that statements bind, however deep."""
    walked = (each for node in nodes for each in ast.walk(node))
    return {each.id for each in walked if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _is_text(node: ast.Call, text: str) -> bool:
    return bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == text
