"""Records as tables, for 80 columns and more. Nothing of a record is taken for markup or control sequences."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from runtrack_jupyter.cli.wording import (
    duration,
    first_line,
    latest,
    plain,
    run_name,
    size,
    value,
    what_it_is,
    when,
)
from runtrack_jupyter.lineage.plans import FileNow
from runtrack_jupyter.lineage.tree import RailEntry
from runtrack_jupyter.model import Gap, Run, Scalar, Step, Variable

__all__ = ["console", "files_table", "gaps_table", "runs_table", "steps_table", "variables_table"]

_STATUS = {
    "ok": ("✓", "green"),
    "error": ("✗", "red"),
    "interrupted": ("■", "yellow"),
    "died": ("†", "red"),
    "running": ("…", "cyan"),
}
_GUTTER = 2
_NARROWEST = 6  # columns that even a cut one keeps
_WIDE = 100  # columns from which on there is room for more


class _Column(NamedTuple):
    """A column; one with `most` gives way where the terminal is narrow, and is cut with an ellipsis."""

    title: str
    most: int = 0
    right: bool = False
    folds: bool = False


def console() -> Console:
    """Return where tables go: as wide as the terminal, 120 columns in a pipe unless ``COLUMNS`` says otherwise."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 120
    return Console(width=width, highlight=False, markup=False, emoji=False)


class _Sheet(NamedTuple):
    """A table that fits itself to the terminal; columns in which nothing stands are left out."""

    columns: Sequence[_Column]
    rows: Sequence[Sequence[Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = [at for at in range(len(self.columns)) if any(row[at] for row in self.rows)]
        table = Table(box=None, pad_edge=False, padding=(0, _GUTTER, 0, 0), header_style="dim")
        for at, width in zip(shown, self._widths(shown, options.max_width), strict=True):
            column = self.columns[at]
            table.add_column(
                column.title,
                width=width,
                justify="right" if column.right else "left",
                no_wrap=not column.folds,
                overflow="fold" if column.folds else "ellipsis",
            )
        for row in self.rows:
            table.add_row(*(row[at] for at in shown))
        yield table

    def _widths(self, shown: Sequence[int], available: int) -> list[int]:
        # Rich would take from every column; here only those give way that say so, the widest first.
        columns = [self.columns[at] for at in shown]
        widths = [
            max([len(column.title), *(row[at].cell_len for row in self.rows)])
            for at, column in zip(shown, columns, strict=True)
        ]
        widths = [min(width, column.most or width) for width, column in zip(widths, columns, strict=True)]
        over = sum(widths) + _GUTTER * len(widths) - available
        yielding = [at for at, column in enumerate(columns) if column.most]
        while over > 0 and yielding:
            widest = max(yielding, key=lambda at: widths[at])
            if widths[widest] <= _NARROWEST:
                break
            widths[widest] -= 1
            over -= 1
        return widths


def runs_table(
    runs: Sequence[Run],
    rail: Mapping[str, RailEntry],
    parents: Mapping[str, Run],
    last_steps: Mapping[str, Step],
    now: datetime,
    *,
    width: int,
    here: str | None,
) -> _Sheet:
    """Return the history of one notebook, newest first, with its rail; `here` is the run we are at."""
    wide = width >= _WIDE
    rows = []
    for run in runs:
        dim = "" if run.message else "dim"
        rows.append(
            [
                _rail(rail.get(run.run_id), run, is_here=run.run_id == here),
                Text(run_name(run), style="bold blue" if run.run_id == here else dim),
                Text(what_it_is(run, last_steps.get(run.run_id)), style=dim),
                _metrics(run, parents.get(run.run_id), 2 if wide else 1),
                Text(str(len(run.steps)) if wide else ""),
                Text(str(len(run.gaps) or ""), style="yellow"),
                Text(when(run.created_at, now)),
                Text(run.run_id[-8:].lower() if wide or run.ordinal is None else "", style="dim"),
            ]
        )
    columns = (
        _Column(""),
        _Column("Run"),
        _Column("Message", most=width),
        _Column("Metrics", most=44 if wide else 24),
        _Column("Steps", right=True),
        _Column("Gaps", right=True),
        _Column("When"),
        _Column("Id"),
    )
    return _Sheet(columns, rows)


def _rail(entry: RailEntry | None, run: Run, *, is_here: bool) -> Text:
    failed = run.status in ("error", "died", "interrupted")
    glyph = "◉" if is_here else "◇" if failed else "●"
    style = "red" if failed else "blue"
    if entry is None:
        return Text(glyph, style=style)
    text = Text()
    for lane in range(min(max((entry.lane, *entry.through)) + 1, 4)):
        if lane == entry.lane:
            text.append(glyph, style=style if entry.on_path else "dim")
        else:
            text.append("│" if lane in entry.through or lane == 0 else " ", style="dim")
    return text


def _metrics(run: Run, parent: Run | None, most: int) -> Text:
    before = latest(parent.metrics) if parent is not None else {}
    text = Text()
    for name, now in list(latest(run.metrics).items())[:most]:
        text.append(("  " if text else "") + f"{plain(name)} {value(now)}")
        text.append_text(_change(before.get(name), now))
    return text


def _change(before: Scalar, now: Scalar) -> Text:
    if isinstance(before, bool | str | None) or isinstance(now, bool | str | None) or before == now:
        return Text()
    return Text(
        f" {'▲' if now > before else '▼'}{abs(now - before):.3g}", style="green" if now > before else "red"
    )


def steps_table(steps: Iterable[Step], now: datetime, *, width: int) -> _Sheet:
    """Return steps, oldest first."""
    rows = []
    for step in steps:
        glyph, style = _STATUS[step.status]
        source = Text(first_line(step.source))
        if step.error:
            source.append(f"  {first_line(step.error)}", style="red")
        changed = ", ".join((*map(plain, step.changed), *(f"−{plain(name)}" for name in step.deleted)))
        rows.append(
            [
                Text(glyph, style=style),
                Text("" if step.execution_count is None else f"[{step.execution_count}]"),
                source,
                Text(changed),
                Text(duration(step.duration)),
                Text(when(step.started_at, now)),
                Text(step.step_id[-8:].lower(), style="dim"),
            ]
        )
    columns = (
        _Column(""),
        _Column("In", right=True),
        _Column("Source", most=width),
        _Column("Changed", most=40 if width >= _WIDE else 16),
        _Column("Time", right=True),
        _Column("When"),
        _Column("Id"),
    )
    return _Sheet(columns, rows)


def variables_table(variables: Iterable[Variable], steps: Mapping[str, str], lost: frozenset[str]) -> _Sheet:
    """Return variables; `steps` names the steps that set them, `lost` those that do not come back."""
    rows = []
    for each in variables:
        gone = each.name in lost or each.component is None
        style = "yellow" if gone else ""
        saved = "not saved" if gone else size(each.size)
        texts = (each.name, each.type, each.shape, saved, each.preview, steps.get(each.set_by or "", ""))
        rows.append([Text(plain(text), style=style) for text in texts])
    columns = (
        _Column("Name", most=24),
        _Column("Type", most=24),
        _Column("Shape"),
        _Column("Size", right=True),
        _Column("Preview", most=60),
        _Column("Set by"),
    )
    return _Sheet(columns, rows)


def files_table(files: Iterable[FileNow]) -> _Sheet:
    """Return data files with how they are now."""
    used = {"read": "read", "write": "written", "both": "read, written"}
    colour = {"changed": "yellow", "missing": "red"}
    rows = [
        [
            Text(plain(file.path)),
            Text((file.digest or "")[:8]),
            Text(size(file.size)),
            Text(used[file.direction]),
            Text(
                file.now.replace("-", " ") if file.digest else plain(file.reason),
                style=colour.get(file.now, ""),
            ),
        ]
        for file in files
    ]
    columns = (
        _Column("Path", most=60),
        _Column("BLAKE3"),
        _Column("Size", right=True),
        _Column("Used"),
        _Column("Now", most=40),
    )
    return _Sheet(columns, rows)


def gaps_table(gaps: Iterable[Gap]) -> _Sheet:
    """Return what is missing, and why."""
    rows = [[Text(plain(gap.subject), style="yellow"), Text(plain(gap.reason))] for gap in gaps]
    return _Sheet((_Column("Missing", most=30), _Column("Why", most=1000, folds=True)), rows)
