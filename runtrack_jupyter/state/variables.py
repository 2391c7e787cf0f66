"""Which names of a namespace are variables, told in a moment however long its history is."""

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["VariableNames"]


class VariableNames:
    """The names of a namespace that are variables.

    `hidden` tells those that are not; of a name with an underscore in front it says so once and for all: these are
    the history that IPython adds to with each cell.
    """

    # ● After 10,000 cells, asking for each name took longer than the cell; passing over them in C, a tenth of it.

    def __init__(self, namespace: dict[str, Any], hidden: Callable[[str], bool]) -> None:
        self._namespace = namespace
        self._hidden = hidden
        self._others: set[str] = set()  # all names but those of the history
        self._latest: str | None = None  # of the history: what was added since is behind it

    def now(self) -> set[str]:
        """Return the names there are now; one that came while a name of the history was put anew may be missed."""
        try:
            return self._among([*self._behind(), *self._others])
        except (KeyError, RuntimeError):  # the latest is gone, or another thread is at work
            return self.every()

    def every(self) -> set[str]:
        """Return all names there are now."""
        self._others.clear()
        return self._among(reversed(tuple(self._namespace)))

    def _behind(self) -> Iterable[str]:
        found: list[str] = []
        for name in reversed(self._namespace):
            if name is self._latest:
                return found
            found.append(name)
        raise KeyError(self._latest)

    def _among(self, names: Iterable[str]) -> set[str]:
        """Return those of `names`, the latest first, that are variables, and remember what they are."""
        visible, others = set(), set()
        latest = None
        for name in names:
            if type(name) is not str or name not in self._namespace:
                continue
            hidden = self._hidden(name)
            if not hidden:
                visible.add(name)
            if not hidden or not name.startswith("_"):
                others.add(name)
            elif latest is None:
                latest = name
        self._others = others
        self._latest = latest or self._latest
        return visible
