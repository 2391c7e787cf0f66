"""What is known of values without making them: types by name, and whether looking at them changes anything."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from runtrack_jupyter.lineage.known import CONTAINERS

__all__ = [
    "FunctionNode",
    "ImpureError",
    "Value",
    "arguments_of",
    "bound_arguments",
    "computed",
    "container",
    "hashed",
    "joined",
    "names_in",
    "origins_of",
    "phrase_of",
    "yields",
]

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class ImpureError(Exception):
    """A statement cannot be run again; the message says why, as the end of a sentence."""


class Value(NamedTuple):
    """What is known of a value: its type's name ("" unknown), and how it may be used.

    `free` says that iterating over it changes nothing but itself. `plain`: it is a number, a text, or a container of
    nothing else. `reads` are the globals that code inside reads once somebody iterates. `origins` are the globals
    whose value it is or holds.
    """

    kind: str = ""
    free: bool = False
    plain: bool = False
    reads: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()


def container(kind: str, values: Sequence[Value]) -> Value:
    """Return what is known of a tuple or list of these values."""
    return Value(kind, free=True, plain=all(each.plain for each in values), origins=origins_of(values))


def hashed(kind: str, keys: Sequence[Value], values: Sequence[Value]) -> Value:
    """Return what is known of a set or dict; its keys are hashed and compared."""
    if not all(each.plain for each in keys):
        raise ImpureError("it looks something up by means of its own")
    # The order of a set of texts is another one in every process.
    plain = all(each.plain for each in values)
    return Value(kind, free=kind != "set", plain=plain, origins=origins_of(values))


def computed(node: ast.AST, values: Sequence[Value]) -> Value:
    """Return what is known of the result of an operator or a test; those of unknown classes may do anything."""
    is_test = len(values) == 1 and values[0].kind in CONTAINERS
    if not is_test and not all(each.plain for each in values):
        raise ImpureError("it computes with objects")
    kinds = {each.kind for each in values}
    if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        kinds = {"bool"}
    elif isinstance(node, ast.JoinedStr):
        kinds = {"str"}
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        kinds = {"float"} if kinds <= {"int", "float", "bool"} else {""}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return Value(kind, free=kind in CONTAINERS, plain=True)


def joined(values: Sequence[Value]) -> Value:
    """Return what is known of a value that is one of these."""
    kinds = {each.kind for each in values}
    return Value(
        kinds.pop() if len(kinds) == 1 else "",
        free=all(each.free for each in values),
        plain=all(each.plain for each in values),
        reads=frozenset[str]().union(*(each.reads for each in values)),
        origins=origins_of(values),
    )


def origins_of(values: Iterable[Value]) -> frozenset[str]:
    """Return the globals whose values these are or hold."""
    return frozenset[str]().union(*(each.origins for each in values))


def bound_arguments(
    node: FunctionNode, values: Sequence[Value], named: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the parameters of a function of the notebook as a call gives them."""
    arguments = node.args
    names = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    found = {each.arg: Value() for each in arguments_of(node)}
    found.update(
        (name, _constant(each))
        for name, each in zip(reversed(names), reversed(arguments.defaults), strict=False)
    )
    found.update(
        (each.arg, _constant(default))
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    )
    found.update(zip(names, values, strict=False))
    found.update({name: value for name, value in named.items() if name in found})
    return found


def _constant(node: ast.expr | None) -> Value:
    if not isinstance(node, ast.Constant):
        return Value()
    return Value(type(node.value).__name__, free=True, plain=True)


def arguments_of(node: FunctionNode) -> list[ast.arg]:
    """Return every parameter, those with stars too."""
    arguments = node.args
    stars = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def names_in(node: ast.AST) -> Iterable[str]:
    """Return the names that a target binds."""
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def yields(node: FunctionNode) -> bool:
    """Tell whether calling the function runs nothing of its body: it makes a generator."""
    waiting: list[ast.AST] = [*node.body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(each))
    return False


_PHRASES: dict[type[ast.AST], str] = {
    ast.For: "a for loop",
    ast.AsyncFor: "a for loop",
    ast.While: "a while loop",
    ast.With: "a with block",
    ast.AsyncWith: "a with block",
    ast.Try: "a try block",
    ast.If: "an if block",
    ast.AugAssign: "an assignment that changes a value",
    ast.Delete: "a deletion",
    ast.Await: "an await",
    ast.NamedExpr: "an assignment inside an expression",
    ast.Global: "a global statement",
    ast.Expr: "an expression that binds no name",
}


def phrase_of(node: ast.AST) -> str:
    """Return what a kind of code is called in a sentence."""
    return _PHRASES.get(type(node), "code of that kind")
