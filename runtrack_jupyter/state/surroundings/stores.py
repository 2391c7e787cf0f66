"""Which attributes a piece of code stores, read from its code object without running it."""

import dis
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

__all__ = ["NO_STORES", "Stores", "all_stores", "stores_in"]

_STORING = frozenset({"STORE_ATTR", "DELETE_ATTR"})
_LOADING = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_FOLLOWING = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_ROLE_OF = {dis.opmap[name]: name for name in (*_STORING, *_LOADING, *_FOLLOWING) if name in dis.opmap}
_IMPORT = dis.opmap["IMPORT_NAME"]
_EXTENDED_ARG, _CACHE = dis.opmap["EXTENDED_ARG"], dis.opmap.get("CACHE", -1)
# Some versions keep flags in the low bits of the operand.
_SHIFT_OF = {
    dis.opmap[name]: 1
    for name, since in (("LOAD_GLOBAL", (3, 11)), ("LOAD_ATTR", (3, 12)))
    if sys.version_info >= since
}
# Code that uses one of these may store attributes that it does not name.
_BLIND = frozenset(
    {"setattr", "delattr", "vars", "eval", "exec", "__dict__", "__setattr__", "__delattr__", "patch"}
)
_REGISTERING = {  # pandas stores what these are given in the class
    "register_dataframe_accessor": "DataFrame",
    "register_index_accessor": "Index",
    "register_series_accessor": "Series",
}
_STORED_IN_TEXT = re.compile(r"\.\s*([A-Za-z_]\w*)\s*[-+*/%@&|^<>]{0,3}=(?!=)")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Stores(NamedTuple):
    """The attributes that code stores or deletes, and what it mentions: among that is what they belong to.

    `paths` are those whose owner is spelt out (``json.decoder.x = 1``); `imported` are the modules that it
    imports; `blindly` says that it may store others as well.
    """

    attributes: frozenset[str] = frozenset()
    paths: frozenset[tuple[str, ...]] = frozenset()
    mentioned: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    blindly: bool = False

    def __bool__(self) -> bool:
        return self.blindly or bool(self.attributes)


NO_STORES = Stores()


def all_stores(codes: Iterable[CodeType]) -> Stores:
    """Return what several pieces of code store together: one may be given what another one changes."""
    found = NO_STORES
    for code in codes:
        each = stores_in(code)
        found = Stores(
            found.attributes | each.attributes,
            found.paths | each.paths,
            found.mentioned | each.mentioned,
            found.imported | each.imported,
            found.blindly or each.blindly,
        )
    return found


@lru_cache(maxsize=128)  # it keeps the code of cells alive
def stores_in(code: CodeType) -> Stores:
    """Return what this code, and code nested in it, stores."""
    attributes: set[str] = set()
    paths: set[tuple[str, ...]] = set()
    imported: set[str] = set()
    mentioned = set(code.co_names)
    for kind, path in _steps(code):
        if kind == _IMPORT:
            imported.add(path[0])
        else:
            attributes.add(path[-1])
            if len(path) > 1:
                paths.add(path)
    if not mentioned.isdisjoint(
        ("get_ipython", "eval", "exec", "setattr", "delattr")
    ):  # a text may be code, or name it
        for text in (each for each in code.co_consts if isinstance(each, str)):
            attributes.update(_STORED_IN_TEXT.findall(text))
            mentioned.update(_WORD.findall(text))
    registering = mentioned & _REGISTERING.keys()
    mentioned.update(_REGISTERING[name] for name in registering)
    own = Stores(
        frozenset(attributes),
        frozenset(paths),
        frozenset(mentioned),
        frozenset(imported),
        bool(registering) or not _BLIND.isdisjoint(mentioned),
    )
    nested = [stores_in(each) for each in code.co_consts if isinstance(each, CodeType)]
    return Stores(
        own.attributes.union(*(each.attributes for each in nested)),
        own.paths.union(*(each.paths for each in nested)),
        own.mentioned.union(*(each.mentioned for each in nested)),
        own.imported.union(*(each.imported for each in nested)),
        own.blindly or any(each.blindly for each in nested),
    )


def _steps(code: CodeType) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each import, and each store with its path: only its last part where the owner is not spelt out."""
    raw, extended = code.co_code, 0
    chain: tuple[str, ...] = ()
    for opcode, operand in zip(raw[::2], raw[1::2], strict=True):
        if opcode == _CACHE:
            continue
        operand |= extended
        extended = operand << 8 if opcode == _EXTENDED_ARG else 0
        role = _ROLE_OF.get(opcode)
        if role is not None:
            name = code.co_names[operand >> _SHIFT_OF.get(opcode, 0)]
            if role in _STORING:
                yield opcode, (*chain, name)
            chain = (name,) if role in _LOADING else (*chain, name) if role in _FOLLOWING and chain else ()
        elif opcode == _IMPORT:
            yield opcode, (code.co_names[operand],)
        elif not extended:
            chain = ()
