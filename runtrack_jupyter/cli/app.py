"""The commands, and what an error means to the shell."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter import errors
from runtrack_jupyter.cli.acting import checkpoint, undo
from runtrack_jupyter.cli.bundles import export, open_file
from runtrack_jupyter.cli.checking import fsck, status
from runtrack_jupyter.cli.doctor import doctor
from runtrack_jupyter.cli.keeping import gc
from runtrack_jupyter.cli.listing import log, steps
from runtrack_jupyter.cli.naming import label, note, rename, star
from runtrack_jupyter.cli.options import AS_JSON
from runtrack_jupyter.cli.purging import purge
from runtrack_jupyter.cli.restoring import restore
from runtrack_jupyter.cli.showing import show
from runtrack_jupyter.cli.switching import off, on, run
from runtrack_jupyter.version import __version__

__all__ = ["EXIT_CODES", "root"]

# The first that fits counts. 2 is also what click says of wrong options.
EXIT_CODES: tuple[tuple[type[errors.RuntrackError], int], ...] = (
    (errors.UsageError, 2),
    (errors.NotFoundError, 3),
    (errors.DamagedStoreError, 4),
    (errors.BundleError, 4),
    (errors.StoreError, 5),
    (errors.NotTrackingError, 6),
    (errors.RecordingOffError, 6),
    (errors.RuntrackError, 1),
)


class _Root(click.Group):
    """A group whose commands answer errors of ours with a sentence and a code, never with a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        # ``jupyter runtrack`` runs the program ``jupyter-runtrack``; usage lines shall name what was typed.
        called = Path(sys.argv[0]).stem if sys.argv else ""
        options.setdefault("prog_name", "jupyter runtrack" if called == "jupyter-runtrack" else "runtrack")
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except errors.RuntrackError as error:
            if ctx.meta.get(AS_JSON):
                said = msgspec.json.encode({"kind": error.kind, "message": str(error)}).decode()
            else:
                said = f"Error: {error}"
            click.echo(said, err=True)
            ctx.exit(next(code for kind, code in EXIT_CODES if isinstance(error, kind)))


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="runtrack %(version)s")
def root() -> None:
    """See and restore what was run in notebooks.

    RUN and STEP are written as people see them: #12 or 12 for a run, or the last 8 characters of an id. Commands
    read the record of the present folder; --notebook, --store and --all look elsewhere. All take --json.

    \b
    Exit codes:
      0  done                        4  the store or file is damaged
      1  something else failed       5  the store cannot be read or written now
      2  the command was not right   6  no kernel answers, or it does not record
      3  no such run, step or file
    """  # noqa: D301 # the control character, with which click leaves the lines as they are


for _command in (
    log,
    show,
    steps,
    restore,
    checkpoint,
    undo,
    export,
    open_file,
    rename,
    label,
    star,
    note,
    status,
    doctor,
    on,
    off,
    run,
    gc,
    purge,
    fsck,
):
    root.add_command(_command)
