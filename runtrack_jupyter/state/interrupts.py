"""Ctrl-C held back while something must not stop half way; it comes when that is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["Interrupts"]


class Interrupts:
    """To be entered: from then on Ctrl-C is only noted, and handed on at the end.

    Within another one it is the outer one that hands it on. Elsewhere than on the main thread, where Python raises
    it, and where the program has made it something of its own, nothing is done.
    """

    def __init__(self) -> None:
        self._came = False
        self._handler = self._note  # one object, to be recognised
        self._former: Any = None
        self._real: Any = None  # what Ctrl-C does outside all of them

    def __enter__(self) -> "Interrupts":  # noqa: PYI034 - nothing inherits from it
        former = signal.getsignal(signal.SIGINT)
        if callable(former) and threading.get_ident() == threading.main_thread().ident:
            outer = getattr(former, "__self__", None)
            self._real = outer._real if isinstance(outer, Interrupts) else former
            self._former = former
            signal.signal(signal.SIGINT, self._handler)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self._former is None:
            return
        signal.signal(signal.SIGINT, self._former)
        if self._came and not isinstance(error, KeyboardInterrupt):
            self._former(signal.SIGINT, None)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Let Ctrl-C through meanwhile, also one that was held back."""
        if self._real is None:
            yield
            return
        try:
            signal.signal(signal.SIGINT, self._real)
            if self._came:
                self._came = False
                self._real(signal.SIGINT, None)
            yield
        finally:
            signal.signal(signal.SIGINT, self._handler)

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Let Ctrl-C end what happens in here, and nothing else for now."""
        try:
            with self.passing():
                yield
        except KeyboardInterrupt:
            self._came = True

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
