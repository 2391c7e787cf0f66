"""Connections of duckdb: a database in memory is saved by its own export."""

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import duck as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

# What a second connection does not see; asking the first would take the place of the user's last query.
_WORDS = "a new duckdb connection with what was committed, without temporary tables, registered objects and settings"
_MOST_ROWS = 5_000_000  # the export is made after every cell that reaches the connection


def reduce_connection(pickler: "StatePickler", connection: Any) -> Any:
    """Reduce a connection to what its database in memory exports."""
    try:
        beside = connection.cursor()  # leaves the results of the user's last query alone
    except Exception as error:
        if "closed" in str(error):
            return rebuild.closed, ()
        raise CannotSaveError("a duckdb connection") from error
    try:
        _refuse(beside)
        with tempfile.TemporaryDirectory() as folder:
            beside.execute(f"EXPORT DATABASE '{folder}' (FORMAT parquet)")
            files = {each.name: each.read_bytes() for each in sorted(Path(folder).iterdir())}
            schema, load = (files.pop(name, b"").decode() for name in ("schema.sql", "load.sql"))
            load = re.sub(re.escape(folder), rebuild.FOLDER, load)
    finally:
        beside.close()
    pickler.note_rebuilt(_WORDS)
    return rebuild.connection, (schema, load, files)


def _refuse(beside: Any) -> None:
    paths = beside.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall()
    if paths != [(None,)]:
        raise CannotSaveError("a duckdb connection to a file")
    tables = beside.execute("SELECT estimated_size FROM duckdb_tables()").fetchall()
    if sum(size for (size,) in tables) > _MOST_ROWS:
        raise CannotSaveError(f"a duckdb database with more than {_MOST_ROWS:,} rows")


def reduce_type(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce a type of duckdb to its name."""
    return type(value), (str(value),)


_MODULES = ("_duckdb", "duckdb", "duckdb.duckdb")
REDUCERS: Reducers = {
    **{(module, "DuckDBPyConnection"): reduce_connection for module in _MODULES},
    **{(module, "DuckDBPyType"): reduce_type for module in (*_MODULES, "_duckdb._sqltypes", "duckdb.typing")},
}
