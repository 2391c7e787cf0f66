"""Connections of duckdb, made again from an export."""

import importlib
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "closed", "connection"]

FOLDER = "{folder}"  # stands in the statements for where the files are


def connection(schema: str, load: str, files: dict[str, bytes]) -> Any:
    """Return a connection to a database in memory with what was exported."""
    made = importlib.import_module("duckdb").connect(":memory:")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        for statements in (schema, load.replace(FOLDER, folder)):
            if statements.strip():
                made.execute(statements)
    return made


def closed() -> Any:
    """Return a connection that was closed."""
    made = importlib.import_module("duckdb").connect(":memory:")
    made.close()
    return made
