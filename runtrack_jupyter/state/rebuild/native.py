"""Memory of C, made again where it is a part of other memory."""

from typing import Any

__all__ = ["part"]


def part(kind: Any, holder: Any, offset: int) -> Any:
    """Return an object of `ctypes` over the memory of another object."""
    return kind.from_buffer(holder, offset)
