"""Which figures pyplot shows, and which of them is the current one."""

import contextlib
import importlib
import marshal
import sys
from collections.abc import Iterator
from typing import Any

from runtrack_jupyter.state.surroundings.place import Seen, seen

__all__ = ["Pyplot"]

_NONE: Seen = seen(())


class Pyplot:
    """The figures of pyplot by number, the current one last."""

    def look(self) -> Seen | None:
        """Return the figures; the inline backend has none left when a cell has ended."""
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        if helpers is None or not helpers.Gcf.figs:
            return _NONE
        figures = tuple((number, manager.canvas.figure) for number, manager in helpers.Gcf.figs.items())
        key = marshal.dumps([(number, id(figure)) for number, figure in figures], 2)
        return Seen(key, figures, plain=False)

    def apply(self, value: tuple[tuple[Any, Any], ...]) -> None:
        """Let pyplot show these figures and no others; nothing is drawn."""
        if not value and "matplotlib._pylab_helpers" not in sys.modules:
            return
        gcf = importlib.import_module("matplotlib._pylab_helpers").Gcf
        wanted = dict(value)
        for number, manager in list(gcf.figs.items()):
            if manager.canvas.figure is not wanted.get(number):
                gcf.destroy(number)
        missing = {number: figure for number, figure in wanted.items() if number not in gcf.figs}
        if missing:
            backend = importlib.import_module("matplotlib.pyplot")._get_backend_mod()
            with _undrawn(backend):
                for number, figure in missing.items():
                    manager = backend.new_figure_manager_given_figure(number, figure)
                    gcf._set_new_active_manager(manager)
        for number in wanted:  # the order is that of their last use
            gcf.figs.move_to_end(number)


@contextlib.contextmanager
def _undrawn(backend: Any) -> Iterator[None]:
    """Keep the inline backend from showing a figure because it has a new manager."""
    show = getattr(backend, "show", None)
    noted = {name: getattr(show, name) for name in ("_to_draw", "_draw_called") if hasattr(show, name)}
    if "_to_draw" in noted:
        noted["_to_draw"] = list(noted["_to_draw"])
    try:
        yield
    finally:
        for name, value in noted.items():
            setattr(show, name, value)
