"""``runtrack show``: one run or one step, with everything that is known of it."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json, scope_options
from runtrack_jupyter.cli.reading import Records, find, open_records
from runtrack_jupyter.cli.sealed import cwd_of, environment_of, file_status
from runtrack_jupyter.cli.wording import (
    duration,
    latest,
    many,
    plain,
    run_name,
    size,
    stamp,
    value,
    what_it_is,
)
from runtrack_jupyter.errors import NotFoundError
from runtrack_jupyter.lineage.plans import FileNow, Rebuild, rebuilds_of, with_ways
from runtrack_jupyter.model import STILL_SAVED, Environment, Run, Step
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.tracking.moments import slices_at

__all__ = ["show"]

_LONGEST_OUTPUT = 4000  # characters of one output


@click.command()
@click.argument("name", metavar="RUN_OR_STEP")
@scope_options
@as_json_option
def show(name: str, notebook: Path | None, store: Path | None, everywhere: bool, as_json: bool) -> None:
    """Show all that is on record of a run or a step."""
    records, of = find(open_records(Scope(notebook, store, everywhere)), name)
    files = _files(records, of)
    if as_json and isinstance(of, Run):
        environment = environment_of(records, of)
        print_json(
            {
                "run": of,
                "environment": environment,
                "data": files,
                "rebuilds": _rebuilds(records, of),
                "steps": records.history.steps(of.run_id),
            }
        )
    elif as_json:
        print_json({"step": of, "data": files})
    elif isinstance(of, Run):
        _show_run(records, of, files)
    else:
        _show_step(records, of, files)


def _files(records: Records, of: Run | Step) -> tuple[FileNow, ...]:
    cwd = cwd_of(records, of)
    return tuple(
        FileNow(**msgspec.structs.asdict(file), now=file_status(file, cwd))
        for file in data_files(records.history, of)
    )


def _show_run(records: Records, run: Run, files: tuple[FileNow, ...]) -> None:
    from runtrack_jupyter.cli import tables

    terminal, now = tables.console(), datetime.now(timezone.utc)
    steps = records.history.steps(run_id=run.run_id)
    terminal.print(f"{run_name(run)}  {what_it_is(run, steps[-1] if steps else None)}", style="bold")
    terminal.print(_facts_of_run(records, run, steps), style="dim")
    _measured(terminal, run)
    if run.variables:
        lost = frozenset(gap.subject for gap in run.gaps if gap.kind not in STILL_SAVED)
        saved = [each for each in run.variables if each.name not in lost and each.component is not None]
        total = sum({each.component: each.size for each in saved}.values())
        _section(terminal, "Variables", f"{len(run.variables)}, {len(saved)} restorable, {size(total)}")
        terminal.print(tables.variables_table(run.variables, _step_names(records, run), lost))
    if files:
        _section(terminal, "Data files", str(len(files)))
        terminal.print(tables.files_table(files))
    environment = environment_of(records, run)
    if environment is not None:
        _section(terminal, "Environment", _environment(environment))
    if steps:
        _section(terminal, "Steps", str(len(steps)))
        terminal.print(tables.steps_table(steps, now, width=terminal.width))
    gaps = (
        *with_ways(run.gaps, _rebuilds(records, run)),
        *(environment.gaps if environment is not None else ()),
    )
    if gaps:
        _section(terminal, "Gaps", str(len(gaps)))
        terminal.print(tables.gaps_table(gaps))


def _rebuilds(records: Records, run: Run) -> tuple[Rebuild, ...]:
    cwd = cwd_of(records, run)
    return rebuilds_of(slices_at(records.history, run.run_id), lambda file: file_status(file, cwd))


def _facts_of_run(records: Records, run: Run, steps: list[Step]) -> str:
    spent = sum(step.duration or 0 for step in steps)
    parents = ", ".join(_name(records, parent) for parent in run.parent_runs)
    origin = {
        "live": "live notebook",
        "file": "notebook from its file",
        "reconstructed": "notebook from its steps",
    }
    facts = [
        run.run_id[-8:].lower(),
        plain(run.author.name) + (f" (on {plain(run.author.host)})" if run.author.host else ""),
        stamp(run.created_at),
        f"{many(len(steps), 'step')}, {duration(spent)}",
        f"from {parents}" if parents else "",
        origin.get(run.document_origin or "", "not sealed yet"),
    ]
    return " · ".join(filter(None, facts))


def _name(records: Records, run_id: Any) -> str:
    try:
        return run_name(records.history.run(run_id))
    except NotFoundError:
        return str(run_id)[-8:].lower()


def _measured(terminal: Any, run: Run) -> None:
    for word, measured in (("Metrics", run.metrics), ("Parameters", run.parameters), ("Labels", run.labels)):
        if measured:
            said = ", ".join(f"{plain(name)} {value(each)}" for name, each in latest(measured).items())
            terminal.print(f"{word}: {said}")


def _section(terminal: Any, title: str, fact: str) -> None:
    from rich.text import Text

    terminal.print()
    terminal.print(Text.assemble((title, "bold"), "  ", (fact, "dim")))


def _step_names(records: Records, run: Run) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in {variable.set_by for variable in run.variables if variable.set_by is not None}:
        try:
            count = records.history.step(each).execution_count
        except NotFoundError:
            count = None
        names[each] = f"[{count}]" if count is not None else each[-8:].lower()
    return names


def _environment(environment: Environment) -> str:
    facts = [
        f"Python {environment.python}",
        f"{len(environment.packages)} packages",
        plain(environment.platform),
    ]
    repository = environment.repository
    if repository is not None:
        facts.append(
            f"git {(repository.commit or 'no commit')[:8]}" + (" + patch" if repository.patch else "")
        )
    if environment.local_modules:
        facts.append(f"{len(environment.local_modules)} local modules")
    return " · ".join(facts)


def _show_step(records: Records, step: Step, files: tuple[FileNow, ...]) -> None:
    from rich.syntax import Syntax

    from runtrack_jupyter.cli import tables

    terminal = tables.console()
    count = f"[{step.execution_count}]" if step.execution_count is not None else "Step"
    facts = [step.step_id[-8:].lower(), step.status, duration(step.duration), stamp(step.started_at)]
    terminal.print(f"{count}  " + " · ".join(filter(None, facts)), style="bold")
    terminal.print(
        Syntax(plain(step.source, lines=True), "python", theme="ansi_light", background_color="default")
    )
    for output in step.outputs:
        terminal.print(_output(output))
    if step.error and not any(output.get("output_type") == "error" for output in step.outputs):
        terminal.print(plain(step.error), style="red")
    for word, names in (("Reads", step.names.read), ("Changed", step.changed), ("Deleted", step.deleted)):
        if names:
            terminal.print(f"{word}: {', '.join(map(plain, names))}", style="dim")
    if files:
        _section(terminal, "Data files", str(len(files)))
        terminal.print(tables.files_table(files))
    if step.gaps:
        _section(terminal, "Gaps", str(len(step.gaps)))
        terminal.print(tables.gaps_table(step.gaps))


def _output(output: dict[str, Any]) -> str:
    """Return an output as text; of images and the like, that they are there."""
    if output.get("output_type") == "error":
        return plain(f"{output.get('ename', '')}: {output.get('evalue', '')}", lines=True)
    data = output.get("data", {})
    text = output.get("text", data.get("text/plain", ""))
    joined = "".join(text) if isinstance(text, list) else str(text)
    others = [mime for mime in data if mime != "text/plain"]
    shown = plain(joined, lines=True).rstrip("\n")
    if len(shown) > _LONGEST_OUTPUT:
        shown = f"{shown[:_LONGEST_OUTPUT]} … {len(shown) - _LONGEST_OUTPUT:,} more characters"
    return "\n".join(filter(None, (shown, f"({', '.join(map(plain, others))})" if others else "")))
