"""``runtrack gc``: what may be taken out of a store to free disk space, and taking it out."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json
from runtrack_jupyter.cli.reading import store_of
from runtrack_jupyter.cli.wording import many, plain, size
from runtrack_jupyter.errors import NotFoundError, StoreLockedError, UsageError
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.store.moments import What

if TYPE_CHECKING:
    from runtrack_jupyter.store.collecting import Collected, Rules

__all__ = ["confirmed", "gc"]

_WORDS = {
    "unreferenced": "Payload that nothing refers to",
    "duplicates": "Second copies of the same values",
    "steps": "Values after single steps",
    "automatic": "Values of automatic runs",
    "unnamed": "Values of runs without a name, and where each notebook was left",
    "named": "Values of named, labelled, starred or noted runs",
}

Progress = Callable[[int, int], None]


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option(
    "--free",
    multiple=True,
    type=click.Choice(get_args(What)),
    help="Free these values, whether there is need or not; may be given several times.",
)
@click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="Tidy this store.")
@click.option(
    "--notebook", type=click.Path(path_type=Path), metavar="PATH", help="Tidy the store of this notebook."
)
@as_json_option
def gc(
    dry_run: bool,
    yes: bool,
    free: tuple[What, ...],
    store: Path | None,
    notebook: Path | None,
    as_json: bool,
) -> None:
    """Free disk space: take out values that nobody named, when the store is nearly full or they are old.

    Code, outputs, order, metrics and documents stay. Says what would go and asks, unless --yes is given.
    """
    from runtrack_jupyter.store.collecting import look
    from runtrack_jupyter.tracking.keeping import other_stores, rules_of
    from runtrack_jupyter.tracking.settings import load_settings

    path = store_of(Scope(notebook, store, everywhere=False))
    if not path.is_dir():
        raise NotFoundError("store", str(path))
    rules = rules_of(load_settings())._replace(asked=frozenset(free))
    seen = look(path, user_key(create=False), rules, others=other_stores(path))
    if not as_json:
        _show(path, seen)
    if dry_run or not seen.freed:
        if as_json:
            print_json(_facts(path, seen, freed=0))
        return
    if not confirmed(f"Free {size(seen.freed)}?", yes=yes, as_json=as_json):
        return
    freed = _collect(path, rules, quiet=as_json)
    if as_json:
        print_json(_facts(path, seen, freed=freed))
    else:
        click.echo(f"Freed {size(freed)}.")


def confirmed(question: str, *, yes: bool, as_json: bool) -> bool:
    """Return whether the user wants it; a program says so with ``--yes``.

    Raises
    ------
    UsageError
        Nobody is there to be asked.
    """
    if yes:
        return True
    if as_json or not sys.stdin.isatty():
        raise UsageError("say --yes to do it, or --dry-run to see what it would do")
    return click.confirm(question)


def _collect(path: Path, rules: "Rules", *, quiet: bool) -> int:
    from runtrack_jupyter.tracking.keeping import keep, pack_runs

    with _bar(quiet) as show:
        done = keep(path, user_key(create=False), rules, progress=show)
    if done[-1].busy:
        raise StoreLockedError("somebody restores or names a run just now: not all was freed; try again")
    return sum(each.freed for each in done) + pack_runs(path)


def _bar(quiet: bool) -> AbstractContextManager[Progress | None]:
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    return _Bar()


class _Bar:
    """A bar for each pass."""

    def __enter__(self) -> Progress:
        return self._show

    def __exit__(self, *_: object) -> None:
        click.echo(err=True)

    def _show(self, done: int, total: int) -> None:
        part = done / total if total else 1.0
        click.echo(f"\r[{'#' * int(30 * part):<30}] {part:4.0%} of {size(total)}", err=True, nl=False)


def _show(path: Path, seen: "Collected") -> None:
    click.echo(f"{plain(str(path))}: {size(seen.size)}; it may have {size(seen.limit)}")
    payload = 0
    for group in seen.groups:
        payload += group.size
        counts = [many(group.runs, "run")] if group.runs else []
        counts += [many(group.steps, "step")] if group.steps else []
        if group.size or counts:
            what = f"{_WORDS[group.what]}{' (' + ', '.join(counts) + ')' if counts else ''}"
            click.echo(f"  {what:<70} {size(group.size):>8}")
    click.echo(f"  {'Code, outputs, documents, order: always kept':<70} {size(seen.size - payload):>8}")
    if not seen.freed:
        click.echo("Nothing has to go.")
        return
    gone = f"the values of {many(len(seen.runs), 'run')} and {many(len(seen.steps), 'step')}"
    click.echo(f"{size(seen.freed)} can be freed: {gone}.")


def _facts(path: Path, seen: "Collected", *, freed: int) -> dict[str, Any]:
    return {
        "store": str(path),
        "size": seen.size,
        "limit": seen.limit,
        "free_disk": seen.free,
        "can_free": seen.freed,
        "freed": freed,
        "groups": seen.groups,
        "runs": seen.runs,
        "steps": seen.steps,
    }
