"""Objects with traits and widgets, made again."""

from functools import partial
from typing import Any

from runtrack_jupyter.state.rebuild import Loader

__all__ = ["BOUND", "only_instance", "set_traits", "traits", "widget"]

BOUND = frozenset({"widget"})


def only_instance(kind: Any) -> Any:
    """Return the one instance of a class that has only one, such as the shell."""
    return kind.instance()


def traits(kind: Any) -> Any:
    """Return an object with traits whose constructor did not run; its values follow as state."""
    return kind.__new__(kind)


def widget(loader: Loader, kind: Any) -> Any:
    """Return a widget; it is connected to the page when everything is loaded that it may hold."""
    made = kind.__new__(kind)
    made._model_id = None
    loader.finally_do(partial(_connect, made))
    return made


def set_traits(
    target: Any, state: tuple[dict[str, Any], dict[str, Any], list[tuple[Any, Any, list[Any]]]]
) -> None:
    """Give an object its attributes, its values without anybody being told, and its observers."""
    own, values, observers = state
    target.__dict__.update(own)
    target._trait_values.update(values)
    for name, event, added in observers:
        target._trait_notifiers.setdefault(name, {}).setdefault(event, []).extend(added)


def _connect(made: Any) -> None:
    """Open a widget's connection, those of the widgets it shows first: it names them by theirs."""
    if made.comm is not None:
        return
    for value in list(made._trait_values.values()):
        for each in _widgets_in(value):
            if each is not made:
                _connect(each)
    made.open()


def _widgets_in(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in _widgets_in(part)]
    if isinstance(value, dict):
        return [each for part in value.values() for each in _widgets_in(part)]
    return [value] if hasattr(type(value), "_call_widget_constructed") else []
