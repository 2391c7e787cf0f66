"""Expressions, judged: whether evaluating them again changes nothing, and what is known of the value."""

import ast
from collections.abc import Callable

from runtrack_jupyter.lineage.known import ATTRIBUTES, CONTAINERS, MODULES
from runtrack_jupyter.lineage.notes import Frame, Notes
from runtrack_jupyter.lineage.values import (
    ImpureError,
    Value,
    container,
    hashed,
    joined,
    names_in,
    phrase_of,
)

__all__ = ["Expressions"]

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Expressions:
    """Judges expressions; `call` judges the calls in them."""

    def __init__(self, notes: Notes, call: Callable[[ast.Call], Value]) -> None:
        self._notes = notes
        self._call = call

    def evaluate(self, node: ast.expr) -> Value:
        """Return what is known of the value of an expression; raises ImpureError."""
        match node:
            case ast.Constant(value=value):
                return Value(type(value).__name__, free=True, plain=True)
            case ast.Name(id=name):
                return self._notes.name(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = [self.item(part) for part in parts]
                return container("tuple" if isinstance(node, ast.Tuple) else "list", values)
            case ast.Set(elts=parts):
                return hashed("set", [self.item(part) for part in parts], ())
            case ast.Dict(keys=keys, values=values) if None not in keys:
                made = [self.evaluate(key) for key in keys if key is not None]
                return hashed("dict", made, [self.evaluate(value) for value in values])
            case ast.Lambda(args=arguments):
                for default in (*arguments.defaults, *(each for each in arguments.kw_defaults if each)):
                    self.evaluate(default)
                return Value("function")
            case ast.Slice():
                bounds = [each for each in (node.lower, node.upper, node.step) if each is not None]
                return Value("slice", plain=all(self.evaluate(each).plain for each in bounds))
            case ast.Starred():
                return self.item(node)
        return self._operation(node)

    def _operation(self, node: ast.expr) -> Value:
        match node:
            case ast.BinOp(left=left, right=right):
                return self._notes.compute(node, [self.evaluate(left), self.evaluate(right)])
            case ast.UnaryOp(operand=operand):
                return self._notes.compute(node, [self.evaluate(operand)])
            case ast.BoolOp(values=values):
                return self._notes.compute(node, [self.evaluate(each) for each in values])
            case ast.Compare(left=left, comparators=others):
                sides = [self.evaluate(each) for each in (left, *others)]
                by_identity = all(isinstance(each, ast.Is | ast.IsNot) for each in node.ops)
                return (
                    Value("bool", free=True, plain=True) if by_identity else self._notes.compute(node, sides)
                )
            case ast.JoinedStr(values=parts):
                return self._notes.compute(node, [self.evaluate(each) for each in parts])
            case ast.FormattedValue(value=value):
                return self.evaluate(value)
            case ast.IfExp():
                self._notes.compute(node, [self.evaluate(node.test)])
                return joined([self.evaluate(node.body), self.evaluate(node.orelse)])
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.evaluate(value), self.evaluate(index))
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node)
        raise ImpureError(f"{phrase_of(node)} is not run again")

    def item(self, node: ast.expr) -> Value:
        """Return an element of a display or argument list; of ``*x`` an element of x."""
        if not isinstance(node, ast.Starred):
            return self.evaluate(node)
        value = self.evaluate(node.value)
        if value.kind not in CONTAINERS:
            raise ImpureError("it unpacks what may be used up by that")
        self._notes.entered |= value.origins
        return Value(plain=value.plain, free=value.plain)

    def _attribute(self, node: ast.Attribute) -> Value:
        path = self._notes.path(node)
        if path:
            if path.rpartition(".")[0] not in MODULES:
                raise ImpureError(f"nobody knows what {path} is then")
            self._notes.paths.add(path)
            return Value()
        value = self.evaluate(node.value)
        kind = ATTRIBUTES.get((value.kind, node.attr))
        if kind is None:
            raise ImpureError(f"nobody knows what {ast.unparse(node)} does")
        return Value(kind, plain=kind == "int", origins=value.origins)

    def _subscript(self, value: Value, index: Value) -> Value:
        if not index.plain or value.kind not in CONTAINERS | {"bytes"} or value.kind == "defaultdict":
            raise ImpureError("it looks something up by means of its own")
        self._notes.entered |= value.origins
        sliced = index.kind == "slice" and value.kind in ("list", "tuple", "str", "bytes", "range")
        return Value(value.kind if sliced else "", free=value.plain or sliced, plain=value.plain)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> Value:
        lazy = isinstance(node, ast.GeneratorExp)
        first = self.evaluate(node.generators[0].iter)
        self._notes.begin(first)
        inner, outer = set[str](), self._notes.inner
        self._notes.inner = inner
        try:
            parts = self._element(node, first)
        except ImpureError:
            if not lazy:
                raise
            return Value("generator", origins=first.origins)
        finally:
            self._notes.inner = outer
        if lazy:
            return Value("generator", first.free, reads=first.reads.union(inner), origins=first.origins)
        self._notes.inner |= inner
        self._notes.eat(first)
        if isinstance(node, ast.ListComp):
            return container("list", parts)
        return hashed("set" if isinstance(node, ast.SetComp) else "dict", parts[:1], parts[1:])

    def _element(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, first: Value
    ) -> list[Value]:
        with Frame(self._notes, node, {}):
            for number, each in enumerate(node.generators):
                over = first if number == 0 else self.evaluate(each.iter)
                if number:
                    self._notes.eat(over)
                for name in names_in(each.target):
                    self._notes.here()[name] = Value(plain=over.plain, free=over.plain)
                for condition in each.ifs:
                    self._notes.compute(condition, [self.evaluate(condition)])
            made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            return [self.evaluate(each) for each in made]
