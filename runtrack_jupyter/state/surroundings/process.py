"""The process: its directory, environment and limits, where it imports from, and what it warns of."""

import gc
import importlib
import locale
import operator
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from runtrack_jupyter.state.surroundings.place import Seen, Settings, seen

__all__ = ["Directory", "Environ", "ImportPath", "Interpreter", "Locale", "Warnings"]


class Directory:
    """The working directory."""

    def look(self) -> Seen | None:
        """Return its path; None where it is gone, and there is nothing to come back to."""
        try:
            return seen(os.getcwd())  # noqa: PTH109 - a str is what is saved
        except FileNotFoundError:
            return None

    def apply(self, value: str) -> None:
        """Go there."""
        os.chdir(value)


class Environ:
    """What changed in the environment since the kernel started; secrets are left out, and left alone."""

    def __init__(self, is_secret: Callable[[str, str], bool]) -> None:
        self._is_secret = is_secret
        self._first = dict(os.environ)
        self._raw_first = self._raw()
        self._seen: tuple[Mapping[Any, Any], Seen] = (self._raw_first, seen(({}, [])))
        self.secrets: tuple[str, ...] = ()  # the names left out at the last look

    @staticmethod
    def _raw() -> dict[Any, Any]:
        raw = getattr(os.environ, "_data", None)  # comparing it spares decoding every name
        return dict(os.environ if raw is None else raw)

    def _changes(self) -> tuple[dict[str, str], list[str]]:
        now = dict(os.environ)
        put = {name: value for name, value in now.items() if self._first.get(name) != value}
        return put, [name for name in self._first if name not in now]

    def look(self) -> Seen | None:
        """Return the names that were set, with their values, and those that were removed."""
        raw = self._raw()
        if raw != self._seen[0]:
            put, removed = self._changes()
            self.secrets = tuple(sorted(name for name, value in put.items() if self._is_secret(name, value)))
            shown = {name: put[name] for name in sorted(put) if name not in self.secrets}
            self._seen = (raw, seen((shown, sorted(removed))))
        return self._seen[1]

    def apply(self, value: tuple[dict[str, str], list[str]]) -> None:
        """Set and remove what was, and undo every other change since the kernel started."""
        put, removed = value
        for name, now in self._changes()[0].items():
            if name not in put and not self._is_secret(name, now):
                _set(name, self._first.get(name))
        for name, first in self._first.items():
            if name not in put and name not in os.environ:
                _set(name, first)
        for name, each in put.items():
            _set(name, each)
        for name in removed:
            _set(name, None)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


class ImportPath:
    """`sys.path`, with what it was when the kernel started: another kernel may have started with another."""

    def __init__(self) -> None:
        self._first = self._now()

    @staticmethod
    def _now() -> list[str]:
        return [entry for entry in sys.path if type(entry) is str]

    def look(self) -> Seen | None:
        """Return the path at first and now; None stands for a path that nobody changed."""
        now = self._now()
        return seen(None if now == self._first else (self._first, now))

    def apply(self, value: tuple[list[str], list[str]] | None) -> None:
        """Set the path; where a kernel started with another one, make the same changes to that."""
        first, now = value or (self._first, self._first)
        if first != self._first:
            now = _merged(self._first, first, now)
        if sys.path != now:
            sys.path[:] = now


def _merged(here: list[str], first: list[str], now: list[str]) -> list[str]:
    added = [entry for entry in now if entry not in first and entry not in here]
    kept = [entry for entry in here if entry in now or entry not in first]
    front = next((index for index, entry in enumerate(now) if entry in first), len(now))
    before = [entry for entry in added if now.index(entry) < front]
    return before + kept + [entry for entry in added if entry not in before]


class Interpreter(Settings):
    """Limits of the interpreter and the settings of the garbage collector."""

    def now(self) -> dict[str, Any]:
        """Return them."""
        digits = getattr(sys, "get_int_max_str_digits", lambda: None)()
        return {
            "recursion_limit": sys.getrecursionlimit(),
            "switch_interval": sys.getswitchinterval(),
            "int_max_str_digits": digits,
            "gc_enabled": gc.isenabled(),
            "gc_threshold": gc.get_threshold(),
            "gc_debug": gc.get_debug(),
        }

    def put(self, settings: dict[str, Any]) -> None:
        """Change them."""
        setters: dict[str, Callable[[Any], object]] = {
            "recursion_limit": sys.setrecursionlimit,
            "switch_interval": sys.setswitchinterval,
            "int_max_str_digits": lambda digits: sys.set_int_max_str_digits(digits),
            "gc_enabled": lambda enabled: gc.enable() if enabled else gc.disable(),
            "gc_threshold": lambda threshold: gc.set_threshold(*threshold),
            "gc_debug": gc.set_debug,
        }
        for name, value in settings.items():
            setters[name](value)


class Locale(Settings):
    """The locale of the process."""

    def now(self) -> dict[str, Any]:
        """Return it as C has it, all categories in one text."""
        return {"all": locale.setlocale(locale.LC_ALL)}

    def put(self, settings: dict[str, Any]) -> None:
        """Set it."""
        try:
            locale.setlocale(locale.LC_ALL, settings.get("all"))
        except locale.Error as error:
            raise ValueError(f"{settings['all']}: {error}") from error


class Warnings:
    """The filters of `warnings`, where they are not what they were when the kernel started."""

    def __init__(self) -> None:
        self._seen: tuple[list[Any], list[Any]] = ([], [])
        self._first = self._now()

    def _now(self) -> list[Any]:
        filters = warnings.filters
        known, plain = self._seen
        if len(known) != len(filters) or not all(map(operator.is_, known, filters)):
            plain = [_plain_filter(each) for each in filters]
            self._seen = (list(filters), plain)
        return plain

    def look(self) -> Seen | None:
        """Return the filters; None where they are as at first."""
        now = self._now()
        return seen(None if now == self._first else now)

    def apply(self, value: list[Any] | None) -> None:
        """Set the filters."""
        filters = [_filter(each) for each in (self._first if value is None else value)]
        warnings.simplefilter("default")  # makes every module forget what it decided by the old ones
        warnings.filters[:] = filters  # type: ignore[index]  # typeshed says Sequence; it is a list


def _plain_filter(entry: Any) -> tuple[Any, ...]:
    action, message, category, module, line = entry
    texts = [
        each if each is None or type(each) is str else (each.pattern, each.flags)
        for each in (message, module)
    ]
    return action, texts[0], f"{category.__module__}:{category.__qualname__}", texts[1], line


def _filter(plain: tuple[Any, ...]) -> Any:
    action, message, category, module, line = plain
    home, _, path = category.partition(":")
    found = operator.attrgetter(path)(importlib.import_module(home))
    texts = [re.compile(*each) if isinstance(each, tuple) else each for each in (message, module)]
    return action, texts[0], found, texts[1], line
