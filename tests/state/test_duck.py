"""Databases of duckdb in memory are saved by its export; the rest says that it is not."""

from pathlib import Path

import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

pytest.importorskip("duckdb")

KINDS = {
    "duckdb databases in memory": Kind(
        'import duckdb\nc = duckdb.connect(); c.execute("CREATE TABLE t AS SELECT i AS a, i::VARCHAR AS b FROM range(1000) r(i)")\n'
        "c.execute('CREATE VIEW v AS SELECT * FROM t WHERE a > 5'); c.execute('CREATE MACRO f(x) AS x + 1')\n"
        "empty = duckdb.connect(); shut = duckdb.connect(); shut.close(); same = c",
        "c.execute('INSERT INTO t VALUES (1, NULL)')",
        (
            "c.execute('SELECT sum(a), count(b), f(1) FROM v GROUP BY ALL').fetchall(), same is c",
            "empty.execute('SELECT count(*) FROM duckdb_tables()').fetchall()",
            "c.execute('INSERT INTO t VALUES (2, NULL); SELECT count(*) FROM t').fetchall()",
        ),
    )
}


class TestKinds(KindContract):
    kinds = KINDS


def test_looking_leaves_the_results_of_a_query_alone() -> None:
    """They are fetched in the next cell."""
    world = World()
    world.run("import duckdb\nc = duckdb.connect(); r = c.execute('SELECT 7'); del r")
    assert world.value("c.fetchall()") == [(7,)]


def test_what_an_export_leaves_out_is_said() -> None:
    """Temporary tables are seen by their own connection only."""
    world = World()
    world.run("import duckdb\nc = duckdb.connect(); c.execute('CREATE TEMP TABLE t (a INT)')")
    assert "without temporary tables" in world.engine.rebuilt("c")


def test_a_database_file_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in it belongs to the file."""
    monkeypatch.chdir(tmp_path)
    world = World()
    world.run("import duckdb\nc = duckdb.connect('f.duckdb')")
    assert [gap.reason for gap in world.engine.gaps()] == ["a duckdb connection to a file: cannot be saved"]
    world.run("c.close()")
