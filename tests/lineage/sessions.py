"""Sessions without a kernel: cells that really run, recorded as a tracker records them, and restored from the record."""

import builtins
import contextlib
import csv
import io
import marshal
import pickle
import re
import types
from collections.abc import Iterable, Mapping
from typing import Any

from runtrack_jupyter.capture.names import names_of
from runtrack_jupyter.capture.previews import describe
from runtrack_jupyter.lineage.slices import Found, find_slices
from runtrack_jupyter.lineage.trail import Moment
from runtrack_jupyter.model import ComponentId, Gap, Snapshot, Step, StepId
from runtrack_jupyter.tracking.rerunning import Remade, Rerunning
from tests.lineage.records import step


class _Pickler(pickle.Pickler):
    """Saves functions by their code, so that restored ones see the restored namespace."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType) and value.__module__ == "__main__":
            return _function, (marshal.dumps(value.__code__), value.__name__, value.__defaults__)
        if isinstance(value, types.ModuleType):
            return __import__, (value.__name__,)
        return NotImplemented


_restored: list[dict[str, Any]] = []


def _function(code: bytes, name: str, defaults: tuple[Any, ...] | None) -> types.FunctionType:
    made = types.FunctionType(marshal.loads(code), _restored[-1], name, defaults)
    made.__module__ = "__main__"
    return made


def _saved(value: Any) -> bytes:
    out = io.BytesIO()
    _Pickler(out).dump(value)
    return out.getvalue()


class Session:
    """Cells run one after the other in one namespace; each becomes a step with the state after it."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        self.steps: list[Step] = []
        self._states = [Snapshot()]
        self._values: dict[ComponentId, bytes] = {}
        self._all = _saved({})

    def run(self, source: str, **facts: Any) -> None:
        """Run a cell and record it; lines with a magic do nothing."""
        code = re.sub(r"(?m)^%.*", "pass", source)
        status, error = "ok", ""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(code, f"<cell {len(self.steps) + 1}>", "exec"), self.namespace)
        except Exception as raised:  # noqa: BLE001 # a cell may raise anything
            status, error = "error", repr(raised)
        number = len(self.steps) + 1
        made = step(number, source, parent=number - 1 or None, names=names_of(code), error=error, **facts)
        self.steps.append(
            made.__class__(**{**{f: getattr(made, f) for f in made.__struct_fields__}, "status": status})
        )
        self._states.append(self._state())

    def _state(self) -> Snapshot:
        components: dict[str, ComponentId] = {}
        gaps, variables, whole = [], [], {}
        for name, value in sorted(self.namespace.items()):
            if name.startswith("__"):
                continue
            variable = describe(name, value, 0, str)
            try:
                saved = _saved(value)
            except Exception as error:  # noqa: BLE001 # as pickling raises
                gaps.append(Gap(subject=name, kind="unpicklable", reason=str(error)))
            else:
                components[name] = ComponentId(f"{name} {hash(saved)}")
                self._values[components[name]] = saved
                whole[name] = value
                variable = variable.__class__(
                    **{
                        **{f: getattr(variable, f) for f in variable.__struct_fields__},
                        "component": components[name],
                    }
                )
            variables.append(variable)
        self._all = _saved(whole)
        return Snapshot(components=components, variables=tuple(variables), gaps=tuple(gaps))

    def moment(self, **facts: Any) -> Moment:
        """Return the moment after the last cell."""
        numbers = {each.step_id: number for number, each in enumerate(self.steps)}

        def before(step_id: StepId) -> Snapshot:
            return self._states[numbers[step_id]]

        def after(step_id: StepId) -> Snapshot:
            return self._states[numbers[step_id] + 1]

        return Moment(steps=self.steps, snapshot=self._states[-1], before=before, after=after, **facts)

    def found(self, **facts: Any) -> Found:
        """Return how the gaps of the last moment can be made again."""
        moment = self.moment(**facts)
        return find_slices(moment, [gap.subject for gap in moment.snapshot.gaps])

    def restored(self) -> tuple[dict[str, Any], Remade]:
        """Return the namespace as a restore in another kernel makes it, the gaps made again."""
        namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        _restored.append(namespace)
        try:
            namespace.update(pickle.loads(self._all))
            made = Rerunning(namespace, self._load, lambda _file: False).run(self.found().slices)
        finally:
            _restored.pop()
        namespace.update(made.values)
        return namespace, made

    def _load(self, components: Mapping[str, ComponentId]) -> dict[str, Any]:
        return {name: pickle.loads(self._values[each]) for name, each in components.items()}


def session(*sources: str) -> Session:
    """Return a session in which these cells have run."""
    made = Session()
    for source in sources:
        made.run(source)
    return made


def drained(namespace: dict[str, Any], names: Iterable[str]) -> list[Any]:
    """Change every list, then take a few values out of each iterator: what shares objects shows that it does."""
    for name in sorted(name for name in namespace if not name.startswith("__")):
        if isinstance(namespace[name], list):
            namespace[name].append("9")
    seen: list[Any] = [(name, _drained(namespace[name], 0)) for name in (*sorted(names), *sorted(names))]
    seen.append(
        [
            (name, repr(value))
            for name, value in sorted(namespace.items())
            if isinstance(value, list | int | tuple) and name not in names and " at 0x" not in repr(value)
        ]
    )
    return seen


def _drained(value: Any, depth: int) -> Any:
    if depth > 3:
        return "…"
    if isinstance(value, dict):
        return {key: _drained(each, depth + 1) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_drained(each, depth + 1) for each in value]
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, types.GeneratorType | enumerate | zip | map) or type(value) is type(csv.reader([])):
        taken = []
        for _ in range(3):
            try:
                taken.append(re.sub(r" at 0x\w+", "", repr(next(value))))
            except Exception as error:  # noqa: BLE001 # generators raise what their code raises
                taken.append(type(error).__name__)
        return taken
    return repr(value) if " at 0x" not in repr(value) else type(value).__name__
