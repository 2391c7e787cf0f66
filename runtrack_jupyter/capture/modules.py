"""The project's own modules: what a notebook imports that no index delivers."""

import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from runtrack_jupyter.model import Gap

__all__ = ["local_modules", "module_sources"]

_LARGEST = 1 << 20  # bytes of one module
_MOST = 16 << 20  # bytes of all
_INSTALLED = ("site-packages", "dist-packages")


def local_modules(
    modules: Mapping[str, ModuleType], roots: Iterable[str | os.PathLike[str]]
) -> tuple[str, ...]:
    """Return the source files of the imported modules that lie below one of `roots`, sorted.

    Roots are the notebook's folder, the working directory and the top of its Git work tree. What is installed
    (standard library, site-packages, the environment's prefix when that lies below a root) is not local.
    """
    tops = tuple(os.path.join(os.path.realpath(root), "") for root in roots if os.fspath(root))  # noqa: PTH118 # with the separator
    found = set()
    for module in list(modules.values()):  # a thread may import meanwhile
        # By the dictionary: a lazy module would be loaded by looking at its attributes.
        attributes = getattr(module, "__dict__", None)
        file = attributes.get("__file__") if isinstance(attributes, dict) else None
        if isinstance(file, str) and file.endswith(".py"):
            path = _real(file)
            if path.startswith(tops) and not _is_installed(path, tops):
                found.add(path)
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 14)
def _real(file: str) -> str:
    """Resolve links once: there are thousands of modules, and a checkpoint asks for all of them."""
    return os.path.realpath(file)


def module_sources(
    files: Iterable[str],
    root: str | os.PathLike[str],
    *,
    redact: Callable[[bytes], bytes] = bytes,
    largest: int = _LARGEST,
    most: int = _MOST,
) -> tuple[dict[str, bytes], tuple[Gap, ...]]:
    """Read the sources to keep with a run: path below `root` (or the whole path, without its root) to bytes, `redact`-ed."""
    sources: dict[str, bytes] = {}
    gaps: list[Gap] = []
    total = 0
    for file in files:
        path = Path(file)
        try:
            data = path.read_bytes() if path.stat().st_size <= largest else None
        except OSError as error:
            gaps.append(Gap(subject=file, kind="missing", reason=error.strerror or "it cannot be read"))
            continue
        if data is None or total + len(data) > most:
            gaps.append(
                Gap(subject=file, kind="too-large", reason="it is larger than what is kept of modules")
            )
            continue
        total += len(data)
        sources[_kept_as(path, Path(root))] = redact(data)
    return sources, tuple(gaps)


def _kept_as(path: Path, root: Path) -> str:
    for top in (root, Path(os.path.realpath(root))):
        if path.is_relative_to(top):
            return path.relative_to(top).as_posix()
    return "/".join(part.strip(":\\/") for part in path.parts if part.strip(":\\/"))


def _is_installed(path: str, tops: tuple[str, ...]) -> bool:
    parts = Path(path).parts
    if any(name in parts for name in _INSTALLED):
        return True
    # A root may hold the environment (.venv), but an environment that holds the root (/usr, a container's
    # working directory) does not make the project an installed one.
    return any(
        path.startswith(place) and not any(top.startswith(place) for top in tops) for place in _places()
    )


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    if sys.prefix != sys.base_prefix:
        paths.add(sys.prefix)
    return tuple(os.path.join(os.path.realpath(path), "") for path in paths if path)  # noqa: PTH118 # as above
