"""The global names a piece of code can touch, read from its code object without running it.

The analysis is an accelerator and no proof: what it cannot see (references held by modules, callbacks, threads)
is found by the sweeps. What it can see that it cannot see is said in `Names.opaque`, and then everything is
suspect:

- ``eval``, ``exec``, ``compile``, ``globals``, ``locals``, ``vars``, ``breakpoint``, ``__import__("__main__")``
  and the frame and namespace attributes of `_OPAQUE_ATTRIBUTES`;
- ``import __main__`` and ``from x import *``;
- ``get_ipython()`` used for anything but a magic or a shell command;
- every magic except those that leave the namespace alone (`_INERT_MAGICS`) and those whose body is plain Python
  (`_BODY_MAGICS`: ``%time``, ``%%capture`` …), which is read like the code around it.
"""

import ast
import dis
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType

from runtrack_jupyter.model import Names

__all__ = ["compiled_cell", "names_in_code", "names_of", "opaque_among"]

_FILENAME = "<runtrack names>"

_OPAQUE_NAMES = frozenset(
    ("eval", "exec", "compile", "globals", "locals", "vars", "breakpoint", "get_ipython", "__builtins__")
)
_OPAQUE_ATTRIBUTES = frozenset(
    ("f_globals", "f_locals", "f_builtins", "__globals__", "user_ns", "user_global_ns", "set_trace")
)
_INERT_MAGICS = frozenset(
    """
    alias alias_magic autoawait autoreload autosave bash bookmark cat cd checkpoint clear colors conda config
    connect_info dhist dirs doctest_mode env gui hist history html javascript js killbgscripts latex less ls
    lsmagic mamba man markdown matplotlib micromamba more notebook page pdoc perl pfile pinfo pinfo2 pip popd
    pprint precision psearch psource pushd pwd pycat quickref runtrack ruby script set_env sh subshell svg system
    sx tb unalias unload_ext uv who who_ls whos writefile xmode
    """.split()  # noqa: SIM905 # seventy lines of names say no more
)
_BODY_MAGICS = frozenset(("time", "timeit", "prun", "capture", "memit", "mprun", "lprun"))
_BINDING_OPTION = re.compile(r"--(?:out|err|proc)\b")  # of %%script and its kin
# Options that come before the Python. With those of other magics (``%prun -r f(x)``) the line is no Python.
_MAGIC_OPTIONS = {
    "timeit": re.compile(r"\s*-(?:[nrp]\s*\d+|[tcqo]+)(?:\s+|$)"),
    "time": re.compile(r"\s*--no-raise-error(?:\s+|$)"),
}
_EXPANSION = re.compile(r"\$\{?([A-Za-z_]\w*)|\{([^{}]+)\}")

_READ, _WRITTEN, _DELETED, _BOUND, _UNBOUND, _ATTRIBUTE, _IMPORT, _STAR, _CONSTANT, _CALLED = range(10)
_ROLES = {
    "LOAD_NAME": _READ,
    "LOAD_GLOBAL": _READ,
    "LOAD_FROM_DICT_OR_GLOBALS": _READ,
    "STORE_GLOBAL": _WRITTEN,
    "DELETE_GLOBAL": _DELETED,
    "STORE_NAME": _BOUND,  # a global at the top, an attribute in a class body
    "DELETE_NAME": _UNBOUND,
    "LOAD_ATTR": _ATTRIBUTE,
    "LOAD_METHOD": _ATTRIBUTE,
    "IMPORT_NAME": _IMPORT,
    "IMPORT_STAR": _STAR,
    "CALL_INTRINSIC_1": _STAR,
    "LOAD_CONST": _CONSTANT,
    "CALL": _CALLED,
    "CALL_METHOD": _CALLED,
}
_ROLE_OF = {dis.opmap[name]: role for name, role in _ROLES.items() if name in dis.opmap}
# Some versions keep flags in the low bits of the operand.
_SHIFT_OF = {
    dis.opmap[name]: 1
    for name, since in (("LOAD_GLOBAL", (3, 11)), ("LOAD_ATTR", (3, 12)))
    if sys.version_info >= since
}
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
_IMPORT_STAR_INTRINSIC = 2  # the operand of CALL_INTRINSIC_1, which replaced IMPORT_STAR in 3.12
_MAGIC_ARGUMENTS = {"run_line_magic": 2, "run_cell_magic": 3, "system": 1, "getoutput": 1}


class _Found:
    """What has been read so far; the analysis adds to it as it walks down into nested code."""

    __slots__ = ("deleted", "opaque", "read", "written")

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.deleted: set[str] = set()
        self.opaque = ""

    def suspect(self, why: str) -> None:
        """Say that the code cannot be known; the first reason stays."""
        self.opaque = self.opaque or why


def names_of(source_or_code: str | CodeType) -> Names:
    """Return the names that a cell touches, functions and classes it defines included.

    Source must have been through IPython's input transform; top-level ``await`` is fine. Source that does not
    compile has no names and is opaque as ``"syntax"``. Builtins are among the names, because the namespace may
    shadow them; names written by a function (``global``) count as written by the cell that defines it.
    """
    code = source_or_code if isinstance(source_or_code, CodeType) else compiled_cell(source_or_code)
    if code is None:
        return Names(opaque="syntax")
    found = _Found()
    _collect(code, found, top=True)
    found.read.discard("get_ipython")  # where it matters, `opaque` says so
    found.written.discard(
        "__doc__"
    )  # IPython runs the statements one by one, so a first string is no docstring
    return Names(
        read=tuple(sorted(found.read)),
        written=tuple(sorted(found.written)),
        deleted=tuple(sorted(found.deleted)),
        opaque=found.opaque,
    )


@lru_cache(maxsize=4096)
def names_in_code(code: CodeType) -> frozenset[str]:
    """Return every global name that `code`, or code nested in it, reads, writes or deletes.

    Of code that cannot be known, `opaque_among` finds a name among these that says so.
    """
    found = _Found()
    _collect(code, found, top=True)
    names = found.read | found.written | found.deleted
    names.discard("get_ipython")  # a magic that leaves the namespace alone
    if found.opaque and not opaque_among(names):
        names.add("exec")  # what it does (``import __main__``, ``%run``) is as good as that
    return frozenset(names)


def opaque_among(names: Iterable[str]) -> str:
    """Return the first of `names` that makes code unknowable (``"exec"``, ``"get_ipython"`` …), or ""."""
    return next((name for name in names if name in _OPAQUE_NAMES), "")


@lru_cache(maxsize=4)  # each cell is read before and after it runs
def compiled_cell(source: str) -> CodeType | None:
    """Return a cell's code, None where it is none; source must have been through IPython's input transform."""
    # A warning about the cell is the cell's to give. Filters are swapped and not changed by the functions of
    # `warnings`: those forget which warnings were shown already, and user code would then show them twice.
    filters = warnings.filters
    ours = re.compile(re.escape(_FILENAME))
    warnings.filters = [("ignore", None, Warning, ours, 0), *filters]
    try:
        code: CodeType = compile(source, _FILENAME, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    finally:
        warnings.filters = filters
    return code


def _operations(code: CodeType) -> Iterator[tuple[int, int]]:
    """Yield (role, operand) of the instructions that matter here, in order."""
    raw = code.co_code  # as compiled: specialised and instrumented instructions are undone, caches are zeros
    extended = 0
    for opcode, operand in zip(raw[::2], raw[1::2], strict=True):
        operand |= extended  # the prefix belongs to it
        if opcode == _EXTENDED_ARG:
            extended = operand << 8
            continue
        extended = 0
        role = _ROLE_OF.get(opcode)
        if role is not None:
            yield role, operand >> _SHIFT_OF.get(opcode, 0)


def _collect(code: CodeType, found: _Found, *, top: bool) -> None:
    names, before = code.co_names, len(found.read)
    for role, operand in _operations(code):
        if role == _READ:
            found.read.add(names[operand])
        elif role == _WRITTEN or (top and role == _BOUND):
            found.written.add(names[operand])
        elif role == _DELETED or (top and role == _UNBOUND):
            found.deleted.add(names[operand])
        elif role == _IMPORT and names[operand] == "__main__":
            found.suspect("import __main__")
        elif role == _STAR and _is_star(operand):
            found.suspect("import *")
    if len(found.read) > before or "get_ipython" in names:
        _judge(code, found)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _collect(constant, found, top=False)


def _is_star(operand: int) -> bool:
    return sys.version_info < (3, 12) or operand == _IMPORT_STAR_INTRINSIC


def _judge(code: CodeType, found: _Found) -> None:
    """Note what in this one code object makes the cell unknowable."""
    for name in code.co_names:
        if name in _OPAQUE_ATTRIBUTES or (
            name in _OPAQUE_NAMES and name != "get_ipython" and name in found.read
        ):
            found.suspect(name)
    if "__main__" in code.co_consts and "__name__" not in code.co_names:
        found.suspect("__main__")
    if "get_ipython" in code.co_names:
        for method, arguments in _shell_calls(code):
            _judge_shell_call(method, arguments, found)


def _shell_calls(code: CodeType) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Yield the method called on each ``get_ipython()`` and its arguments, None where they are no constants."""
    operations = list(_operations(code))
    for at, (role, operand) in enumerate(operations):
        if role != _READ or code.co_names[operand] != "get_ipython":
            continue
        rest = operations[at + 1 :]
        while rest and rest[0][0] == _CALLED:
            rest = rest[1:]
        if not rest or rest[0][0] != _ATTRIBUTE:
            yield "", None
            continue
        method = code.co_names[rest[0][1]]
        wanted = rest[1 : 1 + _MAGIC_ARGUMENTS.get(method, 0)]
        texts = [code.co_consts[index] for kind, index in wanted if kind == _CONSTANT]
        known = len(texts) == _MAGIC_ARGUMENTS.get(method) and all(isinstance(text, str) for text in texts)
        yield method, tuple(texts) if known else None


def _judge_shell_call(method: str, arguments: tuple[str, ...] | None, found: _Found) -> None:
    if arguments is None:
        found.suspect("get_ipython")
    elif method in ("system", "getoutput"):
        _expand(arguments[0], found)
    else:
        magic, line, *body = arguments
        _judge_magic(magic, line, body[0] if body else None, found)


def _judge_magic(magic: str, line: str, body: str | None, found: _Found) -> None:
    prefix = "%" if body is None else "%%"
    _expand(line, found)
    if magic in _BODY_MAGICS:
        if magic == "capture":
            found.written.update(re.findall(r"(?<![\w-])[A-Za-z_]\w*", line))
            line = ""
        options = _MAGIC_OPTIONS.get(magic)
        while options is not None and (option := options.match(line)):
            line = line[option.end() :]
        _read_python(prefix + magic, line, found)
        if body is not None:
            _read_python(prefix + magic, body, found)
    elif magic not in _INERT_MAGICS or (body is not None and _BINDING_OPTION.search(line)):
        found.suspect(prefix + magic)


def _read_python(magic: str, text: str, found: _Found) -> None:
    """Read the Python that a magic is given."""
    code = compiled_cell(text.strip())
    if code is None:
        found.suspect(magic)
    else:
        _collect(code, found, top=True)


def _expand(text: str, found: _Found) -> None:
    """Read the names that IPython expands in a shell command or magic line: ``$name`` and ``{expression}``."""
    for name, expression in _EXPANSION.findall(text):
        if name:
            found.read.add(name)
        else:
            code = compiled_cell(expression.strip())
            if code is not None:
                _collect(code, found, top=True)
