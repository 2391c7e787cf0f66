"""``%checkpoint`` and ``%runtrack``: the Python API for people who type magics."""

from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError as MagicUsageError

import runtrack_jupyter as rt
from runtrack_jupyter.errors import RuntrackError

__all__ = ["register_magics"]

_HELP = "%runtrack log | show ID | restore ID | undo | status | on | off"


def register_magics(shell: Any) -> None:
    """Give the shell its two magics."""
    shell.register_magic_function(_checkpoint, "line", "checkpoint")
    shell.register_magic_function(_runtrack, "line", "runtrack")


def _checkpoint(line: str) -> Any:
    """Seal the steps since the last run into a run: ``%checkpoint "message"``."""
    return _answer(lambda: rt.checkpoint(_unquoted(line)))


def _runtrack(line: str) -> Any:
    """Look at the history and go back: ``%runtrack log | show ID | restore ID | undo | status | on | off``."""
    verb, _, rest = line.strip().partition(" ")
    name = _unquoted(rest)
    verbs: dict[str, Callable[[], Any]] = {
        "log": rt.runs,
        "show": lambda: rt.show(_needed(name)),
        "restore": lambda: rt.restore(_needed(name)),
        "undo": rt.undo,
        "status": rt.status,
        "on": rt.on,
        "off": rt.off,
    }
    if verb not in verbs:
        raise MagicUsageError(_HELP)
    return _answer(verbs[verb])


def _answer(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except RuntrackError as error:
        raise MagicUsageError(str(error)) from None  # a sentence, not a traceback


def _needed(name: str) -> str:
    if not name:
        raise MagicUsageError(f"which run or step? {_HELP}")
    return name


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
