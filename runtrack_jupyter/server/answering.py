"""How every REST handler reads a request and answers it; errors become statuses in one table."""

from http.client import responses
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

import msgspec
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from runtrack_jupyter.errors import (
    AmbiguousIdError,
    BundleError,
    ClaimedError,
    DamagedStoreError,
    GitError,
    NotFoundError,
    NotTrackingError,
    RecordingOffError,
    RestoreError,
    RuntrackError,
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
    TooLargeError,
    UnsupportedFormatError,
    UntrustedError,
    UsageError,
)
from runtrack_jupyter.server.messages import Problem
from runtrack_jupyter.server.paths import file_of
from runtrack_jupyter.server.services import Services

__all__ = ["AUTH_RESOURCE", "SETTINGS_KEY", "STATUS_OF", "RuntrackHandler", "problem_of"]

AUTH_RESOURCE = "runtrack"
SETTINGS_KEY = "runtrack"

STATUS_OF: dict[type[RuntrackError], int] = {
    RuntrackError: 500,
    UsageError: 400,
    TooLargeError: 413,
    NotFoundError: 404,
    AmbiguousIdError: 409,
    StoreError: 503,
    DamagedStoreError: 422,
    StoreUnavailableError: 503,
    StoreLockedError: 409,
    UnsupportedFormatError: 501,
    BundleError: 422,
    UntrustedError: 403,
    RestoreError: 409,
    NotTrackingError: 409,
    RecordingOffError: 409,
    ClaimedError: 409,
    GitError: 503,
}

# What Jupyter Server, tornado or the contents manager refuse.
_KIND_OF = {400: "usage", 403: "forbidden", 404: "not-found", 405: "usage", 409: "locked", 413: "too-large"}

_Body = TypeVar("_Body")
_ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def problem_of(error: BaseException | None, status: int) -> tuple[int, Problem]:
    """Return the status and body that tell a client about `error`; nothing of our insides for what is a bug."""
    if isinstance(error, RuntrackError):
        known = next(base for base in type(error).__mro__ if base in STATUS_OF)
        return STATUS_OF[known], Problem(kind=error.kind, message=str(error))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return 503, Problem(kind="unavailable", message=f"{where}{error.strerror or error}")
    message = responses.get(status, "unknown error")
    if isinstance(error, HTTPError):
        message = (error.log_message or "") % error.args if error.args else error.log_message or message
        return status, Problem(kind=_KIND_OF.get(status, "error"), message=message)
    return status, Problem(kind=_KIND_OF.get(status, "internal"), message=message)


class RuntrackHandler(APIHandler):
    """What all REST handlers share. Each verb carries ``authenticated`` and ``authorized`` itself."""

    auth_resource = AUTH_RESOURCE

    @property
    def services(self) -> Services:
        """What this server can do; made once, when the extension is loaded."""
        return cast("Services", self.settings[SETTINGS_KEY])

    def body(self, kind: type[_Body]) -> _Body:
        """Return the request's JSON body.

        Raises
        ------
        UsageError
            It is not such a body.
        """
        try:
            return msgspec.json.decode(self.request.body, type=kind)
        except msgspec.DecodeError as error:
            raise UsageError(f"the body is not understood: {error}") from error

    def answer(self, body: object, status: int = 200) -> None:
        """Send a body as JSON; what is large comes encoded, from the thread where it was made."""
        self.set_status(status)
        self.finish(body if isinstance(body, bytes) else msgspec.json.encode(body))

    def accept(self) -> None:
        """Answer that the request was taken and is being worked on."""
        self.set_status(202)
        self.finish()

    def query(self, name: str) -> str | None:
        """Return a query argument; None when it is missing or empty."""
        return self.get_query_argument(name, None) or None

    def file(self) -> Path | None:
        """Return the file that the query argument `path` names; None where there is none.

        Raises
        ------
        UsageError
            That is no contents path.
        """
        return file_of(self.query("path") or "", self.services.root)

    def notebook_file(self) -> Path | None:
        """Return the file of the notebook that the query must name; None where it lies in none.

        Raises
        ------
        UsageError
            No notebook is named, or by no contents path.
        """
        if self.query("path") is None:
            raise UsageError("pass the contents path of a notebook as `path`")
        return self.file()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the problem that `openapi.yaml` describes."""
        info: _ExcInfo = kwargs.get("exc_info", (None, None, None))
        status, problem = problem_of(info[1], status_code)
        self.answer(problem, status)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what was refused in one line; a traceback is for bugs only."""
        if isinstance(value, RuntrackError):
            self.log.info("runtrack: %s %s: %s", self.request.method, self.request.path, value)
        else:
            super().log_exception(typ, value, tb)
