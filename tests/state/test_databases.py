"""Connections of sqlite: databases in memory are saved, files are opened again while they are what they were."""

import sqlite3
import sys
from pathlib import Path

import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
    "sqlite databases in memory": Kind(
        "import sqlite3\ndb = sqlite3.connect(':memory:'); db.row_factory = sqlite3.Row\n"
        "db.execute('CREATE TABLE t (a, b)'); db.execute('INSERT INTO t VALUES (1, x\\'00ff\\')'); db.commit()\n"
        "empty = sqlite3.connect(':memory:', isolation_level=None); cur = db.cursor(); cur.arraysize = 7\n"
        "odd = sqlite3.connect(':memory:'); odd.row_factory = lambda c, r: dict(v=r[0]); odd.text_factory = bytes\n"
        "row = db.execute('SELECT 1 AS \"a b\", \\'x\\' AS y').fetchone(); shut = sqlite3.connect(':memory:'); shut.close()",
        "db.execute('INSERT INTO t VALUES (2, 3)'); db.commit()",
        (
            "[tuple(each) for each in db.execute('SELECT * FROM t')], db.row_factory, db.isolation_level",
            "empty.execute('SELECT count(*) FROM sqlite_master').fetchall(), empty.isolation_level",
            "cur.connection is db, cur.arraysize, row['a b'], row['y'], type(row), row.keys()",
            "db.execute('INSERT INTO t VALUES (5, 6)').rowcount, db.in_transaction",
        ),
    ),
    "sqlite databases used by other threads": Kind(
        "import sqlite3, threading\ndef ask(db):\n    said = []\n    def run():\n"
        "        try: said.append(db.execute('SELECT 1').fetchall())\n"
        "        except sqlite3.ProgrammingError: said.append('refused')\n"
        "    thread = threading.Thread(target=run); thread.start(); thread.join()\n    return said\n"
        "own = sqlite3.connect(':memory:'); shared = sqlite3.connect(':memory:', check_same_thread=False)\n"
        "shared.execute('CREATE TABLE t (a)')\n"
        "file = sqlite3.connect('g.db', check_same_thread=False); file.execute('CREATE TABLE IF NOT EXISTS t (a)')",
        "shared.execute('INSERT INTO t VALUES (1)'); shared.commit()",
        ("ask(own)", "ask(shared)", "ask(file)", "shared.execute('SELECT a FROM t').fetchall()"),
    ),
    "sqlite databases in files": Kind(
        "import sqlite3\ndb = sqlite3.connect('f.db'); db.execute('CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS a'); db.commit()",
        "db.row_factory = sqlite3.Row",
        ("db.execute('SELECT a FROM t').fetchall()", "db.row_factory"),
    ),
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class TestKinds(KindContract):
    kinds = KINDS


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 can only wait for the end of it: a gap")
def test_an_open_transaction_in_memory_says_that_it_is_committed() -> None:
    """What was inserted is there; that it could be rolled back is not."""
    world = World()
    world.run("import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('CREATE TABLE t (a)')")
    world.run("db.execute('INSERT INTO t VALUES (1)')")
    assert "open transaction is committed" in world.engine.rebuilt("db")
    fresh = world.fresh()
    assert fresh.restore(world.moment()).gaps == ()
    assert fresh.value("db.execute('SELECT a FROM t').fetchall()") == [(1,)]
    assert world.value("db.in_transaction")


def test_a_file_in_the_middle_of_a_transaction_is_a_gap() -> None:
    """What it would commit is in no file yet."""
    world = World()
    world.run("import sqlite3\ndb = sqlite3.connect('f.db')\ndb.execute('CREATE TABLE t (a)')")
    gaps = world.run("db.execute('INSERT INTO t VALUES (1)')").gaps
    assert [gap.subject for gap in gaps] == ["db"]
    world.run("db.commit()")
    assert world.engine.gaps() == ()


def test_a_database_that_changed_is_not_opened_again() -> None:
    """Its rows would not be those of then."""
    world = World()
    world.run("import sqlite3\ndb = sqlite3.connect('f.db')\ndb.execute('CREATE TABLE t (a)'); db.commit()")
    with sqlite3.connect("f.db") as other:
        other.execute("INSERT INTO t VALUES (1)")
    other.close()
    gaps = world.fresh().restore(world.moment()).gaps
    assert [gap.subject for gap in gaps] == ["db"]
    assert "has changed since" in gaps[0].reason
