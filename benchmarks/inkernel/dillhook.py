"""dill as people use it for this: ``dump_session`` after every cell, ``%reset`` and ``load_session`` to go back."""

from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "go_back", "load_ipython_extension"]

FOLDER = "dill-states"


def load_ipython_extension(shell: Any) -> None:
    """Keep the session after each cell, in a file named by the number of the cell."""
    import dill

    folder = Path.cwd() / FOLDER
    folder.mkdir(exist_ok=True)
    kept = 0

    def keep(_result: Any) -> None:
        nonlocal kept
        kept += 1
        target = folder / f"{kept}.dill"
        try:
            dill.dump_session(str(target))
        except Exception as error:  # noqa: BLE001  what dill cannot pickle is a state it has not kept
            target.unlink(missing_ok=True)
            (folder / f"{kept}.error").write_text(f"{type(error).__name__}: {error}")

    shell.events.register("post_run_cell", keep)


def go_back(file: str) -> None:
    """Load a session; what was not in it goes first, as dill itself leaves it there."""
    import dill
    from IPython import get_ipython

    get_ipython().reset(new_session=False)
    dill.load_session(file)
