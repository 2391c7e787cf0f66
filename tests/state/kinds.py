"""What every kind of object is held to, whatever module lists it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest

from tests.state.world import World

__all__ = ["Kind", "KindContract"]


@dataclass(frozen=True)
class Kind:
    """A cell that makes it, a cell that changes it, and expressions that tell what it is."""

    make: str
    change: str
    probes: tuple[str, ...]

    def expected(self) -> list[str]:
        """Return what the probes give in a namespace that was never recorded."""
        names = {"__name__": "__main__", "__builtins__": __builtins__}
        exec(self.make, names)
        return [repr(eval(probe, names)) for probe in self.probes]

    def found(self, world: World) -> list[str]:
        return [repr(world.value(probe)) for probe in self.probes]


class KindContract:
    """What every kind of object is held to: inherited by a ``TestKinds`` that says which `kinds`, by name."""

    kinds: ClassVar[Mapping[str, Kind]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test with each kind."""
        if "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", self.kinds.values(), ids=self.kinds.keys())

    def test_it_comes_back(self, kind: Kind) -> None:
        """In the same kernel and in a fresh one."""
        world = World()
        assert world.run(kind.make).gaps == ()
        moment = world.moment()
        expected = kind.expected()
        world.run(kind.change)
        assert world.restore(moment).gaps == ()
        assert kind.found(world) == expected
        fresh = world.fresh()
        assert fresh.restore(moment).gaps == ()
        assert kind.found(fresh) == expected

    def test_unchanged_it_is_unchanged(self, kind: Kind) -> None:
        """However often one looks, before and after a restore."""
        world = World()
        world.run(kind.make)
        moment = world.moment()
        for _ in range(3):
            capture = world.capture()
            assert (dict(capture.bound), capture.changed, capture.dropped) == ({}, (), ())
        world.run(kind.change)
        world.restore(moment)
        assert (dict(world.capture().bound), world.moment().components) == ({}, moment.components)
        fresh = world.fresh()
        fresh.restore(moment)
        assert (dict(fresh.capture().bound), fresh.moment().components) == ({}, moment.components)

    def test_a_change_is_seen(self, kind: Kind) -> None:
        """After its cell: the fingerprint covers what the probes see."""
        world = World()
        world.run(kind.make)
        capture = world.run(kind.change)
        assert capture.changed or capture.deleted
