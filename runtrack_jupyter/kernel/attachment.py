"""Attach a recorder to a shell, and take it off again."""

import atexit
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtrack_jupyter.kernel.current import clear_current, set_current, tell_watchers
from runtrack_jupyter.kernel.frontend import FrontEnds
from runtrack_jupyter.kernel.hooks import Hooks
from runtrack_jupyter.kernel.magics import register_magics
from runtrack_jupyter.kernel.outputs import watch_outputs
from runtrack_jupyter.kernel.recorder import Recorder, Workplace
from runtrack_jupyter.model import Gap
from runtrack_jupyter.tracking.boundary import never_break_the_cell

__all__ = ["attach", "detach"]


class _Attachment:
    """Everything that one shell was given, so that it can be taken back."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._undo: list[Callable[[], None]] = []
        self._front_ends: FrontEnds | None = None
        self.recorder = Recorder(_workplace(shell), self._notify)
        hooks = Hooks(shell, self.recorder)
        hooks.register()
        self._undo.append(hooks.unregister)
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            self._undo.append(watch_outputs(kernel.session, self.recorder.output))
            self._front_ends = FrontEnds(kernel.comm_manager, self.recorder)
            self._undo.append(self._front_ends.close)
        register_magics(shell)
        set_current(self.recorder, self._notify)
        atexit.register(self.close)

    def close(self) -> None:
        """End the session; called when the kernel ends, or when the extension is unloaded."""
        atexit.unregister(self.close)
        with never_break_the_cell("ending the session", lambda _gap: None):
            self.recorder.close()

    def detach(self) -> None:
        """Leave the shell as it was."""
        for undo in reversed(self._undo):
            undo()
        self.close()
        clear_current()

    def _notify(self, kind: str, fields: dict[str, Any]) -> bool:
        tell_watchers(kind)
        return self._front_ends is not None and self._front_ends.notify(kind, fields)


_attached: list[_Attachment] = []  # at most one: a process has one shell


def attach(shell: Any) -> None:
    """Give the shell a recorder; a second time does nothing."""
    if not _attached:
        with never_break_the_cell("attaching to the kernel", _say_in_the_log):
            _attached.append(_Attachment(shell))


def _say_in_the_log(gap: Gap) -> None:
    # Not through sys.stderr: in a kernel that is a cell's output.
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"Runtrack does not record this kernel: {gap.reason}\n")


def detach(shell: Any) -> None:
    """Take the recorder off the shell."""
    if _attached and _attached[0].shell is shell:
        _attached.pop().detach()


def _workplace(shell: Any) -> Workplace:
    notebook = os.environ.get("JPY_SESSION_NAME", "")
    path = Path(notebook)
    kernel_id = ""
    with contextlib.suppress(AttributeError, TypeError):
        kernel_id = Path(shell.kernel.parent.connection_file).stem.removeprefix("kernel-")
    return Workplace(
        namespace=shell.user_ns,
        hidden=_hidden(shell),
        kernel_id=kernel_id,
        notebook=path if path.suffix == ".ipynb" and path.is_absolute() else None,
    )


def _hidden(shell: Any) -> Callable[[str], bool]:
    own = shell.user_ns_hidden

    def hidden(name: str) -> bool:
        """Say whether a name is IPython's own: its history, and what it put there at the start."""
        if name in own:  # a user may bind such a name anew: then it is theirs
            return name.startswith("_") or name in {"In", "Out"} or own[name] is shell.user_ns.get(name)
        return name.startswith("_") and name.lstrip("_i").isdigit()

    return hidden
