"""``runtrack status`` and ``runtrack fsck``: whether this is recorded, and whether the record is whole."""

import os
from pathlib import Path
from typing import Any

import click

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, latest_session, open_records, store_of
from runtrack_jupyter.cli.wording import many, plain, run_name, size
from runtrack_jupyter.errors import DamagedStoreError, NotFoundError
from runtrack_jupyter.model import FORMAT_VERSION
from runtrack_jupyter.store.findings import Finding
from runtrack_jupyter.store.layout import registered_stores, user_key

__all__ = ["fsck", "status"]


@click.command()
@scope_options
@as_json_option
def status(notebook: Path | None, store: Path | None, everywhere: bool, as_json: bool) -> None:
    """Say whether kernels started here are recorded, where, and what is on record."""
    scope = Scope(notebook, store, everywhere)
    try:
        records: Records | None = open_records(scope)
    except NotFoundError:
        records = None  # nothing is on record yet: that is an answer here
    facts = _facts(scope, records)
    if as_json:
        print_json(facts)
        return
    path = plain(facts["store"]["path"])
    click.echo("Recording " + ("is on" if facts["recording"] else f"is off: {facts['why_off']}"))
    if facts["store"]["exists"]:
        click.echo(f"Store     {path} ({size(facts['store']['size'])})")
    else:
        click.echo(f"Store     {path} (made by the first recorded cell)")
    click.echo(
        f"On record {many(facts['runs'], 'run')} and {many(facts['steps'], 'step')} of {many(facts['notebooks'], 'notebook')}"
    )
    for kernel in facts["kernels"]:
        where = plain(kernel["notebook_path"]) or "no notebook"
        since = f"{many(kernel['steps_since'], 'step')} since {kernel['head_run'] or 'the beginning'}"
        click.echo(f"Kernel    {kernel['kernel_id'] or kernel['session_id']} · {where} · {since}")


def _facts(scope: Scope, records: Records | None) -> dict[str, Any]:
    from runtrack_jupyter.tracking.settings import load_settings, why_off

    store = store_of(scope)
    off = why_off(os.environ, load_settings(), scope.notebook)
    history = records.history if records is not None else None
    notebook_id = records.notebook_id if records is not None else None
    return {
        "recording": not off,
        "why_off": off,
        "format_version": FORMAT_VERSION,
        "store": {"path": str(store), "exists": store.is_dir(), "size": _size(store)},
        "runs": len(history.runs(notebook_id)) if history else 0,
        "steps": len(history.steps(notebook_id=notebook_id)) if history else 0,
        "notebooks": len(history.notebooks()) if history else 0,
        "kernels": _kernels(records) if records is not None else [],
    }


def _kernels(records: Records) -> list[dict[str, Any]]:
    history = records.history
    found = []
    for session in history.sessions(records.notebook_id):
        if not history.is_alive(session.session_id):
            continue
        run_id, since = history.position(session.session_id)
        found.append(
            {
                "session_id": session.session_id,
                "kernel_id": session.kernel_id,
                "notebook_path": session.notebook_path,
                "head_run": run_name(history.run(run_id)) if run_id is not None else "",
                "steps_since": len(since),
                "latest": session == latest_session(records, session.notebook_id),
            }
        )
    return found


def _size(folder: Path) -> int:
    return sum(_size_of(Path(path, name)) for path, _, names in os.walk(folder) for name in names)


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0  # a kernel may be at work here


@click.command()
@click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="Check this store.")
@click.option(
    "--notebook", type=click.Path(path_type=Path), metavar="PATH", help="Check the store of this notebook."
)
@click.option("--all", "everywhere", is_flag=True, help="Check every store you ever used.")
@as_json_option
def fsck(store: Path | None, notebook: Path | None, everywhere: bool, as_json: bool) -> None:
    """Read everything in a store and check it: frames, digests, signatures, and the repository of runs.

    Exit code 4 means that something is damaged.
    """
    from runtrack_jupyter.store.fsck import fsck as fsck_store  # and what it needs to look into Git

    scope = Scope(notebook, store, everywhere)
    stores = registered_stores() if everywhere else [store_of(scope)]
    if not everywhere and not stores[0].is_dir():
        raise NotFoundError("store", str(stores[0]))
    findings = {each: fsck_store(each, user_key(create=False), others=registered_stores()) for each in stores}
    damaged = any(finding.severity == "error" for found in findings.values() for finding in found)
    if as_json:
        answer = [
            {"store": str(path), "consistent": _is_consistent(found), "findings": found}
            for path, found in findings.items()
        ]
        print_json({"stores": answer})
        if damaged:
            raise click.exceptions.Exit(4)
        return
    for path, found in findings.items():
        click.echo(f"{plain(str(path))}: {'consistent' if _is_consistent(found) else 'not consistent'}")
        for finding in found:
            click.echo(f"  {finding.severity:<7} {plain(finding.subject)}: {plain(finding.message)}")
    if damaged:
        raise DamagedStoreError("not everything here is what was written; what can be read stays readable")


def _is_consistent(findings: list[Finding]) -> bool:
    return all(finding.severity == "info" for finding in findings)
