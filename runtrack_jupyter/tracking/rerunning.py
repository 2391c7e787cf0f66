"""Values that were not saved, made again by running the few statements that made them.

`lineage.slices` says which statements, and that they have no effect. Here they run: in a scratch beside the live
namespace, with nothing printed and within a time limit; what comes out is checked before anybody sees it.
"""

import ast
import contextlib
import io
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from runtrack_jupyter.lineage.slices import Rerun, Slice
from runtrack_jupyter.lineage.uses import Version
from runtrack_jupyter.model import ComponentId, DataFile
from runtrack_jupyter.state.deadline import Deadline, TooSlowError

__all__ = ["Remade", "Rerunning"]

_SECONDS = 10.0  # of one slice: more than that, and the cell itself is the way

Load = Callable[[Mapping[str, ComponentId]], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Remade:
    """The values made, what each took, and why the others were not.

    `as_it_was` names what did not have to be made: the same objects are still there, and nobody touched them since.
    """

    values: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    as_it_was: set[str] = field(default_factory=set)


class _CannotRunError(Exception):
    """What a slice rests upon is not here as it was then."""


class Rerunning:
    """Runs slices against one namespace, which it leaves as it is.

    `load` makes saved values again without touching the namespace; `is_unchanged` compares a file with its record.
    """

    def __init__(
        self, namespace: dict[str, Any], load: Load, is_unchanged: Callable[[DataFile], bool]
    ) -> None:
        self._namespace = namespace
        self._load = load
        self._is_unchanged = is_unchanged

    def run(self, slices: Iterable[Slice], wanted: Collection[str] | None = None) -> Remade:
        """Run each slice; one that fails leaves the others alone, and an interrupt ends with those made so far.

        Of the values only those `wanted` are returned; None wants all.
        """
        remade = Remade()
        interrupted = False
        for each in slices:
            why = "it was interrupted"
            values: dict[str, Any] = {}
            try:
                values = {} if interrupted else self._values(each)
            except KeyboardInterrupt:
                interrupted = True
            except TooSlowError as error:
                why = f"it takes longer than {error.seconds:g} seconds"
            except _CannotRunError as error:
                why = str(error)
            if not values:
                remade.refused.update(dict.fromkeys(each.names, why))
            chosen = {name: value for name, value in values.items() if wanted is None or name in wanted}
            remade.values.update(chosen)
            remade.words.update(dict.fromkeys(chosen, f"made again by {each.words}"))
        return remade

    def _values(self, wanted: Slice) -> dict[str, Any]:
        self._check(wanted)
        made: dict[Version, Any] = {}
        with _unseen(), _unchanged(self._namespace):
            for rerun in wanted.reruns:
                scratch = {version.name: made[version] for version in rerun.made}
                scratch |= self._load(dict(rerun.loaded)) if rerun.loaded else {}
                with Deadline() as deadline:
                    deadline.call(_SECONDS, "", self._run, rerun, scratch)
                made.update((Version(name, rerun.place), value) for name, value in scratch.items())
        values = {name: made[version] for name, version in wanted.names.items()}
        for name, value in values.items():
            if not _type_name(value).endswith(wanted.kinds[name]):
                raise _CannotRunError(f"it came out as a {_type_name(value)}")
        return values

    def _run(self, rerun: Rerun, scratch: dict[str, Any]) -> None:
        # What is bound goes into the scratch; functions and generators made here look names up in the namespace.
        node = ast.fix_missing_locations(_PathsOnly().visit(ast.parse(ast.unparse(rerun.node)).body[0]))
        code = compile(ast.Module([node], []), "<made again>", "exec", dont_inherit=True)
        try:
            exec(code, self._namespace, scratch)  # noqa: S102 # source of this user's own record, judged before
        except Exception as error:  # noqa: BLE001 - the notebook's code and the libraries may raise anything
            raise _CannotRunError(f"it failed: {type(error).__name__}: {error}"[:200]) from None

    def _check(self, wanted: Slice) -> None:
        for name in sorted(wanted.live):
            if name not in self._namespace:
                raise _CannotRunError(f"{name} did not come back")
        for path in sorted(wanted.paths):
            if not self._is_as_called(path):
                raise _CannotRunError(f"{path} is not what it was")
        for file in wanted.files:
            if not self._is_unchanged(file):
                raise _CannotRunError(f"the file {file.path} is not as it was")

    def _is_as_called(self, path: str) -> bool:
        """Tell whether a library name still leads to something of a library, without importing anything."""
        module, _, rest = path.partition(".")
        while f"{module}.{rest.partition('.')[0]}" in sys.modules:
            first, _, rest = rest.partition(".")
            module = f"{module}.{first}"
        found: Any = sys.modules.get(module)
        for attribute in rest.split(".") if rest else ():
            found = getattr(found, attribute, None)
        is_own = isinstance(found, FunctionType) and found.__globals__ is self._namespace
        return found is not None and not is_own and getattr(found, "__module__", "") != "__main__"


class _PathsOnly(ast.NodeTransformer):
    """Takes ``rt.input(path)`` for the path: declaring a file again would be a record of its own."""

    def visit_Call(self, node: ast.Call) -> ast.AST:  # named by ast
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="open"), args=[ast.Call(args=[ast.Constant() as path]), *others]):
                node.args = [path, *others]
        return node


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """Show nothing of what is printed."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _unchanged(namespace: dict[str, Any]) -> Iterator[None]:
    """Put the namespace back should it have been touched after all, and refuse what touched it."""
    former = dict(namespace)
    try:
        yield
    finally:
        names = former.keys() | namespace.keys()
        touched = {name for name in names if namespace.get(name, _GONE) is not former.get(name, _GONE)}
        for name in touched:
            namespace.pop(name, None)
        namespace.update({name: former[name] for name in touched if name in former})
    if touched - {"__builtins__"}:  # exec puts that one where it is missing
        raise _CannotRunError("it touched other variables")


_GONE = object()


def _type_name(value: Any) -> str:
    return str(getattr(type(value), "__qualname__", type(value).__name__))
