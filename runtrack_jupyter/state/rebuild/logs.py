"""Loggers and their handlers, made again."""

import logging
from typing import Any

__all__ = ["logger", "set_handler", "set_logger"]


def logger(name: str, kind: type[logging.Logger] | None) -> logging.Logger:
    """Return the logger of that name; without a kind, the root of all."""
    if kind is None:
        return logging.getLogger()
    made = logging.getLogger(name)
    if type(made) is not kind:
        made.__class__ = kind
    return made


def set_logger(target: logging.Logger, own: dict[str, Any]) -> None:
    """Set a logger up as it was."""
    target.__dict__.update(own)
    target.setLevel(own["level"])  # forgets what loggers remember of their levels


def set_handler(target: logging.Handler, own: dict[str, Any]) -> None:
    """Give a handler what it held, and let `logging` know it."""
    target.__dict__.update(own)
    logging._addHandlerRef(target)  # type: ignore[attr-defined]  # what every handler's constructor does
