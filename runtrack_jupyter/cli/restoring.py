"""``runtrack restore``: variables into a living kernel, or the notebook as a copy beside the present one."""

import os
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter.cli.acting import kernel_options, print_gaps
from runtrack_jupyter.cli.live import ask_kernel
from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, find, open_records
from runtrack_jupyter.cli.wording import plain, run_name
from runtrack_jupyter.errors import NotFoundError, StoreUnavailableError, UsageError
from runtrack_jupyter.lineage.plans import title_of
from runtrack_jupyter.model import Gap, Run, Step

__all__ = ["copy_beside", "restore"]

_MOST_COPIES = 1000


@click.command()
@click.argument("name", metavar="RUN_OR_STEP")
@click.option("--variables", is_flag=True, help="Put the variables back, into the kernel of --kernel.")
@click.option("--document", "--copy", "document", is_flag=True, help="Write the notebook as a copy.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="Write the copy here, not beside."
)
@click.option("--no-rebuild", is_flag=True, help="Make nothing again that could not be saved.")
@scope_options
@as_json_option
def restore(
    name: str,
    variables: bool,
    document: bool,
    output: Path | None,
    no_rebuild: bool,
    notebook: Path | None,
    store: Path | None,
    everywhere: bool,
    kernel: str | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Go back to a run or a step.

    With --kernel the variables come back in that kernel; what it holds now becomes a run first, so that this can
    be undone. What could not be saved is made again where running a few statements without side effects does it.
    Without, the notebook is written as a copy beside the present one (name-run12.ipynb). No file is ever
    replaced: an open notebook is restored in JupyterLab.
    """
    if variables and kernel is None:
        raise UsageError(
            "variables live in a kernel: say which with --kernel, or restore in the notebook itself"
        )
    records, of = find(open_records(Scope(notebook, store, everywhere)), name)
    told: dict[str, Any] = {}
    if kernel is not None and (variables or not document):
        told["variables"] = _restore_variables(of, kernel, timeout, rebuild=not no_rebuild, quiet=as_json)
    if document or output is not None or kernel is None:
        told["document"] = _restore_document(records, of, output, notebook, quiet=as_json)
    if as_json:
        print_json(told)


def _restore_variables(
    of: Run | Step, kernel: str, timeout: float, *, rebuild: bool, quiet: bool
) -> dict[str, Any]:
    name = of.run_id if isinstance(of, Run) else of.step_id
    result = ask_kernel(kernel, {"request": "restore", "id": name, "rebuild": rebuild}, timeout=timeout)
    if quiet:
        return result
    click.echo(f"Restored {plain(title_of(of))}")
    for word, key in (("put back", "restored"), ("were as they had been", "kept"), ("removed", "removed")):
        names = [plain(str(each)) for each in result.get(key, ()) if not str(each).startswith("@")]
        if names:
            click.echo(f"  {len(names)} {word}: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}")
    for made, words in result.get("rebuilt", {}).items():
        click.echo(f"  {plain(str(made))} {plain(str(words))}")
    print_gaps(tuple(msgspec.convert(result.get("gaps", ()), tuple[Gap, ...])))
    if result.get("before"):
        before = msgspec.convert(result["before"], Run)
        click.echo(
            f"What was there before is run {run_name(before)}: runtrack restore {before.run_id[-8:].lower()}"
        )
    return result


def _restore_document(
    records: Records, of: Run | Step, output: Path | None, notebook: Path | None, *, quiet: bool
) -> dict[str, Any]:
    from runtrack_jupyter.capture.secrets import Redactor
    from runtrack_jupyter.cli.sealed import document
    from runtrack_jupyter.store.layout import user_key

    found, origin, gaps = document(records, of)
    present = notebook or _notebook_of(records, of)
    live = _decoded(present) if present is not None else None
    filled, missing = Redactor(os.environ, user_key(create=False)).fill(found, live)
    name = of.run_id if isinstance(of, Run) else of.step_id
    path = copy_beside(_as_fork(filled, name), output or _beside(present, of), exact=output is not None)
    gaps = (*gaps, *missing)
    if not quiet:
        click.echo(f"Wrote {path}: the notebook of {plain(title_of(of))}")
        if origin == "reconstructed":
            click.echo("It is put together from the executed cells: text cells may be missing.")
        print_gaps(gaps)
    return {"path": str(path), "document_origin": origin, "gaps": gaps}


def _notebook_of(records: Records, of: Run | Step) -> Path | None:
    try:
        path = records.history.session(of.session_id).notebook_path
    except NotFoundError:
        return None  # received from elsewhere
    return Path(path) if path and Path(path).parent.is_dir() else None


def _beside(present: Path | None, of: Run | Step) -> Path:
    if isinstance(of, Run):
        label = f"run{of.ordinal}" if of.ordinal is not None else f"run-{of.run_id[-8:].lower()}"
    elif of.execution_count is not None:
        label = f"step{of.execution_count}"
    else:
        label = f"step-{of.step_id[-8:].lower()}"
    base = present if present is not None else Path.cwd() / "notebook.ipynb"
    return base.with_name(f"{base.stem}-{label}.ipynb")


def _decoded(path: Path) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return None


def _as_fork(document: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return the document as a notebook of its own: a new id, and where it came from."""
    from ulid import ULID

    metadata = dict(document.get("metadata", {}))
    metadata["runtrack"] = {**metadata.get("runtrack", {}), "id": str(ULID()), "forked_from": origin}
    return {**document, "metadata": metadata}


def copy_beside(document: dict[str, Any], path: Path, *, exact: bool) -> Path:
    """Write a notebook to a new file and return its path; where the name is taken a number is added, unless `exact`.

    Raises
    ------
    UsageError
        The `exact` file exists.
    StoreUnavailableError
        It cannot be written there.
    """
    data = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    for number in range(1, _MOST_COPIES):
        target = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if _written(target, data):
            return target
        if exact:
            raise UsageError(f"{path} exists: nothing is ever replaced, choose another name")
    raise StoreUnavailableError(f"there are {_MOST_COPIES} copies of {path} already")


def _written(target: Path, data: bytes) -> bool:
    try:
        with target.open("xb") as file:  # "x": somebody else's file is never touched
            try:
                file.write(data)
            except OSError:
                target.unlink()  # half a notebook is none
                raise
    except FileExistsError:
        return False
    except OSError as error:
        raise StoreUnavailableError(f"{target} cannot be written: {error.strerror}") from error
    return True


kernel_options(restore, required=False)
