"""Handlers that change something: settings, documents handed out or on, copies, commands."""

from pathlib import Path

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated
from ulid import ULID

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.model import Run
from runtrack_jupyter.server.answering import RuntrackHandler
from runtrack_jupyter.server.copies import as_fork, write_copy
from runtrack_jupyter.server.documents import filled, read_document, saved_document, source_of
from runtrack_jupyter.server.messages import (
    Claimed,
    Command,
    CopyMade,
    CopyRequest,
    DocumentRequest,
    DocumentRestored,
    RunChange,
    Settings,
    SettingsChange,
)
from runtrack_jupyter.server.paths import clean, file_of
from runtrack_jupyter.server.reading import find_run, listed
from runtrack_jupyter.store.history import History
from runtrack_jupyter.tracking.settings import Settings as UserSettings
from runtrack_jupyter.tracking.settings import load_settings, save_settings

__all__ = [
    "AcknowledgeHandler",
    "ClaimHandler",
    "CommandsHandler",
    "CopiesHandler",
    "DocumentHandler",
    "LiveDocumentHandler",
    "RunAnnotationsHandler",
    "SettingsHandler",
]


class SettingsHandler(RuntrackHandler):
    """The user's settings for all notebooks."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with the settings."""
        self.answer(_shown(await self.services.reader.work(load_settings)))

    @authenticated
    @authorized
    async def put(self) -> None:
        """Change those that are sent."""
        changes = msgspec.to_builtins(self.body(SettingsChange))

        def change() -> UserSettings:
            with self.services.settings_lock:
                return save_settings(changes)

        self.answer(_shown(await self.services.reader.work(change)))


class RunAnnotationsHandler(RuntrackHandler):
    """What is said of one run."""

    @authenticated
    @authorized
    async def post(self, run_id: str) -> None:
        """Add to it, and answer with the run as it is called now."""
        reader, change = self.services.reader, self.body(RunChange)
        run, store = await reader.ask(lambda history: _run_and_store(history, run_id))
        said = msgspec.structs.asdict(change)
        await reader.work(lambda: self.services.annotator.annotate(store, run.run_id, **said))
        now = await reader.ask(lambda history: history.run(run.run_id))
        self.answer(listed(now))


class DocumentHandler(RuntrackHandler):
    """A document to be put into the notebook."""

    @authenticated
    @authorized
    async def post(self, id: str) -> None:
        """Answer with the document, secrets put back where they are still known."""
        reader = self.services.reader
        live = (await reader.work(lambda: self.body(DocumentRequest))).live
        source = await reader.ask(lambda history: source_of(history, id))

        def make() -> bytes:
            found = read_document(source)
            document, gaps = filled(found.document, live, self.services.environ)
            restored = DocumentRestored(
                document=document, gaps=(*found.gaps, *gaps), document_origin=found.origin
            )
            return msgspec.json.encode(restored)

        self.answer(await reader.work(make))


class CopiesHandler(RuntrackHandler):
    """Documents of the record as new notebooks."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Write one beside the notebook that is given."""
        reader = self.services.reader
        request = self.body(CopyRequest)
        beside = clean(request.path)
        if not beside.endswith(".ipynb"):
            raise UsageError("pass the path of the notebook that the copy shall lie beside")
        file = file_of(beside, self.services.root)
        source = await reader.ask(lambda history: source_of(history, request.id))

        def make() -> dict[str, object]:
            found = read_document(source)
            document, _ = filled(found.document, saved_document(file), self.services.environ)
            return as_fork(document, source.id)

        path = await write_copy(
            self.contents_manager,
            await reader.work(make),
            beside=beside,
            label=source.label,
            root=self.services.root,
        )
        self.answer(CopyMade(path=path), 201)


class LiveDocumentHandler(RuntrackHandler):
    """The live document of a run that is being made."""

    @authenticated
    @authorized
    async def put(self, session_id: str, run_id: str) -> None:
        """Take it, and hand it to the sealer afterwards."""
        await self.services.live.take(_ulid(session_id), _ulid(run_id), self.request.body)
        self.accept()


class CommandsHandler(RuntrackHandler):
    """Commands for browser tabs."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Hold a command and offer it."""
        sent = self.body(Command)
        command = msgspec.structs.replace(sent, command_id=_ulid(sent.command_id), path=clean(sent.path))
        if self.services.commands.post(command):
            self.services.watcher.push(command)
        self.accept()


class ClaimHandler(RuntrackHandler):
    """The claim to one command."""

    @authenticated
    @authorized
    async def post(self, command_id: str) -> None:
        """Give the command to the first who asks."""
        self.services.commands.claim(_ulid(command_id))
        self.answer(Claimed(command_id=command_id))


class AcknowledgeHandler(RuntrackHandler):
    """The end of one command."""

    @authenticated
    @authorized
    async def post(self, command_id: str) -> None:
        """Note that it was carried out."""
        self.services.commands.acknowledge(_ulid(command_id))
        self.set_status(204)
        self.finish()


def _run_and_store(history: History, text: str) -> tuple[Run, Path]:
    run = find_run(history, text)
    return run, history.store_of(run.run_id)


def _shown(settings: UserSettings) -> Settings:
    return Settings(
        enabled=settings.enabled,
        after_run_all=settings.after_run_all,
        record_values=settings.record_values,
    )


def _ulid(text: str) -> str:
    try:
        return str(ULID.from_str(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a ULID") from error
