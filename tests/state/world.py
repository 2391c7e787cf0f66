"""A namespace with its engine and an in-memory store: what the tests of the state engine run cells in."""

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

from runtrack_jupyter.model import ComponentId, Digest, Gap, Manifest, Wanted
from runtrack_jupyter.state import Capture, Limits, LiveComponent, Restored, StateEngine

__all__ = ["Memory", "World"]


class Memory:
    """A payload in memory; shared between worlds it is the store that a fresh kernel opens."""

    def __init__(self) -> None:
        self.chunks: dict[Digest, bytes] = {}
        self.manifests: dict[ComponentId, Manifest] = {}
        self.written = 0
        self.read_bytes = 0

    def write(self, component: LiveComponent) -> ComponentId:
        """Do what the writer thread does."""
        for chunk in component.chunks():
            digest = chunk.hash()
            if digest not in self.chunks:
                assert chunk.data is not None
                self.chunks[digest] = bytes(chunk.data)
                self.written += chunk.size
            chunk.release()
        component_id = component.identify()
        self.manifests[component_id] = component.manifest()
        return component_id

    def manifest(self, component_id: ComponentId) -> Manifest:
        return self.manifests[component_id]

    def sizes(self, digests: Sequence[Digest]) -> list[int]:
        return [len(self.chunks[digest]) for digest in digests]

    def read(
        self, wanted: Sequence[Wanted], into: memoryview, progress: Callable[[int], None] | None = None
    ) -> None:
        for digest, start, size in wanted:
            into[start : start + size] = self.chunks[digest]
            self.read_bytes += size
            if progress is not None:
                progress(size)


class Moment:
    """What a restore goes back to."""

    def __init__(self, components: dict[str, ComponentId], gaps: tuple[Gap, ...]) -> None:
        self.components = components
        self.gaps = gaps


class World:
    """One kernel: run cells, capture, remember, restore."""

    def __init__(
        self,
        memory: Memory | None = None,
        limits: Limits | None = None,
        is_secret: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._is_secret = is_secret
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self.memory = memory or Memory()
        self.engine = StateEngine(
            self.names, hidden=_hidden, names_in=names_in, limits=limits, is_secret=is_secret
        )

    def run(self, source: str, *, suspects: set[str] | None = None) -> Capture:
        """Execute a cell and capture; suspects None: everything."""
        code = compile(source, "<cell>", "exec")
        self.engine.expect(code, names_in(code))
        exec(code, self.names)
        return self.capture(suspects)

    def capture(self, suspects: set[str] | None = None) -> Capture:
        capture = self.engine.capture(suspects)
        for component in capture.bound.values():
            self.memory.write(component)
        return capture

    def moment(self) -> Moment:
        """Remember the state as of the last capture."""
        components = {}
        for root, component in self.engine.live().items():
            assert component.component_id is not None
            components[root] = component.component_id
        return Moment(components, self.engine.gaps())

    def restore(self, moment: Moment) -> Restored:
        self.capture()
        return self.engine.restore(moment.components, moment.gaps, self.memory)

    def fresh(self) -> "World":
        """Another kernel on the same store."""
        return World(self.memory, is_secret=self._is_secret)

    def value(self, source: str) -> Any:
        return eval(source, self.names)


def _hidden(name: str) -> bool:
    return name.startswith("_") or name in {"In", "Out"}


def names_in(code: CodeType) -> frozenset[str]:
    """Stand in for the analysis of `capture.names`: every name the code mentions."""
    nested = [names_in(const) for const in code.co_consts if isinstance(const, CodeType)]
    return frozenset(code.co_names).union(*nested)
