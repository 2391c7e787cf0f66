"""Files and what reads them: opened again where they were, and only while the file is what it was."""

import os
from pathlib import Path

import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
    "text files": Kind(
        "open('t', 'w', newline='').write('a\\r\\nbé\\r\\nc\\r\\n' * 99)\n"
        "f = open('t', encoding='utf-8'); f.readline(); g = open('t', newline=''); g.readline()\n"
        "h = open('t', newline='\\n'); i = open('t', newline=''); j = open('t'); j.read(); b = f.buffer",
        "f.readline()",
        (
            "f.readline(), f.encoding, f.name, f.mode, f.buffer is b",
            "g.readline(), h.readline(), i.readline(), j.read(), j.tell()",
        ),
    ),
    "binary files": Kind(
        "open('b', 'wb').write(bytes(range(200)))\nf = open('b', 'rb'); f.read(10); raw = open('b', 'rb', 0); raw.read(3)",
        "f.read(1)",
        ("f.read(2), f.name, f.mode, f.tell()", "raw.read(2), raw.mode"),
    ),
    "closed files": Kind(
        "with open('c', 'w+', encoding='latin-1') as c: c.write('x')\nwith open('c', 'rb') as b: pass\n"
        "with open('c', 'r+b', 0) as raw: pass\nwith open('c', 'r+b') as e: pass\nwith open('d', 'x') as x: pass\nimport os; os.remove('d')",
        "b = None",
        ("[(type(f), f.closed, f.name, f.mode) for f in (c, b, raw, e, x)]", "c.encoding, c.errors, repr(c)"),
    ),
    "streams in memory": Kind(
        "import io\ns = io.StringIO('abc\\r\\nd'); s.read(2); b = io.BytesIO(b'xyz'); b.read(1); b.tag = [1]\n"
        "w = io.TextIOWrapper(io.BytesIO(b'abc')); w.read(1); r = io.BufferedReader(b); z = io.StringIO(); z.close()",
        "s.read(1)",
        ("s.read(), s.getvalue()", "r.raw is b, b.tag, b.tell()", "w.read(), z.closed, r.read(1)"),
    ),
    "compressed files": Kind(
        "import gzip, bz2, lzma, os\nfor m in (gzip, bz2, lzma):\n  if not os.path.exists(m.__name__):  # gzip notes the time\n"
        "    with m.open(m.__name__, 'wb') as o: o.write(b'hello world')\n  o = m.open(m.__name__); o.close()\n"
        "g = gzip.open('gzip'); g.read(2); t = gzip.open('gzip', 'rt'); t.read(1); b = bz2.open('bz2'); b.read(3)\n"
        "l = lzma.open('lzma'); l.read(4); del m",
        "g.read(1)",
        ("g.read(), t.read(), b.read(), l.read()", "o.closed", "g.name, g.mode"),
    ),
    "archives": Kind(
        "import zipfile\nwith zipfile.ZipFile('z', 'w') as z: z.writestr('a', 'b')\n"
        "with zipfile.ZipFile('z') as y: pass\nx = zipfile.ZipFile('z')",
        "y = None",
        ("y.namelist(), z.namelist(), y.fp", "x.read('a'), x.filename"),
    ),
    "spooled files": Kind(
        "import tempfile\ns = tempfile.SpooledTemporaryFile(); s.write(b'xy')",
        "s.write(b'z')",
        ("s.tell(), s.seek(0), s.read()",),
    ),
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class TestKinds(KindContract):
    kinds = KINDS


@pytest.mark.parametrize("size", [10, 1 << 17])
def test_a_file_that_changed_is_not_opened_again(size: int) -> None:
    """Its position would mean something else; the others come back."""
    Path("f").write_bytes(b"x" * size)
    world = World()
    world.run("f = open('f'); f.read(3); x = [1]")
    moment = world.moment()
    Path("f").write_bytes(b"y" * size)
    os.utime("f", ns=(0, 0))
    fresh = world.fresh()
    gaps = fresh.restore(moment).gaps
    assert [gap.subject for gap in gaps] == ["f"]
    assert "has changed since" in gaps[0].reason
    assert fresh.value("x") == [1]


def test_a_small_file_is_known_by_its_content() -> None:
    """A checkout or a copy gives it another inode and another time."""
    Path("f").write_text("hello")
    world = World()
    world.run("f = open('f'); f.read(3)")
    Path("f").rename("former")
    Path("f").write_text("hello")
    fresh = world.fresh()
    assert fresh.restore(world.moment()).gaps == ()
    assert fresh.value("f.read()") == "lo"


def test_a_file_is_found_from_another_directory(tmp_path: Path) -> None:
    """It was opened by a relative path, and has its name still."""
    Path("f").write_text("hello")
    world = World()
    world.run("f = open('f')")
    moment = world.moment()
    del moment.components["@cwd"]
    os.chdir("/")
    fresh = world.fresh()
    assert fresh.restore(moment).gaps == ()
    assert fresh.value("f.read(), f.name") == ("hello", "f")


GAPS = {
    "f = open('w', 'w'); f.write('x')": "a file open for writing: cannot be saved",
    "f = open('w', 'w+b')": "a file open for writing: cannot be saved",
    "open('r', 'w').write('a\\nb\\n'); f = open('r'); next(f)": (
        "a file in the middle of a loop over its lines: cannot be saved"
    ),
    "import os; r = os.pipe()[0]; f = os.fdopen(r)": "an open pipe or device: cannot be saved",
    "import os; f = open('gone', 'w+'); f.close(); f = open('gone'); os.remove('gone')": (
        "an open file that its path does not lead to any more: cannot be saved"
    ),
    "import gzip; f = gzip.open('g', 'wb')": "a compressed file open for writing: cannot be saved",
    "import zipfile; f = zipfile.ZipFile('z', 'w')": "an archive open for writing: cannot be saved",
    "import tempfile; f = tempfile.NamedTemporaryFile()": "a temporary file: cannot be saved",
}


@pytest.mark.parametrize("cell", GAPS)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_written_is_a_gap(cell: str) -> None:
    """Two handles that write one file are nobody's intention."""
    world = World()
    assert [(gap.subject, gap.reason) for gap in world.run(cell).gaps] == [("f", GAPS[cell])]


def test_a_file_that_is_appended_to_goes_on_at_its_end() -> None:
    """And says so: what was written since is not taken back."""
    world = World()
    world.run("f = open('log', 'a'); f.write('one,'); f.flush()")
    assert world.engine.rebuilt("f") == "a file open for appending, opened again at its end"
    fresh = world.fresh()
    assert fresh.restore(world.moment()).gaps == ()
    fresh.run("f.write('two'); f.flush()")
    assert Path("log").read_text() == "one,two"
    assert world.value("f.mode") == fresh.value("f.mode") == "a"


def test_looking_does_not_flush() -> None:
    """Another program that reads the file would see what it did not see untracked."""
    world = World()
    world.run("f = open('log', 'a'); f.write('one')")
    assert Path("log").read_text() == ""
