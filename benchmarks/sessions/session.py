"""A session: the cells that a user runs, and what must be the same after going back to each of them."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Session", "cells_of"]

_BREAK = "# %%"


@dataclass(frozen=True, kw_only=True)
class Session:
    """Cells and probes at one scale.

    Each probe is an expression. It is evaluated after every cell; whatever it gives then, an exception too, it must
    give after that cell was gone back to. Probes must not change what they look at.
    """

    name: str
    title: str
    cells: tuple[str, ...]
    probes: tuple[str, ...]
    needs: tuple[str, ...] = ()  # modules besides the standard library
    memory: int = 64 << 20  # bytes kept warm for one cell: about twice what all variables take


def cells_of(
    text: str, sizes: Mapping[str, int] | None = None, *, scale: float = 1.0, least: int = 20
) -> tuple[str, ...]:
    """Split `text` at lines that begin with ``# %%``; ``$name`` becomes the size of that name, scaled."""
    scaled = {name: max(least, int(size * scale)) for name, size in (sizes or {}).items()}
    filled = string.Template(text).substitute(scaled)
    blocks = ("\n" + filled).split("\n" + _BREAK)[1:]
    return tuple(block.partition("\n")[2].strip("\n") for block in blocks)


def probes_of(text: str) -> Sequence[str]:
    """Return one expression a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
