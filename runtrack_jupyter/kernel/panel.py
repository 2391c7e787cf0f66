"""The history as a widget, ``rt.history()``: list, run page and restore in every front end that shows ipywidgets."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from runtrack_jupyter.capture.files import status_now
from runtrack_jupyter.errors import RuntrackError, UsageError
from runtrack_jupyter.kernel import acts
from runtrack_jupyter.kernel.current import current, require_current, watch
from runtrack_jupyter.kernel.views import Steps, html_table, name_of, text_of
from runtrack_jupyter.lineage.plans import RestorePlan, restore_plan, title_of
from runtrack_jupyter.model import STILL_SAVED, Measured, Run, RunId
from runtrack_jupyter.store.datafiles import data_files
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.moments import slices_at

__all__ = ["HistoryPanel"]

_SHOWN_GAPS, _SHOWN_ROWS = 10, 200
_SOON, _LATER, _LOOKS = 0.2, 2.0, 10  # seconds, seconds, times
_STYLE = (
    ".rt-history { line-height: 1.5; } .rt-history summary { cursor: pointer; margin-top: 6px; }"
    " .rt-history th, .rt-history td { line-height: 1.4; padding: 1px 12px 1px 0; text-align: left;"
    " vertical-align: top; } .rt-history td { white-space: pre-wrap; overflow-wrap: anywhere; }"
)
_NOTICES = frozenset({"run", "head-moved", "tracking"})  # after which another list is to be shown


class HistoryPanel:
    """The runs of this notebook to browse and go back to.

    What its buttons ask for is done on the thread of the cells, between two cells: messages of widgets may arrive on
    another thread, in the middle of a cell.

    Raises
    ------
    UsageError
        ipywidgets is not installed, or this is not the kernel's main thread.
    """

    def __init__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise UsageError("rt.history() is to be called by a cell of the kernel's main thread")
        try:
            import ipywidgets
        except ModuleNotFoundError:
            raise UsageError(
                "rt.history() needs ipywidgets: `pip install ipywidgets`, then reload the page; "
                "rt.runs() shows the same list without it"
            ) from None
        self._loop = _running_loop()
        self._runs: dict[str, Run] = {}
        self._stale = threading.Event()
        self._looks = 0  # at runs that have no number yet
        self._make(ipywidgets)
        self.refresh()
        watch(self)

    def __reduce__(self) -> tuple[Any, ...]:
        import runtrack_jupyter as rt

        return rt.history, ()  # it shows the record, and has no state of its own

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self._box._repr_mimebundle_(**options)

    def _make(self, widgets: Any) -> None:
        def button(words: str, icon: str, act: Callable[[], None], style: str = "") -> Any:
            made = widgets.Button(description=words, icon=icon, button_style=style, tooltip=words)
            made.layout.width = "auto"
            made.on_click(lambda _button: self._on_thread(act))
            return made

        self._message = widgets.Text(placeholder="Message of the checkpoint")
        self._list = widgets.Select(options=[], rows=14, layout=widgets.Layout(width="100%", height="100%"))
        self._list.observe(lambda _change: self._on_thread(self._show), "value")
        self._page = widgets.HTML()
        self._said = widgets.HTML()
        self._document = widgets.Checkbox(value=True, description="the document too", indent=False)
        self._plan = widgets.HTML()
        self._restore = button("Restore…", "history", self._ask)
        self._question = widgets.VBox(
            [
                self._plan,
                self._document,
                widgets.HBox(
                    [
                        button("Restore", "check", lambda: self._between_cells(self._go), "primary"),
                        button("Cancel", "times", self._cancel),
                    ]
                ),
            ]
        )
        above = [
            self._message,
            button("Checkpoint", "bookmark", lambda: self._between_cells(self._checkpoint)),
            button("Undo last cell", "undo", lambda: self._between_cells(self._undo)),
            button("Refresh", "refresh", self.refresh),
        ]
        left = widgets.VBox([self._list], layout=widgets.Layout(width="38%", min_width="16em"))
        page = widgets.VBox([self._page], layout=widgets.Layout(max_height="24em", overflow="auto"))
        right = widgets.VBox(
            [self._restore, self._question, page], layout=widgets.Layout(width="62%", padding="0 0 0 1em")
        )
        self._box = widgets.VBox([widgets.HBox(above), self._said, widgets.HBox([left, right])])
        self._cancel()

    # -- threads ---------------------------------------------------------------------------------------------

    def heard(self, kind: str) -> None:
        """Take notice of what the recorder tells front ends, on any thread."""
        if kind in _NOTICES and not self._stale.is_set():
            self._stale.set()
            self._on_thread(self.refresh)

    def _on_thread(self, act: Callable[[], None]) -> None:
        """Do something on the thread of the cells, as soon as it is free."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._try, act)
        elif threading.current_thread() is threading.main_thread():
            self._try(act)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (RuntrackError, OSError) as error:
            self._say(str(error))

    def _between_cells(self, act: Callable[[], None]) -> None:
        """Do something that concerns the state; a cell that awaits something leaves the thread free in its middle."""
        recorder = current()
        recording = recorder.recording if recorder is not None else None
        if recording is None or recording.tracker.running is None:
            act()
        elif self._loop is not None:
            self._say("A cell is running: this is done when it has ended.")
            self._loop.call_later(_SOON, self._try, partial(self._between_cells, act))

    # -- what is shown ---------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the runs that are on record now; what is selected stays selected."""
        self._stale.clear()
        chosen = self._list.value
        self._runs = {run.run_id: run for run in acts.runs()}
        options = [(_line(run), run.run_id) for run in self._runs.values()]
        if tuple(options) != tuple(self._list.options):
            self._list.options = options
            if chosen in self._runs:
                self._list.value = chosen
                self._page.value = _page(self._runs[chosen], acts.steps(self._runs[chosen]))
        if not self._runs:
            self._page.value = "No run yet. <i>Checkpoint</i> makes one of the steps so far."
        self._restore.disabled = not self._runs
        self._await_numbers()

    def _await_numbers(self) -> None:
        """Look again while the newest run has no number yet: another process gives it, within seconds."""
        waiting = [run.run_id for run in self._runs.values() if run.ordinal is None]
        self._looks = self._looks + 1 if waiting else 0
        if waiting and self._looks <= _LOOKS and self._loop is not None:
            self._loop.call_later(_LATER, self._try, self.refresh)

    def _show(self) -> None:
        self._cancel()
        run = self._runs.get(self._list.value)
        self._page.value = "" if run is None else _page(run, acts.steps(run))

    def _say(self, words: str) -> None:
        self._said.value = f'<div role="status" style="white-space: pre-line">{escape(words)}</div>'

    # -- what is done ----------------------------------------------------------------------------------------

    def _checkpoint(self) -> None:
        run = require_current().checkpoint(self._message.value)
        self._message.value = ""
        self.refresh()
        self._list.value = run.run_id
        self._say(f"{run!r} made.")

    def _undo(self) -> None:
        arrival = acts.undo()
        step = "" if arrival.step is None else f"Undone: {title_of(arrival.step)}\n"
        self._say(f"{step}{arrival}")

    def _ask(self) -> None:
        run = self._chosen()
        history, _ = acts.history_here()
        self._plan.value = _question(_plan(history, run))
        self._question.layout.display = ""
        self._restore.layout.display = "none"

    def _cancel(self) -> None:
        self._question.layout.display = "none"
        self._restore.layout.display = ""

    def _go(self) -> None:
        run = self._chosen()
        self._cancel()
        arrival = acts.restore(run, document=self._document.value)
        self.refresh()
        self._say(f"Back at {title_of(run)}: {arrival}")

    def _chosen(self) -> Run:
        run = self._runs.get(self._list.value)
        if run is None:
            raise UsageError("select a run first")
        return run


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None  # a terminal: nobody clicks there


def _line(run: Run) -> str:
    metric = f"  {run.metrics[-1].name} {text_of(run.metrics[-1].value)}" if run.metrics else ""
    star = "★ " if run.starred else ""
    return f"{name_of(run)}  {star}{run.message or run.automatic}{metric}  {text_of(run.created_at.astimezone())}"


def _page(run: Run, steps: Steps) -> str:
    made = f"{text_of(run.created_at.astimezone())} · {run.author.name} · {len(run.steps)} steps"
    values = [_measured(kind, each) for kind, each in _named(run)]
    variables = [
        {"name": each.name, "type": each.type, "shape": each.shape, "preview": each.preview}
        for each in run.variables
    ]
    gaps = [{"what": gap.subject, "why": gap.reason} for gap in run.gaps]
    sections = (
        ("Parameters, metrics and labels", values),
        ("Variables", variables),
        ("Not as it was", gaps),
        ("Steps", steps.rows()),
    )
    parts = [f"<style>{_STYLE}</style><b>{escape(title_of(run))}</b><br>{escape(made)}"]
    parts += [_section(title, rows) for title, rows in sections if rows]
    return f'<div class="rt-history">{"".join(parts)}</div>'


def _section(title: str, rows: list[dict[str, Any]]) -> str:
    more = f"and {len(rows) - _SHOWN_ROWS} more" if len(rows) > _SHOWN_ROWS else ""
    state = "" if title == "Steps" else " open"
    table = html_table(rows[:_SHOWN_ROWS])
    return f"<details{state}><summary>{title} ({len(rows)})</summary>{table}{more}</details>"


def _named(run: Run) -> list[tuple[str, Measured]]:
    kinds = (("parameter", run.parameters), ("metric", run.metrics), ("label", run.labels))
    return [(kind, each) for kind, measured in kinds for each in measured]


def _measured(kind: str, each: Measured) -> dict[str, Any]:
    return {"kind": kind, "name": each.name, "value": each.value}


def _plan(history: History, run: Run) -> RestorePlan:
    return restore_plan(
        run,
        history.snapshot(run.run_id),
        data_files(history, run),
        lambda file: status_now(file, Path.cwd()),
        found=slices_at(history, RunId(run.run_id)),
        foreign=history.is_foreign(run.run_id),
    )


def _question(plan: RestorePlan) -> str:
    count = plan.variables
    ways = {each.name: each.how for each in plan.rebuilds}
    lost = [gap for gap in plan.gaps if gap.kind not in STILL_SAVED and gap.subject not in ways]
    lines = [f"{gap.subject}: {gap.reason}" for gap in lost[:_SHOWN_GAPS]]
    if len(lost) > _SHOWN_GAPS:
        lines.append(f"and {len(lost) - _SHOWN_GAPS} more")
    lines += [f"{name} will be made again by {how}" for name, how in ways.items()]
    lines += [
        f"{file.path} is {file.now}; files are left as they are" for file in plan.files if file.now in _OTHER
    ]
    lines += plan.warnings
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        f'<div class="rt-history">Go back to <b>{escape(plan.title)}</b>? {count.restorable} of {count.total} variables '
        f"come back. What is here now becomes a run first.<ul>{items}</ul></div>"
    )


_OTHER = frozenset({"changed", "missing"})
