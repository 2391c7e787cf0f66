"""Libraries that are missing, or of another version, where a state is restored."""

import sys
from pathlib import Path

import pytest

from tests.state.world import Moment, World

FIRST = """
__version__ = "1.4.0"
class Thing:
    def __init__(self, v):
        self.v = v
class Gone(Thing):
    pass
class Strict(Thing):
    pass
def make(v):
    return v
"""
SECOND = """
__version__ = "{version}"
class Thing:
    def __init__(self, v):
        self.v = v
class Strict(Thing):
    def __setstate__(self, state):
        raise TypeError("an older form")
"""
CELL = "import fakelib\nx = fakelib.Thing([1]); gone = fakelib.Gone(2); strict = fakelib.Strict(3); plain = [4]; f = fakelib.make"


@pytest.fixture(name="world")
def world_with_fakelib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path, FIRST)
    world = World()
    assert world.run(CELL).gaps == ()
    return world


def write(folder: Path, source: str | None) -> None:
    """Have the library in this form; None: not at all."""
    sys.modules.pop("fakelib", None)
    sys.path_importer_cache.clear()
    file = folder / "fakelib.py"
    file.unlink(missing_ok=True)
    if source is not None:
        file.write_text(source)


def reasons(world: World, moment: Moment) -> tuple[World, dict[str, str], dict[str, str]]:
    fresh = world.fresh()
    restored = fresh.restore(moment)
    return fresh, {gap.subject: gap.reason for gap in restored.gaps}, dict(restored.otherwise)


def test_a_component_names_the_libraries_it_needs(world: World) -> None:
    """By their version then: what is installed later tells nothing about it."""
    manifests = {root: world.memory.manifest(each) for root, each in world.moment().components.items()}
    assert manifests["x"].libraries == ("fakelib 1.4.0",)
    assert manifests["plain"].libraries == ()
    world.run("import numpy as np\na = np.arange(3)")
    assert [each.partition(" ")[0] for each in world.engine.live()["a"].libraries] == ["numpy"]


def test_without_the_library_the_others_come_back(world: World, tmp_path: Path) -> None:
    """Each value that needs it is a gap that says so."""
    moment = world.moment()
    write(tmp_path, None)
    fresh, gaps, _ = reasons(world, moment)
    assert fresh.value("plain") == [4]
    assert {gaps[name] for name in ("x", "gone", "strict", "f")} == {
        "needs fakelib 1.4.0, which is not installed here"
    }


def test_another_version_takes_what_it_can(world: World, tmp_path: Path) -> None:
    """What it refuses, or no longer has, is a gap with both versions; the rest comes back and is told apart."""
    moment = world.moment()
    write(tmp_path, SECOND.format(version="2.0"))
    fresh, gaps, otherwise = reasons(world, moment)
    assert fresh.value("x.v") == [1]
    assert otherwise["x"] == "was made with fakelib 1.4.0, which is 2.0 here"
    assert gaps["gone"].startswith("was made with fakelib 1.4.0, which is 2.0 here (AttributeError: ")
    assert gaps["strict"] == "was made with fakelib 1.4.0, which is 2.0 here (TypeError: an older form)"
    assert "plain" not in {**gaps, **otherwise}


def test_a_minor_version_is_not_worth_a_word(world: World, tmp_path: Path) -> None:
    """Libraries are upgraded every week; only what really fails is told."""
    moment = world.moment()
    write(tmp_path, FIRST.replace("1.4.0", "1.5.0"))
    _, gaps, otherwise = reasons(world, moment)
    assert (gaps, otherwise) == ({}, {})


def test_what_came_back_under_another_version_is_no_change(world: World, tmp_path: Path) -> None:
    """Else the next step would seem to have changed it."""
    moment = world.moment()
    write(tmp_path, FIRST.replace("1.4.0", "2.0"))
    fresh, _, _ = reasons(world, moment)
    assert dict(fresh.capture().bound) == {}
