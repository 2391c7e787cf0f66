"""Objects of the standard library that do not pickle, though all they are can be seen."""

import gc
import sys
from typing import TYPE_CHECKING, Any

from runtrack_jupyter.state.kinds.handler import Reducers
from runtrack_jupyter.state.rebuild import standard as rebuild
from runtrack_jupyter.state.unsavable import CannotSaveError

if TYPE_CHECKING:
    from runtrack_jupyter.state.pickling import StatePickler

__all__ = ["REDUCERS"]

_SEARCHES = ("match", "search", "fullmatch", "finditer")


def reduce_struct(_pickler: "StatePickler", struct: Any) -> Any:
    """Reduce a `struct.Struct` to its format."""
    return type(struct), (struct.format,)


def reduce_match(_pickler: "StatePickler", match: Any) -> Any:
    """Reduce a match to the search that finds it again."""
    for search in _SEARCHES:
        where = (search, match.string, match.pos, match.endpos, match.regs)
        try:
            found = rebuild.match(match.re, *where)
        except (ValueError, TypeError):  # not found in this way; or the text itself changed
            continue
        if found.lastindex == match.lastindex:
            return rebuild.match, (match.re, *where)
    raise CannotSaveError("a match of a regular expression")


def reduce_reader(pickler: "StatePickler", reader: Any) -> Any:
    """Reduce a csv reader to what it reads and how."""
    sources = [each for each in gc.get_referents(reader) if hasattr(type(each), "__next__")]
    if len(sources) != 1:
        raise CannotSaveError("a csv reader")
    if reader.line_num:
        pickler.note_rebuilt("a csv reader that counts its lines anew")
    return rebuild.csv_reader, (sources[0], _dialect(reader.dialect))


def reduce_writer(_pickler: "StatePickler", writer: Any) -> Any:
    """Reduce a csv writer to what it writes to and how."""
    targets = [each for each in gc.get_referents(writer) if getattr(each, "__name__", "") == "write"]
    if len(targets) != 1:
        raise CannotSaveError("a csv writer")
    return rebuild.csv_writer, (targets[0], _dialect(writer.dialect))


def reduce_dialect(_pickler: "StatePickler", dialect: Any) -> Any:
    """Reduce a dialect of csv to its parameters."""
    return rebuild.csv_dialect, (_dialect(dialect),)


def _dialect(dialect: Any) -> dict[str, Any]:
    return {name: getattr(dialect, name) for name in rebuild.DIALECT}


def reduce_scanner(_pickler: "StatePickler", scanner: Any) -> Any:
    """Reduce the scanner of a JSON decoder to its settings."""
    return rebuild.json_scanner, ({name: getattr(scanner, name) for name in rebuild.SCANNER},)


def reduce_codec(_pickler: "StatePickler", codec: Any) -> Any:
    """Reduce what `codecs.lookup` gives to its name."""
    return sys.modules["codecs"].lookup, (codec.name,)


def reduce_key(_pickler: "StatePickler", key: Any) -> Any:
    """Reduce what `functools.cmp_to_key` gives to the comparison and the object it wraps."""
    return rebuild.key, tuple(each for each in gc.get_referents(key) if each is not type(key))


def reduce_super(_pickler: "StatePickler", value: Any) -> Any:
    """Reduce a bound or unbound `super` to its class and its instance."""
    kind, bound = (vars(super)[name].__get__(value) for name in ("__thisclass__", "__self__"))
    return super, (kind,) if bound is None else (kind, bound)


def reduce_loop(pickler: "StatePickler", loop: Any) -> Any:
    """Reduce the event loop of the kernel to its place."""
    if loop is not rebuild.running_loop():
        raise CannotSaveError("an event loop")
    pickler.note_rebuilt("the event loop of the kernel")
    return rebuild.running_loop, ()


REDUCERS: Reducers = {
    ("_struct", "Struct"): reduce_struct,
    ("re", "Match"): reduce_match,
    ("_csv", "reader"): reduce_reader,
    ("_csv", "writer"): reduce_writer,
    ("_csv", "Dialect"): reduce_dialect,
    ("_json", "Scanner"): reduce_scanner,
    ("codecs", "CodecInfo"): reduce_codec,
    ("functools", "KeyWrapper"): reduce_key,
    ("builtins", "super"): reduce_super,
    ("asyncio.events", "AbstractEventLoop"): reduce_loop,
}
