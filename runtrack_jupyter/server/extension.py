"""Joins Runtrack to a Jupyter server: what its handlers share is made here, and the routes are added."""

import os
from pathlib import Path
from threading import Lock

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.fileio import FileManagerMixin

from runtrack_jupyter.server.answering import SETTINGS_KEY
from runtrack_jupyter.server.commands import Commands
from runtrack_jupyter.server.library import Library
from runtrack_jupyter.server.live import LiveDocuments
from runtrack_jupyter.server.routes import handlers
from runtrack_jupyter.server.services import Services
from runtrack_jupyter.server.watching import Watcher
from runtrack_jupyter.store.layout import registered_stores

__all__ = ["load"]

_TIDY_AFTER = 5.0  # seconds; a server that starts has better things to do


def load(server_app: ServerApp) -> None:
    """Add the REST interface and the websocket to a server; reads no store and starts no thread yet."""
    environ = dict(os.environ)
    root = _root(server_app)
    library = Library(environ, root or Path.cwd(), _seal_pending)
    server_app.web_app.settings[SETTINGS_KEY] = Services(
        library=library,
        watcher=Watcher(library),
        commands=Commands(),
        live=LiveDocuments(),
        environ=environ,
        root=root,
        settings_lock=Lock(),
    )
    routes = handlers(server_app.web_app.settings["base_url"])
    server_app.web_app.add_handlers(".*$", routes)  # type: ignore[no-untyped-call]  # tornado's
    server_app.io_loop.call_later(_TIDY_AFTER, _tidy, library)


def _root(server_app: ServerApp) -> Path | None:
    contents = server_app.contents_manager
    # Others may have a `root_dir` that means something else, such as a bucket.
    return Path(contents.root_dir).absolute() if isinstance(contents, FileManagerMixin) else None


def _tidy(library: Library) -> None:
    for store in registered_stores():
        library.tidy_later(store)


def _seal_pending(store: Path) -> None:
    # Imported only when there is something to do: it brings Git, and costs the start of a server 0.1 s.
    from runtrack_jupyter.tracking.sealer import seal_pending

    seal_pending(store)
