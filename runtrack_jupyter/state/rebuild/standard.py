"""Objects of the standard library, made again from what could be seen of them."""

import asyncio
import csv
import functools
import json.scanner
import types
from collections.abc import Callable, Iterable
from re import Match, Pattern
from typing import Any

__all__ = [
    "DIALECT",
    "SCANNER",
    "csv_dialect",
    "csv_reader",
    "csv_writer",
    "json_scanner",
    "key",
    "match",
    "running_loop",
]

DIALECT = (
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
)
SCANNER = ("object_hook", "object_pairs_hook", "parse_constant", "parse_float", "parse_int", "strict")


def match(
    pattern: "Pattern[Any]", search: str, text: Any, start: int, end: int, spans: tuple[tuple[int, int], ...]
) -> "Match[Any]":
    """Return the match that a pattern finds again by `search`; raises ValueError where it finds another."""
    found = getattr(pattern, search)(text, start, end)
    candidates: Iterable[Match[Any] | None] = found if search == "finditer" else (found,)
    for each in candidates:
        if each is not None and each.regs == spans:
            return each
    message = f"{pattern.pattern!r} does not match as it did"
    raise ValueError(message)


def csv_reader(source: Iterable[str], dialect: dict[str, Any]) -> Any:
    """Return a csv reader that goes on where `source` stands."""
    return csv.reader(source, **dialect)


def csv_writer(write: Callable[[str], object], dialect: dict[str, Any]) -> Any:
    """Return a csv writer that writes by calling `write`."""
    return csv.writer(types.SimpleNamespace(write=write), **dialect)


def csv_dialect(dialect: dict[str, Any]) -> Any:
    """Return a dialect of csv."""
    return csv.reader((), **dialect).dialect


def json_scanner(settings: dict[str, Any]) -> Any:
    """Return the scanner of a JSON decoder."""
    make: Any = json.scanner.make_scanner
    return make(types.SimpleNamespace(**settings))


def key(compare: Callable[[Any, Any], int], *wrapped: Any) -> Any:
    """Return what `functools.cmp_to_key` gives, or what that gives for an object."""
    made = functools.cmp_to_key(compare)
    return made(*wrapped) if wrapped else made


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs here, or would run a coroutine here."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        policy = asyncio.get_event_loop_policy()
        return getattr(getattr(policy, "_local", None), "_loop", None)
