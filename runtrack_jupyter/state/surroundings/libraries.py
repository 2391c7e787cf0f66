"""What libraries are set to: the decimal context, how numpy prints, the options of pandas and matplotlib.

Only what is not the library's own default is kept; a library that is not there has nothing but defaults.
"""

import importlib
import marshal
import operator
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from runtrack_jupyter.state.surroundings.place import Seen, seen

__all__ = ["DecimalContext", "MatplotlibOptions", "NumpyOptions", "PandasOptions"]

_NONE = seen({})


class DecimalContext:
    """The context of `decimal` in this thread."""

    def look(self) -> Seen | None:
        """Return its settings, and the signals that were raised."""
        if "decimal" not in sys.modules:
            return _NONE
        decimal = importlib.import_module("decimal")
        now, default = (_context(each) for each in (decimal.getcontext(), decimal.DefaultContext))
        return seen({name: value for name, value in now.items() if value != default[name]})

    def apply(self, value: Any) -> None:
        """Set them in the context that is there: its holders go on with it."""
        if not value and "decimal" not in sys.modules:
            return
        decimal = importlib.import_module("decimal")
        context = decimal.getcontext()
        for name, each in {**_context(decimal.DefaultContext), **value}.items():
            if name in ("flags", "traps"):
                signals: dict[Any, bool] = getattr(context, name)
                for signal in signals:
                    signals[signal] = signal.__name__ in each
            else:
                setattr(context, name, each)


def _context(context: Any) -> dict[str, Any]:
    names = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")
    plain = {name: getattr(context, name) for name in names}
    for name in ("flags", "traps"):
        plain[name] = [signal.__name__ for signal, raised in getattr(context, name).items() if raised]
    return plain


def _noted(options: dict[str, Any]) -> Seen:
    """Return options as seen; by identity where they are no plain data, such as a formatter."""
    if not options:
        return _NONE
    try:
        return seen(options)
    except ValueError:  # marshal knows plain data only
        key = marshal.dumps({name: _key(value) for name, value in options.items()}, 2)
        return Seen(key, tuple(options.items()), plain=False)


def _key(value: Any) -> Any:
    try:
        return marshal.dumps(value, 2)
    except ValueError:
        return id(value)


class NumpyOptions:
    """How numpy prints, and what it does about errors."""

    _PRINTING: ClassVar[dict[str, Any]] = {
        "edgeitems": 3,
        "threshold": 1000,
        "floatmode": "maxprec",
        "precision": 8,
        "suppress": False,
        "linewidth": 75,
        "nanstr": "nan",
        "infstr": "inf",
        "sign": "-",
        "formatter": None,
        "legacy": False,
    }
    _ERRORS: ClassVar[dict[str, Any]] = {
        "divide": "warn",
        "over": "warn",
        "under": "ignore",
        "invalid": "warn",
    }

    def look(self) -> Seen | None:
        """Return what is not numpy's default."""
        numpy: Any = sys.modules.get("numpy")
        if not hasattr(numpy, "geterr"):  # not there, or being imported
            return _NONE
        return _noted(_differing({**numpy.get_printoptions(), **numpy.geterr()}, self._defaults()))

    def _defaults(self) -> dict[str, Any]:
        return {**self._PRINTING, **self._ERRORS}

    def apply(self, value: Any) -> None:
        """Set what was, and everything else to the default."""
        if not value and "numpy" not in sys.modules:
            return
        numpy = importlib.import_module("numpy")
        wanted = {**self._defaults(), **dict(value)}
        numpy.seterr(**{name: wanted[name] for name in self._ERRORS})
        numpy.set_printoptions(**{name: wanted[name] for name in self._PRINTING})


def _differing(now: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in now.items()
        if name in defaults and (type(value) is not type(defaults[name]) or value != defaults[name])
    }


class PandasOptions:
    """The options of pandas."""

    def __init__(self) -> None:
        self._seen: tuple[bytes, Seen] = (b"", _NONE)

    def look(self) -> Seen | None:
        """Return what is not pandas' default."""
        config = sys.modules.get("pandas._config.config")
        if config is None or "pandas" not in sys.modules:
            return _NONE
        try:
            key = marshal.dumps(config._global_config, 2)
        except ValueError:  # a formatter of the user's, most likely
            key = b""
        if not key or key != self._seen[0]:
            self._seen = (key, _noted(_pandas_options(config)))
        return self._seen[1]

    def apply(self, value: Any) -> None:
        """Set what was, and everything else to the default."""
        if not value and "pandas" not in sys.modules:
            return
        pandas = importlib.import_module("pandas")
        config = importlib.import_module("pandas._config.config")
        wanted = dict(value)
        for name in _pandas_options(config).keys() - wanted.keys():
            pandas.reset_option(f"^{name}$")
        for name, each in wanted.items():
            pandas.set_option(name, each)


def _pandas_options(config: Any) -> dict[str, Any]:
    deprecated = config._deprecated_options
    now = {}
    for name, option in config._registered_options.items():
        if name in deprecated:
            continue
        value = config._global_config
        for part in name.split("."):
            value = value[part]
        if type(value) is not type(option.defval) or value != option.defval:
            now[name] = value
    return now


class MatplotlibOptions:
    """The `rcParams` of matplotlib, less those that are about windows and the machine."""

    _NOT_OURS = frozenset(
        {
            "backend",
            "backend_fallback",
            "interactive",
            "toolbar",
            "timezone",
            "tk.window_focus",
            "webagg.port",
        }
    )

    def __init__(self) -> None:
        self._seen: tuple[list[Any], Seen] = ([], _NONE)

    def look(self) -> Seen | None:
        """Return what is not as matplotlib had it when it was imported."""
        matplotlib = sys.modules.get("matplotlib")
        now = getattr(matplotlib, "rcParams", None)
        first = getattr(matplotlib, "rcParamsOrig", None)
        if now is None or first is None:
            return _NONE
        values = list(dict.values(now))
        known, noted = self._seen
        if len(known) != len(values) or not all(map(operator.is_, known, values)):
            noted = _noted({name: dict.__getitem__(now, name) for name in self._changed(now, first)})
            self._seen = (values, noted)
        return noted

    def _changed(self, now: Any, first: Any) -> list[str]:
        return [
            name
            for name, value in dict.items(now)
            if value is not (former := dict.get(first, name))
            and (type(value) is not type(former) or value != former)
            and name not in self._NOT_OURS
        ]

    def apply(self, value: Any) -> None:
        """Set what was, and everything else as it was at first."""
        if not value and "matplotlib" not in sys.modules:
            return
        matplotlib = importlib.import_module("matplotlib")
        now, first = matplotlib.rcParams, matplotlib.rcParamsOrig
        back = {name: dict.__getitem__(first, name) for name in self._changed(now, first) if name in first}
        dict.update(now, {**back, **dict(value)})
