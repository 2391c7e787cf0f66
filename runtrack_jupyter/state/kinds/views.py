"""Views of a mapping: each shows what another object holds, and is saved with it."""

import gc
import types
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Handler, Reducers
from runtrack_jupyter.state.rebuild import views as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]


def _shown_by(view: Any, kind: type) -> Any:
    """Return the one object behind a view, which only the garbage collector knows."""
    shown = [each for each in gc.get_referents(view) if isinstance(each, kind)]
    if len(shown) != 1:
        raise CannotSaveError(f"a {type(view).__name__}")
    return shown[0]


def _reduce_view(make: Any) -> Handler:
    def reduce(_pickler: "StatePickler", view: Any) -> Any:
        return make, (_shown_by(view, dict),)

    return reduce


def reduce_proxy(_pickler: "StatePickler", proxy: Any) -> Any:
    """Reduce a read-only view to the mapping it shows; that of a class, to the class."""
    shown = _shown_by(proxy, object)
    if type(shown) is dict and "__module__" in shown:
        for holder in gc.get_referrers(shown):
            if isinstance(holder, type) and _shown_by(vars(holder), dict) is shown:
                return vars, (holder,)
    return types.MappingProxyType, (shown,)


REDUCERS: Reducers = {
    ("builtins", "dict_keys"): _reduce_view(rebuild.keys),
    ("builtins", "dict_values"): _reduce_view(rebuild.values),
    ("builtins", "dict_items"): _reduce_view(rebuild.items),
    **{
        (type(view).__module__, type(view).__qualname__): _reduce_view(make)
        for view, make in (
            (OrderedDict().keys(), rebuild.ordered_keys),
            (OrderedDict().values(), rebuild.ordered_values),
            (OrderedDict().items(), rebuild.ordered_items),
        )
    },
    ("builtins", "mappingproxy"): reduce_proxy,
}
