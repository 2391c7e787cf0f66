"""Saved components made into objects again, all of them before any of them is seen by the user.

Classes load on demand, by key: from the live namespace where their component is unchanged, else from their own
component. A component that cannot be loaded is a gap; what needs its classes is one too.
"""

import builtins
import contextlib
import io
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from xxhash import xxh3_128_digest

from runtrack_jupyter.errors import DamagedStoreError, NotFoundError, RuntrackError, UntrustedError
from runtrack_jupyter.model import Blob, ComponentId, Gap, Manifest
from runtrack_jupyter.state.component import Chunk, Print
from runtrack_jupyter.state.deadline import TooSlowError
from runtrack_jupyter.state.feed import Feed
from runtrack_jupyter.state.kinds.classes import CLASS_PREFIX
from runtrack_jupyter.state.patience import Patience
from runtrack_jupyter.state.pickling import PREAMBLE
from runtrack_jupyter.state.pieces import Needs, Spread, loaded
from runtrack_jupyter.state.rebuild import NotHereError
from runtrack_jupyter.state.sources import Filled, Source
from runtrack_jupyter.state.versions import OtherLibraryError, why_not

__all__ = ["Loaded", "Loading", "gap_of_load"]

_REBUILD = "runtrack_jupyter.state.rebuild."
_SLOWEST = 10 << 20  # bytes a second: what was saved in time must not be too slow to come back


class LostClassError(Exception):
    """A class this component needs could not be loaded."""


class LoadError(Exception):
    """What code of the user's or of a library raised, in words: its own `__str__` is not to be asked again."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}" if words else name)
        self.name = name
        self.words = words


class _MadeEarlyError(Exception):
    """The class that was asked for is made; the rest of the stream is for another time."""


class VersionError(Exception):
    """The component holds code of another Python version."""


class Loaded:
    """One component made again: its values by root, and the chunks it was read from.

    `stream` and `buffers` hold what was asked for so far; `pieces` finds their chunks by their print.
    """

    __slots__ = ("buffers", "component_id", "manifest", "spreads", "stream", "values")

    def __init__(self, component_id: ComponentId, manifest: Manifest) -> None:
        self.component_id = component_id
        self.manifest = manifest
        self.values: dict[str, Any] = {}
        self.stream = Filled()
        self.buffers: list[Filled] = []
        self.spreads: list[tuple[Any, Spread | None]] = []

    @property
    def pieces(self) -> dict[bytes, Chunk]:
        """Its chunks by their prints."""
        return {
            piece_print: chunk
            for filled in (self.stream, *self.buffers)
            for piece_print, chunk in zip(filled.prints, filled.chunks, strict=True)
        }


class Loading:
    """One restore's loading. `keep` gives the class of a key whose live component stays; None loads it."""

    def __init__(
        self,
        namespace: dict[str, Any],
        source: Source,
        components: Mapping[str, ComponentId],
        keep: Callable[[str], type | None],
        patience: Patience,
        memos: dict[ComponentId, dict[int, Any]] | None = None,
    ) -> None:
        self.loaded: dict[ComponentId, Loaded] = {}
        self.failed: dict[ComponentId, Exception | TooSlowError] = {}
        self.classes: dict[str, type] = {}
        self._namespace = namespace
        self._source = source
        self._components = components
        self._keep = keep
        self.memos = memos  # receives every object that was made, by its number in the stream
        self._patience = patience
        self._under_way: set[ComponentId] = set()
        self._early: set[str] = set()
        self._frozen: list[Any] = []
        self._last: list[Callable[[], None]] = []

    def load(self, component_ids: Iterable[ComponentId]) -> None:
        """Load components; failures are kept in `failed`, an untrusted store raises."""
        wanted = tuple(component_ids)
        self._source.expect(wanted)
        for component_id in wanted:
            self._load_one(component_id)
        for array in self._frozen:
            array.flags.writeable = False
        for act in self._last:
            # Code of libraries: what was made is there all the same.
            with contextlib.suppress(Exception, TooSlowError):
                self._patience.run(act)
        self._last.clear()

    def _load_one(self, component_id: ComponentId) -> None:
        if component_id in self.loaded or component_id in self.failed or component_id in self._under_way:
            return
        self._under_way.add(component_id)
        try:
            more = self.manifest(component_id).stream.size / _SLOWEST
            made: Loaded | Exception | TooSlowError = self._patience.run(self._made, component_id, more=more)
        except UntrustedError:
            raise
        except (RuntrackError, VersionError, TooSlowError) as error:
            made = error.with_traceback(None)  # its frames hold half-made objects
        finally:
            self._under_way.discard(component_id)
        if isinstance(made, Loaded):
            self.loaded[component_id] = made
        else:
            self.failed[component_id] = made

    def _made(self, component_id: ComponentId) -> "Loaded | Exception":
        """Return what was made, or why it could not be; what was half made dies in here."""
        try:
            return _Stream(self, component_id).run()
        except (UntrustedError, KeyboardInterrupt, TooSlowError):
            raise
        except (DamagedStoreError, NotFoundError, VersionError, NotHereError, LostClassError) as error:
            return error.with_traceback(None)
        except BaseException as error:  # noqa: BLE001 - __setstate__ and imports are the user's: any error is a gap
            return _in_words(error, self.manifest(component_id).libraries)

    # --- for the streams ---

    def class_of(self, key: str) -> type:
        """Return the class of a key, loading its component first where it is not live."""
        kept = self._keep(key)
        if kept is not None:
            return kept
        component_id = self._components.get(CLASS_PREFIX + key)
        if key not in self.classes and component_id is not None:
            if component_id in self._under_way:
                self._make_early(key, component_id)
            else:
                self._load_one(component_id)
        made = self.classes.get(key)
        if made is None or component_id in self.failed:
            error = self.failed.get(component_id) if component_id is not None else None
            raise LostClassError(f"its class could not be loaded ({error or 'not on record'})")
        return made

    def _make_early(self, key: str, component_id: ComponentId) -> None:
        """Make a class whose component is being loaded, but has not come to it yet.

        A metaclass or base that remembers the classes made of it needs them before they can be made. A second
        load of the component, up to that class, makes it; the first then finds it and gives it its state.
        """
        if key in self._early:
            return
        self._early.add(key)
        with contextlib.suppress(_MadeEarlyError):
            _Stream(self, component_id, only=key).run()

    def namespace(self) -> dict[str, Any]:
        """Return the live namespace, which restored functions have as their globals."""
        return self._namespace

    def manifest(self, component_id: ComponentId) -> Manifest:
        """Return a manifest of this version of Python."""
        manifest = self._source.manifest(component_id)
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        if manifest.python and manifest.python != here:
            raise VersionError(f"holds code of Python {manifest.python}; this is {here}")
        return manifest

    def fill(self, blob: Blob, into: memoryview) -> Filled:
        """Fill a buffer, at the speed of the disk, which nobody is blamed for."""
        with self._patience.uncounted():
            return self._source.fill(blob, into)

    def windows(self, blob: Blob, filled: Filled) -> Iterator[memoryview]:
        """Yield the bytes of a stream, likewise."""
        windows = self._source.windows(blob, filled)
        while True:
            with self._patience.uncounted():
                window = next(windows, None)
            if window is None:
                return
            yield window

    def finally_do(self, act: Callable[[], None]) -> None:
        """Do something once everything is loaded."""
        self._last.append(act)

    def freeze(self, array: Any) -> None:
        """Make an array read-only once everything is loaded."""
        self._frozen.append(array)


class _Stream:
    """The loading of one component: what the functions of `rebuild` see as their loader."""

    def __init__(self, loading: Loading, component_id: ComponentId, only: str | None = None) -> None:
        self._loading = loading
        self._only = only
        self._loaded = Loaded(component_id, loading.manifest(component_id))
        self._next_buffer = 0
        self._pieces: dict[int, Print] = {}
        # By id: what was made from pieces, to whom it belongs, and what finds its pieces once it is complete.
        self._gathered: dict[int, tuple[Any, object, Callable[[object], Spread | None]]] = {}
        self.class_of = loading.class_of
        self.finally_do = loading.finally_do
        self.freeze = loading.freeze

    def run(self) -> Loaded:
        manifest = self._loaded.manifest
        windows = self._loading.windows(manifest.stream, self._loaded.stream)
        file = Feed(PREAMBLE, windows)
        unpickler = _Unpickler(file, self)
        unpickler.load()  # the preamble: the memo now begins as the pickler's did
        values = [unpickler.load()]
        while len(values) < len(manifest.roots) or file.tell() < len(PREAMBLE) + manifest.stream.size:
            values.append(unpickler.load())
        # What comes before the roots is there for them to refer to.
        self._loaded.values.update(zip(manifest.roots, values[-len(manifest.roots) :], strict=True))
        if self._loading.memos is not None:
            self._loading.memos[self._loaded.component_id] = unpickler.memo.copy()
        self._loaded.spreads += [(owner, find(owner)) for _, owner, find in self._gathered.values()]
        self._gathered.clear()
        return self._loaded

    def fill(self, index: int, into: memoryview) -> None:
        if index != self._next_buffer:
            message = f"buffer {index} is asked for where buffer {self._next_buffer} is due"
            raise pickle.UnpicklingError(message)
        self._next_buffer += 1
        blob = self._loaded.manifest.buffers[index]
        self._loaded.buffers.append(self._loading.fill(blob, into))

    def loose_buffer(self) -> bytearray:
        """Return the next buffer of a type that brings its own memory management."""
        made = bytearray(self._loaded.manifest.buffers[self._next_buffer].size)
        self.fill(self._next_buffer, memoryview(made))
        return made

    def piece(self, index: int) -> tuple[Any, ...]:
        data = bytearray(self._loaded.manifest.buffers[index].size)
        self.fill(index, memoryview(data))
        self._pieces[index] = (xxh3_128_digest(data),)
        part: tuple[Any, ...] = _Unpickler(io.BytesIO(data), self).load()
        return part

    def gathered(self, value: Any, first: int, counts: tuple[int, ...]) -> None:
        prints = [self._pieces.pop(index) for index in range(first, first + len(counts))]
        buffers = self._loaded.buffers[first : first + len(counts)]
        read = [(print_, filled.chunks) for print_, filled in zip(prints, buffers, strict=True)]
        manifest = self._loaded.manifest
        needs = Needs(manifest.references, tuple(each.partition(" ")[0] for each in manifest.libraries))
        self._gathered[id(value)] = (value, value, partial(loaded, value, counts, read, needs))

    def moved(self, elements: list[Any], owner: object) -> None:
        gathered = self._gathered.get(id(elements))
        if gathered is not None:
            self._gathered[id(elements)] = (elements, owner, gathered[2])

    def early_class(self, key: str) -> type | None:
        return self._loading.classes.get(key)

    def made_class(self, key: str, cls: type) -> None:
        self._loading.classes[key] = cls
        if key == self._only:
            raise _MadeEarlyError

    def namespace(self) -> dict[str, Any]:
        return self._loading.namespace()


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: Feed | io.BytesIO, stream: _Stream) -> None:
        super().__init__(file, buffers=iter(stream.loose_buffer, None))
        self._stream = stream

    def find_class(self, module: str, name: str) -> Any:
        if module == "runtrack":
            return self._stream.namespace() if name == "namespace" else builtins.__dict__
        found = super().find_class(module, name)
        if module.startswith(_REBUILD) and name in getattr(sys.modules[module], "BOUND", ()):
            return partial(found, self._stream)
        return found


def gap_of_load(root: str, error: Exception | TooSlowError) -> Gap:
    """Return the gap of a root whose component could not be loaded."""
    if isinstance(error, TooSlowError):
        return Gap(subject=root, kind="too-slow", reason=f"it takes too long to make again: {error}")
    if isinstance(error, (VersionError, OtherLibraryError)):
        return Gap(subject=root, kind="version", reason=str(error))
    if isinstance(error, (DamagedStoreError, NotFoundError)):
        return Gap(subject=root, kind="lost", reason=str(error))
    if isinstance(error, NotHereError):
        return Gap(subject=root, kind="missing", reason=str(error))
    if isinstance(error, ImportError):
        return Gap(subject=root, kind="missing", reason=f"not available here: {error}")
    if isinstance(error, LoadError):
        reason = f"{error.name} while it was loaded"
        return Gap(subject=root, kind="failed", reason=f"{reason}: {error.words}" if error.words else reason)
    return Gap(subject=root, kind="failed", reason=f"{type(error).__name__} while it was loaded: {error}")


def _in_words(error: BaseException, libraries: Iterable[str]) -> Exception:
    kind = type(error)
    try:
        found = why_not(libraries, error) if isinstance(error, Exception) else error
        words = str(found)
    except (KeyboardInterrupt, TooSlowError):
        raise
    except BaseException:  # noqa: BLE001 - the exception's class may be the user's, and so is its __str__
        return LoadError(kind.__name__, "")
    if isinstance(found, OtherLibraryError):
        return found
    return (
        ImportError(words)
        if issubclass(kind, (ImportError, AttributeError))
        else LoadError(kind.__name__, words)
    )
