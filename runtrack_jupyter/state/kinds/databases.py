"""Connections of sqlite: what lies in memory is saved, a file is opened again where it is still what it was."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.files import mark_of
from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import databases as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_BESIDE = ("-wal", "-journal")
_PLAIN = (type(None), int, float, str, bytes)


def reduce_connection(pickler: "StatePickler", connection: Any) -> Any:
    """Reduce a connection to its database and how it is set up."""
    sqlite3 = sys.modules["sqlite3"]
    try:
        databases = _rows(connection, "PRAGMA database_list")
        own = _added(connection)
    except sqlite3.ProgrammingError as error:  # closed, or of another thread
        return _closed(connection, error)
    except sqlite3.Error as error:  # locked, or no database
        raise CannotSaveError(f"a database connection ({error})") from error
    if own:
        raise CannotSaveError(f"a database connection with functions of its own ({', '.join(own)})")
    temporary = _rows(connection, "SELECT name FROM sqlite_temp_master LIMIT 1")
    if temporary or {name for _, name, _ in databases} - {"main", "temp"}:
        raise CannotSaveError("a database connection with more than one database")
    path = databases[0][2]
    if connection.in_transaction:
        if path or not hasattr(
            connection, "serialize"
        ):  # Python 3.10: a backup would wait for its end, forever
            raise CannotSaveError("a database connection in the middle of a transaction")
        pickler.note_rebuilt("a database in memory whose open transaction is committed")
    settings = {name: getattr(connection, name) for name in rebuild.SETTINGS if hasattr(connection, name)}
    pickler.note_rebuilt("a new connection to a database, without converters and hooks")
    state = (settings, getattr(connection, "__dict__", None))
    if path:
        on_file = (type(connection), path, _mark(path), _options(connection))
        return rebuild.on_file, on_file, state, None, None, rebuild.set_connection
    empty = _rows(connection, "PRAGMA page_count") == [(0,)]
    content = b"" if empty else rebuild.content(connection)
    in_memory = (type(connection), content, _options(connection))
    return rebuild.in_memory, in_memory, state, None, None, rebuild.set_connection


def _options(connection: Any) -> dict[str, Any]:
    """Return how it was opened. Whether it refuses other threads it tells nobody who does not try."""
    refused = []

    def ask() -> None:
        sqlite3 = sys.modules["sqlite3"]
        try:
            sqlite3.Connection.cursor(connection).close()
        except sqlite3.ProgrammingError:
            refused.append(connection)

    asking = threading.Thread(target=ask, name="runtrack-asking")
    asking.start()
    asking.join()
    return {} if refused else {"check_same_thread": False}


def _closed(connection: Any, error: Exception) -> Any:
    if "closed" not in str(error):
        raise CannotSaveError("a database connection") from error
    return rebuild.closed, (type(connection),)


def _rows(connection: Any, query: str) -> list[tuple[Any, ...]]:
    """Ask without the connection's own ways of making rows and texts."""
    cursor = connection.cursor()
    cursor.row_factory = None
    factory, connection.text_factory = connection.text_factory, str
    try:
        return list(cursor.execute(query))
    finally:
        connection.text_factory = factory
        cursor.close()


def _added(connection: Any) -> list[str]:
    """Return the functions and collations that this connection has and a new one has not."""
    queries = ("SELECT DISTINCT name FROM pragma_function_list", "SELECT name FROM pragma_collation_list")
    found = [name for query in queries for (name,) in _rows(connection, query)]
    fresh = sys.modules["sqlite3"].connect(":memory:")
    try:
        known = {name for query in queries for (name,) in fresh.execute(query)}
    finally:
        fresh.close()
    return sorted(set(found) - known)


def _mark(path: str) -> Any:
    for suffix in _BESIDE:
        beside = Path(path + suffix)
        if beside.exists() and beside.stat().st_size:
            raise CannotSaveError("a connection to a database that is being written")
    return mark_of(os.fspath(path))


def reduce_cursor(pickler: "StatePickler", cursor: Any) -> Any:
    """Reduce a cursor to its connection; results that were not fetched cannot be seen."""
    pickler.note_rebuilt("a new cursor, without the results of the last query")
    state = {name: getattr(cursor, name) for name in ("arraysize", "row_factory")}
    return rebuild.cursor, (type(cursor), cursor.connection), state, None, None, rebuild.set_settings


def reduce_row(_pickler: "StatePickler", row: Any) -> Any:
    """Reduce a row to its names and values."""
    values = tuple(row)
    if not all(type(value) in _PLAIN for value in values):
        raise CannotSaveError("a row of a database with values that were converted")
    return rebuild.row, (type(row), row.keys(), values)


REDUCERS: Reducers = {
    ("sqlite3", "Connection"): reduce_connection,
    ("sqlite3", "Cursor"): reduce_cursor,
    ("sqlite3", "Row"): reduce_row,
}
