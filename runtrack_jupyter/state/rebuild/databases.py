"""Connections of sqlite, made again."""

import contextlib
import importlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from runtrack_jupyter.state.rebuild.files import Mark, verify

__all__ = [
    "SETTINGS",
    "closed",
    "content",
    "cursor",
    "in_memory",
    "on_file",
    "row",
    "set_connection",
    "set_settings",
]

SETTINGS = ("isolation_level", "row_factory", "text_factory", "autocommit")
_NONE: Mapping[str, Any] = MappingProxyType({})


def content(connection: Any) -> bytes:
    """Return a database in memory, which must not be empty, as the bytes of a database file."""
    if hasattr(connection, "serialize"):
        return bytes(connection.serialize())
    with tempfile.TemporaryDirectory() as folder:  # Python 3.10
        path = Path(folder) / "database"
        with contextlib.closing(_sqlite3().connect(path)) as copy:
            connection.backup(copy)
        return path.read_bytes()


def in_memory(kind: Any, data: bytes, options: Mapping[str, Any] = _NONE) -> Any:
    """Return a connection to a database in memory."""
    made = kind(":memory:", **options)
    if not data:
        return made
    if hasattr(made, "deserialize"):
        with contextlib.closing(_sqlite3().connect(":memory:")) as copy:
            copy.deserialize(data)
            copy.backup(made)
        return made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "database"
        path.write_bytes(data)
        with contextlib.closing(_sqlite3().connect(path)) as copy:
            copy.backup(made)
    return made


def on_file(kind: Any, path: str, mark: Mark, options: Mapping[str, Any] = _NONE) -> Any:
    """Return a connection to a database file that is still what it was."""
    verify(path, mark)
    return kind(path, **options)


def closed(kind: Any) -> Any:
    """Return a connection that was closed."""
    made = kind(":memory:")
    made.close()
    return made


def set_connection(target: Any, state: tuple[dict[str, Any], dict[str, Any] | None]) -> None:
    """Set a connection up as it was."""
    settings, own = state
    set_settings(target, settings)
    if own:
        target.__dict__.update(own)


def set_settings(target: Any, settings: dict[str, Any]) -> None:
    """Set what a connection or cursor lets be set."""
    for name, value in settings.items():
        setattr(target, name, value)


def cursor(kind: Any, connection: Any) -> Any:
    """Return a cursor on a connection."""
    return kind(connection)


def row(kind: Any, names: list[str], values: tuple[Any, ...]) -> Any:
    """Return a row with these names and values."""
    quoted = (name.replace('"', '""') for name in names)
    query = "SELECT " + ", ".join(f'? AS "{name}"' for name in quoted)
    with contextlib.closing(_sqlite3().connect(":memory:")) as connection:
        made = connection.execute(query, values)
        return kind(made, made.fetchone())


def _sqlite3() -> Any:
    return importlib.import_module("sqlite3")
