"""``runtrack purge``: removes runs for good."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtrack_jupyter.cli.keeping import confirmed
from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, find, open_records
from runtrack_jupyter.cli.wording import many, plain, run_name, size, stamp, what_it_is
from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Run
from runtrack_jupyter.store.layout import registered_stores, user_key

if TYPE_CHECKING:
    from runtrack_jupyter.store.purging import Preview

__all__ = ["purge"]


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@scope_options
@as_json_option
def purge(
    runs: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Remove runs for good: code, outputs, values, document, and what was said of them.

    A signed tombstone stays in their place, so that the rest of the record can still be verified. Says what goes and
    asks, unless --yes is given.
    """
    records = open_records(Scope(notebook, store, everywhere))
    found = [_run(records, name) for name in dict.fromkeys(runs)]
    seen = [_previewed(path, run) for path, run in found]
    if not as_json:
        for each in seen:
            _show(each)
    removed = not dry_run and confirmed(
        f"Remove {many(len(seen), 'run')} for good?", yes=yes, as_json=as_json
    )
    if removed:
        from runtrack_jupyter.store.purging import purge as remove

        for path, run in found:
            remove(path, run.run_id, user_key(create=False), others=_others(path))
            if not as_json:
                click.echo(f"Purged {run_name(run)}.")
    if as_json:
        print_json({"purged": removed, "runs": seen})


def _run(records: Records, name: str) -> tuple[Path, Run]:
    where, found = find(records, name)
    if not isinstance(found, Run):
        raise UsageError(f"{name!r} is a step: only runs can be purged")
    return where.history.store_of(found.run_id), found


def _others(store: Path) -> list[Path]:
    return [each for each in registered_stores() if each != store]


def _previewed(store: Path, run: Run) -> "Preview":
    from runtrack_jupyter.store.history import History
    from runtrack_jupyter.store.purging import preview

    history = History([store, *_others(store)], user_key(create=False), received=False)
    history.refresh()
    return preview(history, store, run.run_id)


def _show(seen: "Preview") -> None:
    run = seen.run
    click.echo(f"{run_name(run)}  {what_it_is(run)}  ({stamp(run.created_at)})")
    click.echo(
        f"  goes:  {many(len(seen.steps), 'step')} with outputs, the notebook, {size(seen.size)} of values"
    )
    if seen.shared:
        click.echo(f"  stays: {many(len(seen.shared), 'step')} that other runs have too")
    if seen.later:
        click.echo(
            f"  note:  {many(len(seen.later), 'later run')} of this notebook may hold the same cells, outputs and values"
        )
    if not run.sealed:
        click.echo(f"  note:  {plain('it is not sealed yet')}")
