"""Times, sizes and values as people read them."""

from datetime import datetime, timedelta

from runtrack_jupyter.model import Measured, Run, Scalar, Step

__all__ = [
    "duration",
    "first_line",
    "latest",
    "many",
    "plain",
    "run_name",
    "size",
    "stamp",
    "value",
    "what_it_is",
    "when",
]

_MINUTE = timedelta(minutes=1)
_WEEK = timedelta(days=7)
_STEPS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def when(moment: datetime, now: datetime) -> str:
    """Return a time as the sidebar shows it: relative under a minute, clock today, weekday this week, date after."""
    if timedelta(0) <= now - moment < _MINUTE:
        seconds = int((now - moment).total_seconds())
        return f"{seconds} s ago" if seconds else "now"
    local, today = moment.astimezone(), now.astimezone()
    if local.date() == today.date():
        return local.strftime("%H:%M")
    if timedelta(0) < today.date() - local.date() < _WEEK:
        return local.strftime("%a %H:%M")
    return f"{local.day} {local.strftime('%b' if local.year == today.year else '%b %Y')}"


def stamp(moment: datetime) -> str:
    """Return the whole of a time: ``Fri 20 Nov 2026, 14:47``."""
    local = moment.astimezone()
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def duration(seconds: float | None) -> str:
    """Return ``0.4 s``, ``2 min 5 s`` or ``1 h 4 min``; "" where it is not known."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def many(count: int, thing: str) -> str:
    """Return ``1 run`` or ``3 runs``."""
    return f"{count:,} {thing}{'s' * (count != 1)}"


def size(count: int) -> str:
    """Return bytes as ``2.8 MB``."""
    for step, unit in _STEPS:
        if count >= step:
            return f"{count / step:.3g} {unit}"
    return f"{count} B"


def value(scalar: Scalar) -> str:
    """Return a measured value in at most four digits where it is a fraction."""
    if isinstance(scalar, float):
        return f"{scalar:.4g}"
    return plain(str(scalar))


def plain(text: str, *, lines: bool = False) -> str:
    """Return text that does nothing to a terminal: no control sequences, and line ends only where `lines` says so."""
    kept = "\n\t" if lines else ""
    return "".join(c if c.isprintable() or c in kept else " " if c.isspace() else "�" for c in text)


def first_line(source: str) -> str:
    """Return the first line of code that says something."""
    return next((plain(line.strip()) for line in source.splitlines() if line.strip()), "")


def run_name(run: Run) -> str:
    """Return ``#12``, or the end of the id while the run has no number."""
    return f"#{run.ordinal}" if run.ordinal is not None else run.run_id[-8:].lower()


def what_it_is(run: Run, last: Step | None = None) -> str:
    """Return what a run is called: its message, or why it was made."""
    if run.message:
        return first_line(run.message)
    if last is not None and run.status == "error" and last.error:
        return f"Failed · {first_line(last.error)}"
    return f"Auto · {plain(run.automatic)}" if run.automatic else "Checkpoint"


def latest(measured: tuple[Measured, ...]) -> dict[str, Scalar]:
    """Return each name with its last value: a metric given again is a series."""
    return {each.name: each.value for each in measured}
