"""``runtrack log`` and ``runtrack steps``: what was done, in order."""

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, find, latest_session, open_records
from runtrack_jupyter.cli.wording import many, plain, run_name
from runtrack_jupyter.errors import NotFoundError, UsageError
from runtrack_jupyter.lineage.tree import rail
from runtrack_jupyter.model import NotebookId, Run, RunId, Step

__all__ = ["log", "steps"]


@click.command()
@scope_options
@click.option(
    "-n", "most", type=click.IntRange(min=1), default=25, show_default=True, help="Show so many runs."
)
@as_json_option
def log(notebook: Path | None, store: Path | None, everywhere: bool, most: int, as_json: bool) -> None:
    """List the runs of the notebooks here, newest first."""
    records = open_records(Scope(notebook, store, everywhere))
    runs = records.history.runs(records.notebook_id)
    if as_json:
        shown = [listed(run) for run in runs[:most]]
        print_json({"notebook_id": records.notebook_id, "runs": shown, "total": len(runs)})
    else:
        _print_log(records, runs, most)


def listed(run: Run) -> Run:
    """Return a run as it goes into lists: without its variables, which can be many."""
    return msgspec.structs.replace(run, variables=(), components={})


def _print_log(records: Records, runs: list[Run], most: int) -> None:
    history, now = records.history, datetime.now(timezone.utc)
    if not runs:
        waiting = len(history.steps(notebook_id=records.notebook_id))
        said = (
            f"No run yet in {records.store}."
            if history.stores
            else f"Nothing is recorded in {records.store} yet."
        )
        click.echo(
            said + (f" On record so far: {many(waiting, 'step')}, see runtrack steps." if waiting else "")
        )
        return
    from runtrack_jupyter.cli.tables import (
        console,
        runs_table,
    )  # rich: only where there is something to print

    terminal = console()
    names = {each.notebook_id: each.path or each.name for each in history.notebooks()}
    left = most
    for notebook_id in dict.fromkeys(run.notebook_id for run in runs):
        of_it = [run for run in runs if run.notebook_id == notebook_id]
        shown = of_it[:left]
        left -= len(shown)
        if not shown:
            break
        here, where = _position(records, notebook_id)
        path = _as_seen_from_here(names.get(notebook_id, "")) or "no notebook"
        terminal.print(" · ".join(filter(None, (path, many(len(of_it), "run"), where))), soft_wrap=True)
        terminal.print(
            runs_table(
                shown,
                {entry.run_id: entry for entry in rail(of_it, here)},
                {run.run_id: parent for run in shown if (parent := _parent(records, run)) is not None},
                {run.run_id: step for run in shown if (step := _last_step(records, run)) is not None},
                now,
                width=terminal.width,
                here=here,
            )
        )
        if len(of_it) > len(shown):
            terminal.print(f"… {len(of_it) - len(shown)} older runs: -n {len(runs)} shows all", style="dim")


def _as_seen_from_here(path: str) -> str:
    here = str(Path.cwd())
    return plain(os.path.relpath(path, here) if path.startswith(f"{here}{os.sep}") else path)


def _position(records: Records, notebook_id: NotebookId | None) -> tuple[RunId | None, str]:
    """Return the run that the notebook's latest kernel came from, and in words what it did since."""
    session = latest_session(records, notebook_id)
    if session is None:
        return None, ""
    run_id, since = records.history.position(session.session_id)
    if not since:
        return run_id, ""
    name = "the beginning" if run_id is None else run_name(records.history.run(run_id))
    if records.history.is_alive(session.session_id):
        return run_id, f"now {many(len(since), 'step')} since {name}"
    return run_id, f"its kernel ended {many(len(since), 'step')} after {name}"


def _parent(records: Records, run: Run) -> Run | None:
    try:
        return records.history.run(run.parent_runs[0]) if run.parent_runs else None
    except NotFoundError:
        return None  # removed, or in a store that is away


def _last_step(records: Records, run: Run) -> Step | None:
    try:
        return None if run.head_step is None else records.history.step(run.head_step)
    except NotFoundError:
        return None


@click.command()
@click.argument("run", required=False)
@scope_options
@click.option("-n", "most", type=click.IntRange(min=1), help="Show only the last so many steps.")
@as_json_option
def steps(
    run: str | None,
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    most: int | None,
    as_json: bool,
) -> None:
    """List the steps of RUN, or all steps here, oldest first."""
    records = open_records(Scope(notebook, store, everywhere))
    if run is None:
        found = records.history.steps(notebook_id=records.notebook_id)
    else:
        records, of = find(records, run)
        if not isinstance(of, Run):
            raise UsageError(f"{run} is a step: runtrack show {run} shows it")
        found = records.history.steps(run_id=of.run_id)
    shown = found[-most:] if most is not None else found
    if as_json:
        print_json({"steps": shown, "total": len(found)})
        return
    if not shown:
        click.echo("No steps." if run else f"Nothing is recorded in {records.store} yet.")
        return
    from runtrack_jupyter.cli.tables import console, steps_table

    terminal: Any = console()
    terminal.print(steps_table(shown, datetime.now(timezone.utc), width=terminal.width))
