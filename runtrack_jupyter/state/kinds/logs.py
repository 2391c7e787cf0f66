"""Loggers and their handlers.

A logger that `logging` knows is the one of its name; its level, handlers and filters are state all the same.
"""

import copyreg
import logging
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import logs as rebuild

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_NOT_STATE = frozenset({"parent", "manager", "root", "_cache"})


def reduce_logger(_pickler: "StatePickler", logger: logging.Logger) -> Any:
    """Reduce a logger to its name and how it is set up."""
    own = {name: value for name, value in vars(logger).items() if name not in _NOT_STATE}
    if logger is logging.root:
        return rebuild.logger, ("root", None), own, None, None, rebuild.set_logger
    if logging.Logger.manager.loggerDict.get(logger.name) is logger:
        return rebuild.logger, (logger.name, type(logger)), own, None, None, rebuild.set_logger
    own.update(_cache={}, parent=logger.parent)
    return copyreg.__newobj__, (type(logger),), own  # type: ignore[attr-defined]  # typeshed leaves it out


def reduce_handler(_pickler: "StatePickler", handler: logging.Handler) -> Any:
    """Reduce a handler to what it holds; `logging` flushes the new one at the end as it would the old."""
    make = copyreg.__newobj__  # type: ignore[attr-defined]  # typeshed leaves it out
    return make, (type(handler),), vars(handler), None, None, rebuild.set_handler


REDUCERS: Reducers = {
    ("logging", "Logger"): reduce_logger,
    ("logging", "Handler"): reduce_handler,
}
