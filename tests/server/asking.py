"""Asks a real server, and holds every answer to the description."""

import json
import urllib.parse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPResponse

from tests.server.description import check_answer

__all__ = ["Ask", "Fetch", "Reply"]

Fetch = Callable[..., Awaitable[HTTPResponse]]


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        """The kind of the problem."""
        return str(self.json["kind"])


class Ask:
    """Asks the REST interface, and checks each answer against `openapi.yaml`."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Return the answer to one request; `path` is that of the description, filled in."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        try:
            answer = await self._fetch(
                "runtrack/api" + path,
                method=method,
                params=query or {},
                body=data,
                headers=dict(headers or {}),
                allow_nonstandard_methods=True,
                follow_redirects=False,
            )
        except HTTPClientError as error:
            if error.response is None:
                raise
            answer = error.response
        reply = Reply(answer.code, dict(answer.headers), answer.body or b"")
        url = urllib.parse.quote(path) + "?" + urllib.parse.urlencode(query or {})
        check_answer(method, url, reply.status, reply.headers, reply.body)
        return reply
