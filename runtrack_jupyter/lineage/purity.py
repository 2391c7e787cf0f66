"""Whether running a statement again does nothing but bind names, and gives the same value: judged by its source.

The judgement is conservative. What it does not know well it refuses, with a reason in words.
"""

import ast

from runtrack_jupyter.lineage.calls import Calls
from runtrack_jupyter.lineage.expressions import Expressions
from runtrack_jupyter.lineage.known import DECORATORS
from runtrack_jupyter.lineage.notes import Defined, Dotted, Frame, Notes, Scope
from runtrack_jupyter.lineage.values import FunctionNode, ImpureError, Value, arguments_of, phrase_of

__all__ = ["judged"]

# Methods by which a class decides over more than its instances' values.
_UNUSUAL = frozenset(
    (
        "__new__",
        "__init_subclass__",
        "__class_getitem__",
        "__set_name__",
        "__del__",
        "__setattr__",
        "__getattribute__",
    )
)
_BASES = frozenset((Dotted("builtins.object"), Dotted("builtins.Exception"), Dotted("builtins.ValueError")))


def judged(node: ast.stmt, scope: Scope) -> tuple[Value, Notes]:
    """Return what is known of the value that a statement binds, and what running it again rests upon.

    Raises
    ------
    ImpureError
        It may do more than bind names, or another thing each time.
    """
    notes = Notes(scope)
    return _Statements(notes).judge(node), notes


class _Statements:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        expressions = Expressions(notes, lambda node: calls.call(node))
        calls = Calls(notes, expressions.evaluate, expressions.item, self._define)
        self._evaluate = expressions.evaluate

    def judge(self, node: ast.stmt) -> Value:
        """Return what is known of the value that it binds; raises ImpureError."""
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self._evaluate(value)
                for target in targets:
                    self._target(target, found)
                return found
            case ast.AnnAssign(target=ast.Name(), value=ast.expr() as value):
                return self._evaluate(value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._definition(node)
            case ast.ClassDef():
                return self._class(node)
            case ast.Import() | ast.ImportFrom():
                return self._import(node)
        raise ImpureError(f"{phrase_of(node)} is not run again")

    def _target(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name():
                return
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if all(isinstance(p, ast.Name) for p in parts):
                self._notes.eat(value)
                return
        raise ImpureError("it changes an object")

    def _import(self, node: ast.Import | ast.ImportFrom) -> Value:
        if isinstance(node, ast.ImportFrom):
            if node.level or node.module is None or any(each.name == "*" for each in node.names):
                raise ImpureError("it imports names that are not known")
            self._notes.paths.update(f"{node.module}.{each.name}" for each in node.names)
        else:
            self._notes.paths.update(each.name for each in node.names)
        return Value("module")

    def _define(self, node: FunctionNode | ast.ClassDef) -> Value:
        return self._class(node) if isinstance(node, ast.ClassDef) else self._definition(node)

    def _definition(self, node: FunctionNode) -> Value:
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for default in (*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)):
            self._evaluate(default)
        for annotation in _annotations(node):
            self._reference(annotation)
        return Value("function")

    def _decorator(self, node: ast.expr) -> None:
        call = node if isinstance(node, ast.Call) else None
        for argument in () if call is None else (*call.args, *(each.value for each in call.keywords)):
            self._evaluate(argument)
        path = self._notes.path(node if call is None else call.func)
        if path not in DECORATORS:
            raise ImpureError(f"nobody knows what {ast.unparse(node)} does")
        self._notes.paths.add(path)

    def _reference(self, node: ast.expr) -> None:
        for each in ast.walk(node):
            if not isinstance(
                each, ast.Name | ast.Attribute | ast.Constant | ast.Subscript | ast.Tuple | ast.Load
            ):
                raise ImpureError(f"nobody knows what {ast.unparse(node)} does")

    def _class(self, node: ast.ClassDef) -> Value:
        if node.keywords:
            raise ImpureError("it has a metaclass")
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for base in node.bases:
            self._base(base)
        with Frame(self._notes, node, {}):
            for each in node.body:
                self._in_class(each)
        return Value("type")

    def _in_class(self, node: ast.stmt) -> None:
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._notes.here()[name] = Value() if node.value is None else self._evaluate(node.value)
                return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._notes.here()[name] = self._evaluate(value)
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name not in _UNUSUAL:
                self._notes.here()[node.name] = self._definition(node)
                return
        raise ImpureError("its class does more than define methods")

    def _base(self, node: ast.expr) -> None:
        meaning = self._notes.meaning(node.id) if isinstance(node, ast.Name) else None
        if isinstance(meaning, Defined) and isinstance(meaning.node, ast.ClassDef):
            self._class(meaning.node)
        elif meaning not in (
            Dotted("builtins.object"),
            Dotted("builtins.Exception"),
            Dotted("builtins.ValueError"),
        ):
            raise ImpureError(f"nobody knows what the base class {ast.unparse(node)} does")


def _annotations(node: FunctionNode) -> list[ast.expr]:
    found = [each.annotation for each in arguments_of(node)]
    return [each for each in (*found, node.returns) if each is not None]
