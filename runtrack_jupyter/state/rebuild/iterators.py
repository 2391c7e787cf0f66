"""Iterators, made again where they stood."""

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = [
    "accumulate",
    "accumulate_on",
    "chain",
    "cycle",
    "over_dict",
    "pairwise",
    "set_iterator",
    "unwarned",
    "zip_longest",
]


@contextmanager
def unwarned() -> Iterator[None]:
    """Keep itertools from warning that it will not pickle one day: that is our business and not the user's."""
    # Swapped and not changed by the functions of `warnings`: those forget which warnings were shown already.
    filters = warnings.filters
    warnings.filters = [("ignore", None, DeprecationWarning, None, 0), *filters]
    try:
        yield
    finally:
        warnings.filters = filters


def set_iterator(target: Any, state: Any) -> None:
    """Put an iterator of itertools where it stood."""
    with unwarned():
        target.__setstate__(state)


def over_dict(shown: dict[Any, Any], view: str, backwards: bool, passed: int) -> Iterator[Any]:
    """Return an iterator over a dict that has gone past its first entries."""
    showing = getattr(dict, view)(shown)
    made: Iterator[Any] = reversed(showing) if backwards else iter(showing)
    for _ in range(passed):
        next(made)
    if not shown:
        next(made, None)  # it has run out, for good
    return made


def chain(sources: Iterator[Any] = iter(()), active: Iterator[Any] | None = None) -> Iterator[Any]:  # noqa: B008 - stays empty
    """Return a chain that is within `active`, with `sources` to follow."""
    return itertools.chain.from_iterable(sources if active is None else itertools.chain((active,), sources))


def cycle(source: Iterator[Any], passed: Sequence[Any]) -> Iterator[Any]:
    """Return a cycle in its first round, `passed` being what has come so far."""
    made = itertools.cycle(itertools.chain(passed, source))
    for _ in passed:
        next(made)
    return made


def pairwise(source: Iterator[Any], ahead: Sequence[Any]) -> Iterator[Any]:
    """Return an iterator over pairs that has taken `ahead` for the next pair."""
    return itertools.pairwise(itertools.chain(ahead, source) if ahead else source)


def zip_longest(sources: Sequence[Iterator[Any]], fill: Any) -> Iterator[Any]:
    """Return a `zip_longest` none of whose sources has run out."""
    return itertools.zip_longest(*sources, fillvalue=fill)


def accumulate(source: Iterator[Any], function: Callable[..., Any] | None, initial: Any) -> Iterator[Any]:
    """Return an `accumulate` that has not begun."""
    return itertools.accumulate(source, function, initial=initial)


def accumulate_on(source: Iterator[Any], function: Callable[..., Any] | None, total: Any) -> Iterator[Any]:
    """Return an `accumulate` that has come to `total`."""
    made = itertools.accumulate(itertools.chain((total,), source), function)
    next(made)
    return made
