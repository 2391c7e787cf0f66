"""Joins Runtrack to a Jupyter server: what its handlers share is made here, and the routes are added."""

import logging
import os
from pathlib import Path
from threading import Lock

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.fileio import FileManagerMixin

from runtrack_jupyter.errors import RuntrackError
from runtrack_jupyter.server.answering import SETTINGS_KEY
from runtrack_jupyter.server.commands import Commands
from runtrack_jupyter.server.live import LiveDocuments
from runtrack_jupyter.server.reader import Reader
from runtrack_jupyter.server.routes import handlers
from runtrack_jupyter.server.services import Services
from runtrack_jupyter.server.tidying import Tidier
from runtrack_jupyter.server.watching import Watcher
from runtrack_jupyter.tracking.annotating import Annotator

__all__ = ["load"]

logger = logging.getLogger("runtrack_jupyter")

_LOOK_AFTER = 5.0  # seconds; a server that starts has better things to do


def load(server_app: ServerApp) -> None:
    """Add the REST interface and the websocket to a server; reads no store and starts no thread yet."""
    environ = dict(os.environ)
    root = _root(server_app)
    reader = Reader(environ, root or Path.cwd(), Tidier())
    server_app.web_app.settings[SETTINGS_KEY] = Services(
        reader=reader,
        watcher=Watcher(reader),
        commands=Commands(),
        live=LiveDocuments(),
        annotator=Annotator(environ),
        environ=environ,
        root=root,
        settings_lock=Lock(),
    )
    routes = handlers(server_app.web_app.settings["base_url"])
    server_app.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]  # tornado's
    server_app.io_loop.call_later(_LOOK_AFTER, server_app.io_loop.add_callback, _look, reader)


def _root(server_app: ServerApp) -> Path | None:
    contents = server_app.contents_manager
    # Others may have a `root_dir` that means something else, such as a bucket.
    return Path(contents.root_dir).absolute() if isinstance(contents, FileManagerMixin) else None


async def _look(reader: Reader) -> None:
    """Read the stores once, so that the first answer is quick and what dead kernels left is put in order."""
    try:
        await reader.generation()
    except (RuntrackError, OSError) as error:
        logger.warning("cannot read the stores: %s", error)
