"""Handlers that only read: they parse, ask the record in a thread, and answer."""

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.server import planning, reading
from runtrack_jupyter.server.answering import RuntrackHandler
from runtrack_jupyter.server.documents import read_document, source_of
from runtrack_jupyter.server.messages import RunSteps, StepDetail
from runtrack_jupyter.server.recording import status_of
from runtrack_jupyter.server.searching import found_runs

__all__ = [
    "FoundRunsHandler",
    "LastRunsHandler",
    "NotebooksHandler",
    "NowHandler",
    "RestorePlanHandler",
    "RunDocumentHandler",
    "RunHandler",
    "RunStepsHandler",
    "RunsHandler",
    "StatusHandler",
    "StepDocumentHandler",
    "StepHandler",
]

_PAGE = 200
_LARGEST_PAGE = 1000
_LONGEST_TERM = 500


class StatusHandler(RuntrackHandler):
    """Whether a kernel started now would record."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer for the notebook at `path`, or for new ones."""
        reader, environ, notebook = self.services.reader, self.services.environ, self.file()
        self.answer(await reader.work(lambda: status_of(notebook, reader.store_of(notebook), environ)))


class NotebooksHandler(RuntrackHandler):
    """All notebooks on record."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the latest first."""
        root = self.services.root
        self.answer(await self.services.reader.ask(lambda history: reading.notebooks(history, root)))


class RunsHandler(RuntrackHandler):
    """Runs, newest first."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with one page."""
        notebook_id, cursor, limit = self.query("notebook_id"), self.query("cursor"), self._limit()
        file = self.file()
        self.answer(
            await self.services.reader.ask(
                lambda history: reading.runs(
                    history, notebook_id=notebook_id, file=file, cursor=cursor, limit=limit
                ),
                near=file,
            )
        )

    def _limit(self) -> int:
        text = self.query("limit") or str(_PAGE)
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LARGEST_PAGE):
            raise UsageError(f"limit is a number from 1 to {_LARGEST_PAGE}")
        return int(text)


class FoundRunsHandler(RuntrackHandler):
    """Runs by what their steps and variables hold."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the runs that one term of a search finds."""
        term, notebook_id, file = self.query("term"), self.query("notebook_id"), self.file()
        if term is None or len(term) > _LONGEST_TERM:
            raise UsageError(f"pass what to look for as `term`, in at most {_LONGEST_TERM} characters")
        self.answer(
            await self.services.reader.ask(
                lambda history: found_runs(history, term, notebook_id=notebook_id, file=file), near=file
            )
        )


class RunHandler(RuntrackHandler):
    """One run with its context."""

    @authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer with the run, its environment and its data files."""
        reader = self.services.reader
        found = await reader.ask(lambda history: reading.run_context(history, run_id))
        self.answer(await reader.work(lambda: reading.run_detail(found)))


class RunStepsHandler(RuntrackHandler):
    """The steps of one run."""

    @authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer with the oldest first."""
        steps = await self.services.reader.ask(lambda history: reading.steps_of(history, run_id))
        self.answer(RunSteps(steps=steps))


class StepHandler(RuntrackHandler):
    """One step."""

    @authenticated
    @authorized
    async def get(self, step_id: str) -> None:
        """Answer with the step."""
        step = await self.services.reader.ask(lambda history: reading.find_step(history, step_id))
        self.answer(StepDetail(step=step))


class RunDocumentHandler(RuntrackHandler):
    """The document of one run."""

    @authenticated
    @authorized
    async def get(self, run_id: str) -> None:
        """Answer with the notebook as recorded."""
        await self.document(run_id, "run")

    async def document(self, id: str, kind: str) -> None:
        """Answer with the notebook of a run or step."""
        reader = self.services.reader
        source = await reader.ask(lambda history: source_of(history, id, kind=kind))

        def make() -> tuple[str, bytes]:
            found = read_document(source)
            return found.origin, msgspec.json.encode(found.document)

        origin, encoded = await reader.work(make)
        self.set_header("Runtrack-Document-Origin", origin)
        self.answer(encoded)


class StepDocumentHandler(RunDocumentHandler):
    """The document when one step had run."""

    @authenticated
    @authorized
    async def get(self, step_id: str) -> None:
        """Answer with the notebook as recorded."""
        await self.document(step_id, "step")


class NowHandler(RuntrackHandler):
    """Where the latest kernel of a notebook stands."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with its position and the steps that no run holds yet."""
        file = self.notebook_file()
        self.answer(await self.services.reader.ask(lambda history: reading.now(history, file), near=file))


class LastRunsHandler(RuntrackHandler):
    """How the cells of a notebook ran last."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer for where the latest kernel of the notebook at `path` stands."""
        file = self.notebook_file()
        self.answer(
            await self.services.reader.ask(lambda history: reading.cells_now(history, file), near=file)
        )


class RestorePlanHandler(RuntrackHandler):
    """What a restore would do."""

    @authenticated
    @authorized
    async def get(self, id: str) -> None:
        """Answer with what would come back and what would not."""
        reader = self.services.reader
        found = await reader.ask(lambda history: planning.plan_context(history, id))
        self.answer(await reader.work(lambda: planning.plan(found)))
