"""The websocket over which the server tells what changed; it only sends."""

from pathlib import Path
from typing import Any

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.server.answering import AUTH_RESOURCE, SETTINGS_KEY, problem_of
from runtrack_jupyter.server.messages import Changed, CommandPushed
from runtrack_jupyter.server.paths import clean, file_of
from runtrack_jupyter.server.services import Services
from runtrack_jupyter.server.watching import pushed

__all__ = ["EventsHandler"]


class EventsHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One subscriber. Its origin is checked by the mixin, before the connection is upgraded."""

    auth_resource = AUTH_RESOURCE
    path: str = ""
    file: Path | None = None

    @ws_authenticated
    async def get(self, *args: str, **kwargs: str) -> None:
        """Upgrade to a websocket, for a user who may."""
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, "execute", self.auth_resource)
        ):
            raise HTTPError(403, f"User is not authorized to execute on resource: {self.auth_resource}.")
        services: Services = self.settings[SETTINGS_KEY]
        try:
            self.path = clean(self.get_query_argument("path", ""))
            self.file = file_of(self.path, services.root)
        except UsageError as error:
            raise HTTPError(400, str(error)) from error
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise HTTPError(400, "this is a websocket: ask for an upgrade")
        await super().get(*args, **kwargs)

    def open(self, *args: str, **kwargs: str) -> None:
        """Subscribe, and hear of the commands that wait already."""
        super().open(*args, **kwargs)
        services: Services = self.settings[SETTINGS_KEY]
        services.watcher.add(self)
        for command in services.commands.waiting(self.path) if self.path else ():
            self.tell(pushed(command))

    def on_message(self, message: str | bytes) -> None:
        """Ignore it: there is nothing to say to us here."""

    def on_close(self) -> None:
        """Unsubscribe."""
        services: Services = self.settings[SETTINGS_KEY]
        services.watcher.remove(self)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a refused connection as REST does."""
        status, problem = problem_of(kwargs.get("exc_info", (None, None, None))[1], status_code)
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(problem))

    def tell(self, message: Changed | CommandPushed) -> None:
        """Send a message; one to a browser that has gone is dropped."""
        try:
            self.write_message(msgspec.json.encode(message).decode())
        except WebSocketClosedError:
            self.on_close()

    def drop(self) -> None:
        """Close the connection, so that the browser connects again."""
        self.close(code=1011, reason="the server stopped watching")
