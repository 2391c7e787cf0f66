"""200 cells that do next to nothing: what is left is what recording itself costs."""

from benchmarks.sessions.session import Session

__all__ = ["trivial"]

_CELLS = 200
_KINDS = (
    "x{n} = {n}",
    "text = 'cell {n}'",
    "numbers = list(range({n}))",
    "table = {{'n': {n}, 'square': {n} ** 2}}",
    "total = sum(numbers)",
    "numbers.append({n})",
    "print(text, total)",
    "def scaled(value):\n    return value * {n}",
    "result = scaled(3)",
    "table['n'] += 1",
)


def trivial(scale: float) -> Session:
    """Return the session with `scale` times 200 cells."""
    count = max(len(_KINDS), int(_CELLS * scale))
    return Session(
        name="trivial",
        title=f"{count} trivial cells",
        cells=tuple(_KINDS[number % len(_KINDS)].format(n=number) for number in range(count)),
        probes=("text", "numbers", "table", "total", "result", "scaled(2)", "sorted(table)", "x0", "x10"),
    )
