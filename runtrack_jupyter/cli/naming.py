"""``runtrack rename``, ``label``, ``star`` and ``note``: what is said of a run after it was made."""

import os
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, find, open_records
from runtrack_jupyter.cli.wording import run_name, value, what_it_is
from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Run, Scalar

__all__ = ["label", "note", "rename", "star"]


@click.command()
@click.argument("run")
@click.argument("message")
@scope_options
@as_json_option
def rename(
    run: str, message: str, notebook: Path | None, store: Path | None, everywhere: bool, as_json: bool
) -> None:
    """Give RUN another message; an empty one takes it away."""
    _say(Scope(notebook, store, everywhere), [run], as_json=as_json, message=message)


@click.command()
@click.argument("run")
@click.argument("labels", nargs=-1, metavar="[NAME[=VALUE]...]")
@click.option("--remove", multiple=True, metavar="NAME", help="Take this label away; several times.")
@scope_options
@as_json_option
def label(
    run: str,
    labels: tuple[str, ...],
    remove: tuple[str, ...],
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Put labels on RUN: NAME alone, or NAME=VALUE. Labelled runs keep their values."""
    said: dict[str, Scalar] = dict(map(_parsed, labels))
    said.update(dict.fromkeys(remove))
    if not said:
        raise UsageError("say which label: NAME, NAME=VALUE, or --remove NAME")
    _say(Scope(notebook, store, everywhere), [run], as_json=as_json, labels=said)


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--remove", is_flag=True, help="Take the star away.")
@scope_options
@as_json_option
def star(
    runs: tuple[str, ...],
    remove: bool,
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Mark runs as favourites. Starred runs keep their values."""
    _say(Scope(notebook, store, everywhere), runs, as_json=as_json, starred=not remove)


@click.command()
@click.argument("run")
@click.argument("text")
@scope_options
@as_json_option
def note(
    run: str, text: str, notebook: Path | None, store: Path | None, everywhere: bool, as_json: bool
) -> None:
    """Write something about RUN; notes are only ever added."""
    _say(Scope(notebook, store, everywhere), [run], as_json=as_json, note=text)


def _parsed(text: str) -> tuple[str, Scalar]:
    """Return a label as typed: true where only the name is given, a number or true/false where it reads as one."""
    name, given, said = text.partition("=")
    if not given:
        return name, True
    try:
        return name, msgspec.json.decode(said, type=bool | int | float)
    except msgspec.DecodeError:
        return name, said


def _say(scope: Scope, names: "list[str] | tuple[str, ...]", *, as_json: bool, **said: Any) -> None:
    from runtrack_jupyter.tracking.annotating import Annotator

    records = open_records(scope)
    found = [_run(records, name) for name in dict.fromkeys(names)]
    annotator = Annotator(os.environ)
    for where, run in found:
        annotator.annotate(where.history.store_of(run.run_id), run.run_id, **said)
        where.history.refresh()
    now = [where.history.run(run.run_id) for where, run in found]
    if as_json:
        print_json({"runs": now})
        return
    for run in now:
        labels = [f"{each.name}={value(each.value)}" for each in run.labels]
        marks = " · ".join(["★"] * run.starred + labels + [f"{len(run.notes)} ✎"] * bool(run.notes))
        click.echo(f"{run_name(run)}  {what_it_is(run)}{'  ' if marks else ''}{marks}")


def _run(records: Records, name: str) -> tuple[Records, Run]:
    where, found = find(records, name)
    if not isinstance(found, Run):
        raise UsageError(f"{name!r} is a step: only runs can be named")
    if found.purged_at is not None:
        raise UsageError(f"{name!r} was purged: nothing is said of it any more")
    return where, found
