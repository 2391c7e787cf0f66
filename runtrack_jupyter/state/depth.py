"""How deep pickle may go into nested objects: as deep as the stack surely allows, and never deeper.

Before Python 3.12 the recursion limit is all that keeps pickle's own recursion, in C, from overrunning the stack: one
raised to a million for a recursion in Python ends the kernel at a chain of 20,000 objects. And the default of 1,000 is
less than a chain of 500 needs.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["bounded"]

_DEEPEST = (
    10_000  # in 8 MiB of stack what needs most of it, an OrderedDict in another, passed 20,000, not 30,000
)
_STACK = 8 << 20


@contextmanager
def bounded() -> Iterator[None]:
    """Let what runs in here recurse as deep as is safe, whatever limit the user has set."""
    former = sys.getrecursionlimit()
    limit = _DEEPEST if _is_roomy() else min(former, _DEEPEST)
    with suppress(RecursionError):  # we were called from deeper than that
        sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        if sys.getrecursionlimit() == limit:
            sys.setrecursionlimit(former)


def _is_roomy() -> bool:
    try:
        from resource import RLIM_INFINITY, RLIMIT_STACK, getrlimit
    except ImportError:  # Windows
        return False
    soft, _ = getrlimit(RLIMIT_STACK)
    return soft == RLIM_INFINITY or soft >= _STACK
