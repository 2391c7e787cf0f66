"""``runtrack checkpoint`` and ``runtrack undo``: what the toolbar does, in a living kernel."""

import click
import msgspec

from runtrack_jupyter.cli.live import ask_kernel
from runtrack_jupyter.cli.options import as_json_option, print_json
from runtrack_jupyter.cli.wording import first_line, many, plain, run_name
from runtrack_jupyter.model import Gap, Run, Step

__all__ = ["checkpoint", "kernel_options", "print_gaps", "undo"]


def kernel_options(command: click.Command, *, required: bool = True) -> click.Command:
    """Add ``--kernel`` and ``--timeout`` to a command."""
    timeout = click.Option(
        ["--timeout"],
        type=click.FloatRange(min=0),
        default=600.0,
        show_default=True,
        help="Seconds to wait for a busy kernel.",
    )
    kernel = click.Option(
        ["--kernel"],
        required=required,
        metavar="FILE_OR_ID",
        help="The living kernel: its connection file, or its id.",
    )
    command.params += [kernel, timeout]
    return command


def print_gaps(gaps: tuple[Gap, ...]) -> None:
    """Print what did not come back, and why; nothing where all did."""
    if gaps:
        from runtrack_jupyter.cli.tables import console, gaps_table

        console().print(gaps_table(gaps))


@click.command()
@click.option("-m", "--message", default="", help="What to call the run.")
@as_json_option
def checkpoint(message: str, kernel: str, timeout: float, as_json: bool) -> None:
    """Make a run of everything a living kernel did since its last."""
    result = ask_kernel(kernel, {"request": "checkpoint", "message": message}, timeout=timeout)
    if as_json:
        print_json(result)
        return
    run = msgspec.convert(result["run"], Run)
    steps = many(len(run.steps), "step")
    click.echo(f"Run {run_name(run)} made of {steps}. It gets its number when it is sealed.")
    print_gaps(run.gaps)


@click.command()
@as_json_option
def undo(kernel: str, timeout: float, as_json: bool) -> None:
    """Put the variables of a living kernel back to before its last step. Files that it wrote stay."""
    result = ask_kernel(kernel, {"request": "undo"}, timeout=timeout)
    if as_json:
        print_json(result)
        return
    step = msgspec.convert(result["step"], Step) if result.get("step") else None
    restored = ", ".join(plain(str(name)) for name in result.get("restored", ())) or "no variable"
    click.echo(f"Undone: {first_line(step.source) if step else 'the last step'}")
    click.echo(f"Put back: {restored}")
    for made, words in result.get("rebuilt", {}).items():
        click.echo(f"  {plain(str(made))} {plain(str(words))}")
    print_gaps(tuple(msgspec.convert(result.get("gaps", ()), tuple[Gap, ...])))


kernel_options(checkpoint)
kernel_options(undo)
