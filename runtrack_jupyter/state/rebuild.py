"""The vocabulary of saved state: what a component's stream calls to make its objects again.

These names and their arguments are part of the format on disk (`docs/format.md`): they are only ever added to.
Those whose first parameter is `loader` are bound to the load in progress by the unpickler.
"""

import functools
import importlib
import marshal
import math
import sys
import types
import warnings
import weakref
from abc import ABCMeta, _abc_init  # type: ignore[attr-defined]  # not in typeshed
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, cast

__all__ = ["BOUND", "Loader"]


class Loader(Protocol):
    """The load in progress, as the functions of this module see it."""

    def fill(self, index: int, into: memoryview) -> None:
        """Read out-of-band buffer `index` into memory."""

    def class_of(self, key: str) -> type:
        """Return the notebook class with that key, loading its component when needed."""

    def early_class(self, key: str) -> type | None:
        """Return the class where one that it is made of needed it before its turn."""

    def made_class(self, key: str, cls: type) -> None:
        """Remember a class as soon as it exists, so that its own state can refer to it."""

    def freeze(self, array: Any) -> None:
        """Make an array read-only once everything is loaded."""


# --- code -----------------------------------------------------------------------------------------------------


def code(marshalled: bytes) -> types.CodeType:
    """Return a code object; only the Python version that wrote it can read it."""
    loaded = marshal.loads(marshalled)  # noqa: S302 - as trusted as the pickle it came in
    if not isinstance(loaded, types.CodeType):
        message = f"expected code, found {type(loaded).__name__}"
        raise TypeError(message)
    return loaded


def cell() -> types.CellType:
    """Return an empty closure cell; its contents follow as state, so that cycles close."""
    return types.CellType()


def set_cell(target: types.CellType, contents: object) -> None:
    """Fill a closure cell."""
    target.cell_contents = contents


def function(
    body: types.CodeType,
    space: dict[str, Any] | types.ModuleType,
    name: str,
    closure: tuple[types.CellType, ...] | None,
) -> types.FunctionType:
    """Return a function whose globals are `space`: the live namespace, a module's, or a dict of its own."""
    names = space.__dict__ if isinstance(space, types.ModuleType) else space
    return types.FunctionType(body, names, name, None, closure)


def set_function(target: types.FunctionType, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Give a function its attributes and its ``__dict__``."""
    attributes, own = state
    for name, value in attributes.items():
        setattr(target, name, value)
    target.__dict__.update(own)


def module(name: str) -> types.ModuleType:
    """Import a module by name."""
    return importlib.import_module(name)


def attribute(owner: object, path: str) -> Any:
    """Return what lies at a dotted path below `owner`."""
    for part in path.split("."):
        owner = getattr(owner, part)
    return owner


def cached(function: Callable[..., Any], maxsize: int | None, typed: bool) -> Any:
    """Return a function behind an empty ``lru_cache``: what was cached is computed again."""
    return functools.lru_cache(maxsize, typed)(function)


def set_attributes(target: Any, own: dict[str, Any]) -> None:
    """Give an object its ``__dict__``."""
    target.__dict__.update(own)


def own_module(name: str) -> types.ModuleType:
    """Return a module that was made by hand and cannot be imported; its names follow as state."""
    return types.ModuleType(name)


def weak(target: object) -> "weakref.ref[Any]":
    """Return a weak reference."""
    return weakref.ref(target)


def weak_dead() -> "weakref.ref[Any]":
    """Return a weak reference to something that is gone."""
    return weakref.ref(type("Gone", (), {})())


# --- classes --------------------------------------------------------------------------------------------------


def known_class(loader: Loader, key: str) -> type:
    """Return the notebook class with that key."""
    return loader.class_of(key)


def new_class(
    loader: Loader,
    key: str,
    metaclass: type,
    name: str,
    bases: tuple[type, ...],
    body: dict[str, Any],
    names: tuple[str, ...],
) -> type:
    """Return a class that has its bases and slots; the rest follows as state.

    `names` are the attributes of its body in their order, which setting them later does not change.
    Neither the metaclass's own ``__new__`` nor ``__init_subclass__`` nor ``__set_name__`` runs: they ran when
    the user defined the class, and what they did is part of the state.
    """
    early = loader.early_class(key)
    if early is not None:
        return early
    with _quiet_bases(bases):
        try:
            empty = {**dict.fromkeys(names), **body}
            made: type = type.__new__(cast("Any", metaclass), name, bases, empty)
        except TypeError:  # metaclasses written in C insist on their own constructor
            made = types.new_class(name, bases, {"metaclass": metaclass}, lambda space: space.update(body))
    if isinstance(made, ABCMeta):
        _abc_init(made)  # all that ABCMeta.__new__ does besides
    loader.made_class(key, made)
    return made


@contextmanager
def _quiet_bases(bases: tuple[type, ...]) -> Iterator[None]:
    """Keep ``__init_subclass__`` of the bases from running, for the moment in which a class is made."""
    found = {each: vars(each).get("__init_subclass__") for base in bases for each in base.__mro__[:-1]}
    loud = {each: hook for each, hook in found.items() if hook is not None}
    changed = []
    try:
        for each in loud:
            with suppress(TypeError):  # a type written in C: it stays as it is
                # Replaced in place, not removed: the order of a class's attributes is part of its state.
                type.__setattr__(each, "__init_subclass__", classmethod(_nothing))
                changed.append(each)
        yield
    finally:
        for each in changed:
            type.__setattr__(each, "__init_subclass__", loud[each])


def _nothing(_cls: type, /, **_arguments: object) -> None:
    """Stand in for ``__init_subclass__``."""


def set_class(target: type, state: tuple[dict[str, Any], list[type]]) -> None:
    """Give a class its attributes in their order, and the virtual subclasses registered with it."""
    attributes, registered = state
    for name, value in attributes.items():
        type.__setattr__(target, name, value)
    for subclass in registered:
        ABCMeta.register(target, subclass)  # type: ignore[arg-type]  # only ABCs have any


def new_enum(
    loader: Loader,
    key: str,
    metaclass: Any,
    name: str,
    bases: tuple[type, ...],
    members: dict[str, Any],
) -> type:
    """Return an enumeration with its members, aliases too; the rest follows as state."""
    early = loader.early_class(key)
    if early is not None:
        return early
    body = metaclass.__prepare__(name, bases)
    for member, value in members.items():
        body[member] = value
    made: type = metaclass.__new__(metaclass, name, bases, body)
    loader.made_class(key, made)
    return made


def set_enum(target: Any, state: tuple[dict[str, Any], dict[str, dict[str, Any]]]) -> None:
    """Give an enumeration its attributes and methods, and its members theirs."""
    attributes, members = state
    for name, value in attributes.items():
        type.__setattr__(target, name, value)
    for member, own in members.items():
        target.__members__[member].__dict__.update(own)


# --- arrays ---------------------------------------------------------------------------------------------------


def array(
    loader: Loader,
    index: int,
    kind: type,
    dtype: Any,
    layout: tuple[tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array that owns its memory, filled from buffer `index` (-1: it has no bytes)."""
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    shape, strides = layout
    made = numpy.ndarray.__new__(kind, shape, dtype, strides=strides if index >= 0 else None)
    if index >= 0:
        loader.fill(index, memoryview(flat_bytes(made)))
    if not writeable:
        loader.freeze(made)
    return made


def region(loader: Loader, index: int, size: int) -> Any:
    """Return `size` bytes of memory that arrays look at, and that no array owned."""
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    made = numpy.empty(size, numpy.uint8)
    loader.fill(index, memoryview(made))
    return made


def flat_bytes(owner: Any) -> Any:
    """Return the memory of a dense array, whatever the order of its axes, as an array of bytes."""
    return flat_elements(owner).view(sys.modules["numpy"].uint8)


def view(
    loader: Loader,
    owner: Any,
    kind: type,
    dtype: Any,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array that looks at the memory of `owner`."""
    numpy = sys.modules["numpy"]
    offset, shape, strides = layout
    memory = flat_bytes(owner) if isinstance(owner, numpy.ndarray) else owner
    made = numpy.ndarray(shape, dtype, buffer=memory, offset=offset, strides=strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if not writeable:
        loader.freeze(made)
    return made


def object_array(kind: type, dtype: Any, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Any:
    """Return an array for Python objects; they follow as state.

    It has its full memory from the start: a view of it may be among its own elements.
    """
    numpy = sys.modules.get("numpy") or importlib.import_module("numpy")
    return numpy.ndarray.__new__(kind, shape, dtype, strides=strides)


def set_objects(target: Any, state: tuple[list[Any], dict[str, Any] | None, bool]) -> None:
    """Fill an array with Python objects, in the order of its memory."""
    numpy = sys.modules["numpy"]
    elements, own, writeable = state
    flat = flat_elements(target)
    if target.dtype == object:
        flat[:] = numpy.fromiter(elements, object, len(elements))
    else:
        for index, element in enumerate(elements):
            flat[index] = element
    if own:
        target.__dict__.update(own)
    if not writeable:
        target.flags.writeable = False


def flat_elements(owner: Any) -> Any:
    """Return the elements of a dense array in the order of its memory."""
    numpy = sys.modules["numpy"]
    order = sorted(range(owner.ndim), key=lambda axis: (-owner.strides[axis], axis))
    plain = owner.view(numpy.ndarray) if type(owner) is not numpy.ndarray else owner
    return plain.transpose(order).reshape(-1)


def object_view(
    loader: Loader,
    owner: Any,
    kind: type,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    writeable: bool,
) -> Any:
    """Return an array of objects that looks at the elements of `owner`; `layout` counts in bytes."""
    numpy = sys.modules["numpy"]
    offset, shape, strides = layout
    elements, first = flat_elements(owner), offset // owner.itemsize
    size = math.prod(shape)
    if len(shape) == 1 and strides[0] and strides[0] % owner.itemsize == 0:
        made = elements[first :: strides[0] // owner.itemsize][: shape[0]]
    elif first + size <= elements.size and min(strides, default=1) >= 0:
        made = elements[first : first + size].reshape(shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.strides = strides  # the only way to lay it out and have `owner` as its base
    else:
        made = numpy.lib.stride_tricks.as_strided(elements[first:], shape, strides)
    if kind is not numpy.ndarray:
        made = made.view(kind)
    if not writeable:
        loader.freeze(made)
    return made


# --- tables ---------------------------------------------------------------------------------------------------


def block_references() -> Any:
    """Return the record of which blocks share memory, empty; each block adds itself."""
    internals = importlib.import_module("pandas._libs.internals")
    return internals.BlockValuesRefs()


def block(values: Any, placement: Any, ndim: int, references: Any) -> Any:
    """Return a block that is known to share its values with every block of `references`."""
    internals = importlib.import_module("pandas._libs.internals")
    blocks = importlib.import_module("pandas.core.internals.blocks")
    placed = internals.BlockPlacement(placement)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return blocks.new_block(values, placement=placed, ndim=ndim, refs=references)


def shared_index(kind: Any, data: Any, name: Any, references: Any) -> Any:
    """Return an index over memory that a column looks at as well."""
    return kind._simple_new(data, name, references)


def single_manager(kind: Callable[..., Any], values: Any, axis: Any) -> Any:
    """Return the manager of a series."""
    return kind(values, axis)


BOUND = frozenset({"array", "known_class", "new_class", "new_enum", "object_view", "region", "view"})
