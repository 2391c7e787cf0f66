"""The `__dict__` of instances that keep their attributes in themselves.

● Since Python 3.13 the collector does not show it: it looks into the instance, and is referred to by nothing that
`gc.get_referents` tells. Pickling an instance makes one, so that asking for it costs no memory.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["unseen_dicts"]

_INLINE_VALUES = 1 << 2 if sys.version_info >= (3, 13) else 0  # of `type.__flags__`


def unseen_dicts(level: Iterable[Any], neutral: Mapping[type, bool]) -> list[int]:
    """Return the ids of the dicts of the instances that may change, where the collector does not show them."""
    inline = {kind for kind in set(map(type, level)) if kind.__flags__ & _INLINE_VALUES and not neutral[kind]}
    return [id(value.__dict__) for value in level if type(value) in inline] if inline else []
