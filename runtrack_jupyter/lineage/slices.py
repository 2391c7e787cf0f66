"""How values that were not saved can be made again: the fewest statements, run with what is on record.

A slice has no effect but the names it binds, and gives what the cells gave: every statement of it is judged by its
source (`purity`), the values were left alone since (`uses`), and what goes in is the same as then. What is not sure is
refused, in words.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from runtrack_jupyter.lineage.meanings import ATOMS, kind_at, path_of_import
from runtrack_jupyter.lineage.notes import Notes
from runtrack_jupyter.lineage.statements import Place, Statement
from runtrack_jupyter.lineage.trail import Moment, Trail
from runtrack_jupyter.lineage.uses import Uses, Version
from runtrack_jupyter.lineage.values import ImpureError
from runtrack_jupyter.model import ComponentId, DataFile, StepId

__all__ = ["Found", "Rerun", "Slice", "find_slices"]

_KINDS = frozenset(
    ("unpicklable", "too-large", "too-slow", "failed", "lost", "version", "unloadable", "thinned")
)  # gaps that code can fill
_BY_NAME = frozenset(("module", "type", "function", "builtin_function_or_method", "ufunc"))
_MOST = 200  # statements of a slice; each name costs a look at all that mention it


class Rerun(NamedTuple):
    """One statement to run, and what it is given: names made before in the slice, and names to be loaded.

    All other names are taken from the live namespace.
    """

    place: Place
    step_id: StepId
    node: ast.stmt
    made: tuple[Version, ...]
    loaded: tuple[tuple[str, ComponentId], ...]


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What makes some values again.

    `names` maps each to the version that it is. `live` must be in the namespace and as recorded. `paths` are library
    names that must still be what they are called. Cells that name none of `watched` leave the values alone. `files` are read. `kinds` are the types on record.
    """

    names: Mapping[str, Version]
    kinds: Mapping[str, str]
    reruns: tuple[Rerun, ...]
    live: frozenset[str]
    watched: frozenset[str]
    paths: frozenset[str]
    files: tuple[DataFile, ...]
    cells: tuple[str, ...]
    steps: tuple[StepId, ...]

    @property
    def words(self) -> str:
        """Say what it takes: ``running cell [4]``."""
        if len(self.cells) == 1:
            return f"running {self.cells[0]}"
        counts = [each.removeprefix("cell ") for each in self.cells]
        return f"running cells {', '.join(counts[:-1])} and {counts[-1]}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """The slices, and for names that have none the reason."""

    slices: tuple[Slice, ...] = ()
    refused: Mapping[str, str]


def find_slices(moment: Moment, names: Iterable[str]) -> Found:
    """Return how each of `names`, which are gaps at that moment, can be made again, or why not."""
    finder = _Finder(Trail(moment))
    for name in sorted(set(names)):
        finder.look_for(name)
    return Found(slices=tuple(finder.slices()), refused=finder.refused)


class _Part:
    """A statement of a slice with what it needs."""

    def __init__(self, statement: Statement, notes: Notes) -> None:
        self.statement = statement
        self.notes = notes
        self.made: dict[str, Version] = {}
        self.loaded: dict[str, ComponentId] = {}
        self.live: set[str] = set()


class _Finder:
    def __init__(self, trail: Trail) -> None:
        self.refused: dict[str, str] = {}
        self._trail = trail
        self._uses = Uses(trail)
        self._parts: dict[Place, _Part | str] = {}
        self._made: dict[str, Version] = {}

    def look_for(self, name: str) -> None:
        """Find the slice of one gap, or note why there is none."""
        try:
            self._made[name] = self._gap(name)
        except ImpureError as error:
            self.refused[name] = str(error)

    def _gap(self, name: str) -> Version:
        trail = self._trail
        gap = trail.gaps.get(name)
        if gap is None or gap.kind not in _KINDS:
            raise ImpureError("it is no gap that code can fill")
        if name not in trail.end.variables:
            raise ImpureError("it was not there at that moment")
        if trail.is_bound_inside(name):
            raise ImpureError("a function binds it")
        writer = trail.last_writer(name, (len(trail.moment.steps), 0))
        if writer is None:
            raise ImpureError("no cell on record bound it")
        if isinstance(writer.node, ast.Delete):
            raise ImpureError("it was deleted")
        version = Version(name, writer.place)
        self._uses.left_alone(version)
        self._part(writer)
        return version

    # --- the statements of a slice ---

    def _part(self, statement: Statement) -> _Part:
        """Return a statement as part of a slice, with all that it rests upon; raises ImpureError."""
        found = self._parts.get(statement.place)
        if isinstance(found, str):
            raise ImpureError(found)
        if found is None:
            if len(self._parts) > _MOST:
                raise ImpureError("it takes too many statements")
            self._parts[statement.place] = "it rests upon itself"
            try:
                found = self._new_part(statement)
            except ImpureError as error:
                cell = self._trail.cell(statement.place[0])
                said = str(error) if "cell [" in str(error) else f"{cell} cannot be run again: {error}"
                self._parts[statement.place] = said
                raise ImpureError(said) from None
            self._parts[statement.place] = found
        return found

    def _new_part(self, statement: Statement) -> _Part:
        _, notes = self._uses.judge(statement)
        part = _Part(statement, notes)
        self._look_at_others(statement)
        for name in sorted(statement.touched.read | notes.inner):
            self._need(part, name, inside=name in notes.inner)
        return part

    def _look_at_others(self, statement: Statement) -> None:
        """Refuse a statement that bound, beside what is wanted, a saved name that may share objects with it."""
        names = statement.touched.written
        if len(names) == 1:
            return
        for name in names:
            version = Version(name, statement.place)
            for each in (version, *self._uses.left_alone(version)):
                if self._is_saved_object(each):
                    raise ImpureError(f"it bound {each.name} too")

    def _is_saved_object(self, version: Version) -> bool:
        trail, name = self._trail, version.name
        if trail.end_of(name, version.place) is not None or name not in trail.end.components:
            return False
        variable = trail.end.variables.get(name)
        return variable is None or variable.type not in ATOMS | _BY_NAME

    # --- what goes in ---

    def _need(self, part: _Part, name: str, *, inside: bool) -> None:
        trail, place = self._trail, part.statement.place
        writer = trail.last_writer(name, place)
        if trail.is_bound_inside(name):
            raise ImpureError(f"a function binds {name}")
        if writer is None and name not in trail.before(place[0]).variables:
            if trail.writers(name) or name in trail.end.variables:
                raise ImpureError(f"{name} is another one now")
            return  # a builtin, as the judge saw
        following = self._change_of(name, place)
        if following is None and name in trail.end.components:
            self._need_live(part, name, writer)
        elif following is None and name in trail.gaps and writer is not None:
            self._gap(name)
            part.made[name] = Version(name, writer.place)
        elif inside:
            raise ImpureError(f"{name}, which it uses, was changed since")
        else:
            self._need_former(part, name, writer, following)

    def _change_of(self, name: str, after: Place) -> Statement | None:
        """Return the statement after which a name means something else; the same import again is no change."""
        trail = self._trail
        writers = trail.writers(name)
        before = [each for each in writers if each.place < after]
        for each in writers:
            if each.place > after and not (before and _same_import(before[-1], each, name)):
                return each
        return None

    def _need_live(self, part: _Part, name: str, writer: Statement | None) -> None:
        """Use the restored value: it must be what it was when the statement ran."""
        trail, place = self._trail, part.statement.place
        number = place[0]
        part.live.add(name)
        now, then = trail.end.components[name], trail.after(number).components.get(name)
        variable = trail.end.variables.get(name)
        kind = "" if variable is None else variable.type
        if (kind == "module" and then is not None) or (
            kind and kind not in ATOMS | _BY_NAME and name not in part.notes.entered
        ):
            return  # the same object, whatever is in it
        if now != then:
            raise ImpureError(f"{name}, which it was made from, was changed since")
        before = writer is None or writer.place[0] < number
        if kind in ATOMS | _BY_NAME or (before and trail.before(number).components.get(name) == now):
            return
        for each in trail.statements(number):
            if each.place > place and not self._uses.is_quiet(each):
                raise ImpureError(
                    f"{name}, which it was made from, may have been changed later in {trail.cell(number)}"
                )

    def _need_former(
        self, part: _Part, name: str, writer: Statement | None, following: Statement | None
    ) -> None:
        """Use a value that the name no longer has: load it where it is on record, else make it again."""
        trail, place = self._trail, part.statement.place
        changed = f"{name}, which it was made from, was changed since"
        if writer is None or following is None:
            raise ImpureError(changed)
        is_atom = kind_at(trail, name, writer, place) in ATOMS
        component = self._component_of(name, writer, place, following)
        if is_atom and component is not None:
            part.loaded[name] = component
            return
        if following.doubt:
            raise ImpureError(f"{name}, which it was made from, may have been changed: {following.doubt}")
        version = Version(name, writer.place)
        for each in self._uses.left_alone(version):
            if self._is_saved_object(each):
                raise ImpureError(f"{each.name} holds {name} too")
        self._part(writer)
        part.made[name] = version

    def _component_of(
        self, name: str, writer: Statement, place: Place, following: Statement
    ) -> ComponentId | None:
        trail = self._trail
        if writer.place[0] < place[0]:
            return trail.before(place[0]).components.get(name)
        if following.place[0] > writer.place[0]:
            return trail.after(place[0]).components.get(name)
        return None

    # --- putting together ---

    def slices(self) -> Iterable[Slice]:
        """Yield the slices: values that share a statement belong to one."""
        groups: list[tuple[set[Place], dict[str, Version]]] = []
        for name, version in self._made.items():
            places, names = self._places(version.place), {name: version}
            for other in [each for each in groups if each[0] & places]:
                groups.remove(other)
                places |= other[0]
                names |= other[1]
            groups.append((places, names))
        for places, names in groups:
            yield self._slice(sorted(places), dict(sorted(names.items())))

    def _places(self, place: Place) -> set[Place]:
        found: set[Place] = set()
        waiting = [place]
        while waiting:
            each = waiting.pop()
            part = self._parts[each]
            if each not in found and isinstance(part, _Part):
                found.add(each)
                waiting.extend(version.place for version in part.made.values())
        return found

    def _slice(self, places: list[Place], names: dict[str, Version]) -> Slice:
        trail = self._trail
        parts = [part for part in (self._parts[place] for place in places) if isinstance(part, _Part)]
        numbers = sorted({place[0] for place in places})
        opened = {path for part in parts for path in part.notes.files}
        return Slice(
            names=names,
            kinds={name: trail.end.variables[name].type for name in names},
            reruns=tuple(_rerun(part, trail) for part in parts),
            live=frozenset[str]().union(*(part.live for part in parts)),
            watched=self._watched(parts, names),
            paths=frozenset().union(*(part.notes.paths for part in parts)),
            files=tuple(self._file(path, numbers[-1]) for path in sorted(opened)),
            cells=tuple(dict.fromkeys(trail.cell(number) for number in numbers)),
            steps=tuple(trail.moment.steps[number].step_id for number in numbers),
        )

    def _watched(self, parts: list[_Part], names: dict[str, Version]) -> frozenset[str]:
        """Return every name under which the values, or what they were made from, can be reached."""
        others = {each.name for version in names.values() for each in self._uses.left_alone(version)}
        return frozenset(names.keys() | others).union(*(part.live.union(part.made) for part in parts))

    def _file(self, path: str, until: int) -> DataFile:
        for step in reversed(self._trail.moment.steps[: until + 1]):
            for file in step.files:
                if file.path == path:
                    return file
        return DataFile(path=path, direction="read", reason="its content then is not on record")


def _rerun(part: _Part, trail: Trail) -> Rerun:
    place, node = part.statement.place, part.statement.node
    if node is None:
        message = "a statement without source was taken for one that can be run"
        raise AssertionError(message)
    made, loaded = tuple(part.made.values()), tuple(part.loaded.items())
    return Rerun(place, trail.moment.steps[place[0]].step_id, node, made, loaded)


def _same_import(first: Statement, second: Statement, name: str) -> bool:
    one, other = first.node, second.node
    if not isinstance(one, ast.Import | ast.ImportFrom) or not isinstance(other, ast.Import | ast.ImportFrom):
        return False
    return path_of_import(one, name) == path_of_import(other, name)
