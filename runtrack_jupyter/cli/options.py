"""Options that many commands share, and how answers leave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

__all__ = ["AS_JSON", "Scope", "as_json_option", "print_json", "scope_options"]

AS_JSON = "runtrack.json"  # in the context's meta: errors are JSON too

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Scope(NamedTuple):
    """Where to look for records."""

    notebook: Path | None
    store: Path | None
    everywhere: bool


def scope_options(command: _Command) -> _Command:
    """Add ``--notebook``, ``--store`` and ``--all`` to a command."""
    path = click.Path(path_type=Path)
    command = click.option("--all", "everywhere", is_flag=True, help="Look in every store you ever used.")(
        command
    )
    command = click.option("--store", type=path, metavar="DIR", help="Look in this store.")(command)
    return click.option(
        "--notebook", type=path, metavar="PATH", help="Look at this notebook; #12 is then its run 12."
    )(command)


def as_json_option(command: _Command) -> _Command:
    """Add ``--json`` to a command: one JSON value on standard output, and nothing else."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
        ctx.meta[AS_JSON] = value
        return value

    return click.option(
        "--json", "as_json", is_flag=True, is_eager=True, callback=remember, help="Answer in JSON."
    )(command)


def print_json(value: Any) -> None:
    """Print one JSON value, readable, records as they are on disk."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
