"""``runtrack export`` and ``runtrack open``: one run as a file, out and in."""

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import find, open_records, store_of
from runtrack_jupyter.cli.wording import duration, many, plain, run_name, size, stamp, what_it_is
from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Run

if TYPE_CHECKING:
    from runtrack_jupyter.share.bundle import Bundle

__all__ = ["export", "open_file"]


@click.command()
@click.argument("name", metavar="RUN")
@click.option(
    "--bundle", "file", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Write it here."
)
@click.option("--values", is_flag=True, help="Also the values of the variables, as they are, secret or not.")
@scope_options
@as_json_option
def export(
    name: str,
    file: Path,
    values: bool,
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Write a run to a file that others can open."""
    from runtrack_jupyter.share.export import export_run

    records, of = find(open_records(Scope(notebook, store, everywhere)), name)
    if not isinstance(of, Run):
        raise UsageError("a bundle holds a run: pass its number or id, not that of a step")
    done = export_run(records.history, of, file, values=values)
    if as_json:
        print_json(
            {
                "path": str(done.path),
                "run_id": of.run_id,
                "size": done.size,
                "files": done.files,
                "values": done.values,
                "left_out": done.left_out,
            }
        )
        return
    click.echo(f"Wrote {done.path}: {plain(what_it_is(of, None))}, run {run_name(of)}, {size(done.size)}")
    click.echo("Whoever has the file can read:")
    for line in _holdings(of, done.files):
        click.echo(f"  {line}")
    if values:
        shown = [each for each in done.values if not each.startswith("@")]
        click.echo(f"  the values of {many(len(shown), 'variable')}, as they are")
    else:
        click.echo("No values: --values adds them.")
    for root, why in done.left_out.items():
        click.echo(f"Left out: {plain(root)}: {plain(why)}")


def _holdings(run: Run, files: tuple[str, ...]) -> list[str]:
    modules = sum(name.startswith("environment/modules/") for name in files)
    previews = f", with previews of {many(len(run.variables), 'variable')}" if run.variables else ""
    held = [
        f"the notebook with its outputs{previews}",
        f"{many(len(run.steps), 'step')} with source and outputs",
        "your name, the machine's name, packages, and paths of this machine",
        "the patch of your uncommitted changes" if "environment/patch.diff" in files else "",
        f"the source of {many(modules, 'module')} of yours" if modules else "",
    ]
    return [line for line in held if line]


@click.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--trust", is_flag=True, help="Take it in with its values; only if you know who made it.")
@click.option("--yes", is_flag=True, help="With --trust: do not ask.")
@click.option(
    "--store", type=click.Path(path_type=Path), metavar="DIR", help="With --trust: take it in here."
)
@as_json_option
def open_file(file: Path, trust: bool, yes: bool, store: Path | None, as_json: bool) -> None:
    """Show the run in a bundle that somebody sent. Nothing of it is run or loaded."""
    from runtrack_jupyter.share.bundle import open_bundle

    bundle = open_bundle(file)
    if as_json and not trust:
        print_json(_told(bundle))
        return
    if not as_json:
        _show(bundle)
    if trust:
        run = _take_in(bundle, store, yes=yes or as_json)
        if as_json:
            print_json({**_told(bundle), "taken_in": run})
        else:
            click.echo(f"\nTaken in as a run of its own: runtrack restore {run.run_id[-8:].lower()}")


def _told(bundle: "Bundle") -> dict[str, Any]:
    return {
        "digest": bundle.digest,
        "signed": False,
        "values": bundle.contents.values,
        "run": bundle.run,
        "environment": bundle.environment,
        "data": bundle.data,
        "steps": bundle.steps,
    }


def _show(bundle: "Bundle") -> None:
    from runtrack_jupyter.cli import tables

    run, terminal = bundle.run, tables.console()
    terminal.print(
        f"{run_name(run)}  {what_it_is(run, bundle.steps[-1] if bundle.steps else None)}", style="bold"
    )
    spent = sum(step.duration or 0 for step in bundle.steps)
    facts = [
        plain(run.author.name),
        stamp(run.created_at),
        f"{many(len(bundle.steps), 'step')}, {duration(spent)}",
    ]
    terminal.print(" · ".join(facts), style="dim")
    terminal.print("Contents match the list in the file. Not signed: nothing shows who made it.")
    held = (
        f"Values of {many(bundle.contents.values, 'variable')} are in it"
        if bundle.contents.values
        else "No values are in it"
    )
    terminal.print(f"{held}; nothing of it was run or loaded.\n")
    if run.variables:
        names: dict[str, str] = {
            step.step_id: f"[{step.execution_count}]"
            for step in bundle.steps
            if step.execution_count is not None
        }
        terminal.print(
            tables.variables_table(run.variables, names, frozenset(gap.subject for gap in run.gaps))
        )
    if bundle.steps:
        terminal.print(tables.steps_table(bundle.steps, datetime.now(timezone.utc), width=terminal.width))


def _take_in(bundle: "Bundle", store: Path | None, *, yes: bool) -> Run:
    from runtrack_jupyter.share.taking import take_in
    from runtrack_jupyter.store.layout import user_key

    if not yes:
        click.echo(
            f"\nRestoring this run can run any code that {plain(bundle.run.author.name)}, or whoever made this file,"
            " has put into it."
        )
        click.confirm("Do you trust it?", abort=True)
    key = user_key()
    if key is None:
        raise UsageError("there is no key of yours to take it in with")
    return take_in(bundle.path, bundle.digest, store_of(Scope(None, store, everywhere=False)), key)
