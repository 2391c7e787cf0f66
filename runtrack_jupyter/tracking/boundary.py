"""Keep Runtrack's failures out of the user's notebook, but on the record."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from runtrack_jupyter.model import Gap

__all__ = ["Outcome", "never_break_the_cell"]

logger = logging.getLogger("runtrack_jupyter")


class Outcome:
    """What happened inside the boundary: `interrupted` is set when Ctrl-C arrived while we were at work."""

    __slots__ = ("interrupted",)

    def __init__(self) -> None:
        self.interrupted = False


@contextmanager
def never_break_the_cell(what: str, on_failure: Callable[[Gap], None]) -> Iterator[Outcome]:
    """Run our own work so that no failure of it leaves, and each becomes a gap.

    A `KeyboardInterrupt` was meant for the user's work, not for ours: ours is abandoned, and the caller sees
    `interrupted` and stops the queued cells, as the user meant.
    """
    outcome = Outcome()
    try:
        yield outcome
    except KeyboardInterrupt:
        outcome.interrupted = True
        _report(on_failure, Gap(subject=what, kind="interrupted", reason=f"interrupted while {what}"))
    except Exception as error:
        logger.debug("could not finish %s", what, exc_info=True)
        kind: Literal["failed"] = "failed"
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        _report(on_failure, Gap(subject=what, kind=kind, reason=reason))


def _report(on_failure: Callable[[Gap], None], gap: Gap) -> None:
    try:
        on_failure(gap)
    except Exception:
        logger.debug("could not report %s", gap, exc_info=True)
