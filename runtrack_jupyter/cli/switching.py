"""``runtrack on`` and ``off``, and ``runtrack run``: what is recorded, and a script that is."""

import subprocess
import sys
from pathlib import Path

import click

from runtrack_jupyter.cli.acting import kernel_options
from runtrack_jupyter.cli.live import ask_kernel
from runtrack_jupyter.cli.options import as_json_option, print_json

__all__ = ["off", "on", "run"]


@click.command()
@as_json_option
def on(kernel: str | None, timeout: float, as_json: bool) -> None:
    """Record notebooks from the next kernel start on; with --kernel, this kernel from now on."""
    _switch("on", kernel, timeout, as_json=as_json)


@click.command()
@as_json_option
def off(kernel: str | None, timeout: float, as_json: bool) -> None:
    """Record no notebook from the next kernel start on; with --kernel, this kernel no more."""
    _switch("off", kernel, timeout, as_json=as_json)


def _switch(to: str, kernel: str | None, timeout: float, *, as_json: bool) -> None:
    if kernel is not None:
        status = ask_kernel(kernel, {"request": to}, timeout=timeout)
        if as_json:
            print_json(status)
        else:
            click.echo(
                f"This kernel is {'recorded' if status.get('tracking') else 'not recorded'} from now on."
            )
        return
    from runtrack_jupyter.tracking.settings import save_settings, settings_file

    settings = save_settings({"enabled": to == "on"})
    if as_json:
        print_json({"enabled": settings.enabled, "settings": str(settings_file())})
    else:
        click.echo(f"Recording is {to}, for kernels that start from now on. Running ones stay as they are.")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(script: Path, arguments: tuple[str, ...]) -> None:
    """Run a Python script as recorded steps: cells where it has `# %%` lines, else its paragraphs.

    What comes after the script is passed to it. The exit code is the script's.
    """
    command = [sys.executable, "-m", "runtrack_jupyter.kernel.script", str(script), *arguments]
    raise click.exceptions.Exit(subprocess.call(command))


kernel_options(on, required=False)
kernel_options(off, required=False)
