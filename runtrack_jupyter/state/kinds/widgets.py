"""Objects with traits, widgets above all: their values, and who observes them.

traitlets forgets the observers when it pickles, and a widget's connection to the page cannot be saved: a widget
comes back with a new one, and is to be displayed again.
"""

import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import widgets as rebuild
from runtrack_jupyter.state.rebuild.code import attribute

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

# Made anew: by traitlets for each object, and with the connection.
_OF_TRAITS = frozenset({"_trait_notifiers", "_trait_validators", "_cross_validation_lock", "_trait_values"})
_OF_CONNECTION = frozenset({"comm", "_model_id", "_repr_mimebundle_"})


def reduce_traits(pickler: "StatePickler", holder: Any) -> Any:
    """Reduce an object with traits to its values, its attributes and its observers."""
    traitlets = sys.modules["traitlets.traitlets"]
    kind = type(holder)
    if kind.__getstate__ is not traitlets.HasTraits.__getstate__:
        return NotImplemented
    if getattr(kind, "_instance", None) is holder and hasattr(kind, "instance"):
        return rebuild.only_instance, (kind,)
    left_out = _OF_TRAITS
    is_widget = hasattr(kind, "_call_widget_constructed")
    if is_widget:
        pickler.note_rebuilt("a widget with a new connection to the page: display it again")
        left_out |= _OF_CONNECTION
    own = {name: value for name, value in vars(holder).items() if name not in left_out}
    values = {name: value for name, value in holder._trait_values.items() if name not in left_out}
    state = (own, values, _observers(holder, traitlets.EventHandler))
    make = rebuild.widget if is_widget else rebuild.traits
    return make, (kind,), state, None, None, rebuild.set_traits


def _observers(holder: Any, of_class: type) -> list[tuple[Any, Any, list[Any]]]:
    """Return who was added to the observers that the class itself has."""
    found = []
    for name, by_type in holder._trait_notifiers.items():
        for event, callbacks in by_type.items():
            added = [callback for callback in callbacks if not isinstance(callback, of_class)]
            if added:
                found.append((name, event, added))
    return found


def reduce_sentinel(_pickler: "StatePickler", sentinel: Any) -> Any:
    """Reduce a mark of traitlets (`All`, `Undefined`) to its place: only identity tells it."""
    name: str = sentinel.name
    module = sys.modules.get(sentinel.module)
    if module is None or vars(module).get(name) is not sentinel:
        return NotImplemented
    return attribute, (module, name)


REDUCERS: Reducers = {
    ("traitlets.traitlets", "HasTraits"): reduce_traits,
    ("traitlets.utils.sentinel", "Sentinel"): reduce_sentinel,
}
