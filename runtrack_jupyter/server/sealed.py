"""Files of sealed runs, read from the run repository when somebody looks at them."""

import logging
from pathlib import Path

import msgspec

from runtrack_jupyter.errors import GitError, NotFoundError, StoreError
from runtrack_jupyter.model import Environment, Run, RunId
from runtrack_jupyter.store.repository import RunRepository

__all__ = ["sealed_environment", "sealed_file"]

logger = logging.getLogger("runtrack_jupyter")


def sealed_file(store: Path, run_id: RunId, path: str) -> bytes:
    """Return one file of a run's commit; runs Git, so call it in a thread.

    Raises
    ------
    NotFoundError, GitError, StoreError
        It is not there, or Git is not.
    """
    return RunRepository(store).read(run_id, path)


def sealed_environment(store: Path, run: Run) -> Environment | None:
    """Return what a sealed run ran in; None when it is not sealed or cannot be read."""
    if not run.sealed:
        return None
    try:
        data = sealed_file(store, run.run_id, "environment/environment.json")
        return msgspec.json.decode(data, type=Environment)
    except (NotFoundError, GitError, StoreError, msgspec.DecodeError) as error:
        logger.warning("the environment of run %s cannot be read: %s", run.run_id, error)
        return None
