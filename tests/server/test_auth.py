"""Nobody reads or changes a record without being known and allowed to."""

from typing import Any, ClassVar

import pytest
from jupyter_server.auth import Authorizer
from jupyter_server.serverapp import ServerWebApplication
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from runtrack_jupyter.server.routes import ROUTES
from tests.server.asking import Fetch

VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def filled(path: str) -> str:
    for name in ("run_id", "step_id", "session_id", "command_id", "id"):
        path = path.replace("{" + name + "}", ULID)
    return path


async def status_of(fetch: Fetch, verb: str, path: str, **options: Any) -> int:
    try:
        answer = await fetch(
            "runtrack/api" + filled(path),
            method=verb,
            allow_nonstandard_methods=True,
            follow_redirects=False,
            **options,
        )
    except HTTPClientError as error:
        return error.code
    return answer.code


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("path", ROUTES)
async def test_the_anonymous_are_refused_on_every_route_and_verb(
    jp_fetch: Fetch, path: str, verb: str
) -> None:
    status = await status_of(jp_fetch, verb, path, headers={"Authorization": ""}, body=None)

    assert status == 403


@pytest.mark.parametrize("path", ROUTES)
def test_every_verb_is_authenticated_before_anything_else_looks_at_it(path: str) -> None:
    """What Jupyter Server itself warns about when an extension is loaded."""
    check = ServerWebApplication._check_handler_auth

    assert check(ServerWebApplication.__new__(ServerWebApplication), path, ROUTES[path]) == []


class Deny(Authorizer):
    """Knows everybody and allows nothing of ours."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def is_authorized(self, _handler: object, _user: object, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return resource != "runtrack"


@pytest.fixture
def denied(jp_server_config: dict[str, Any]) -> list[tuple[str, str]]:
    jp_server_config["ServerApp"]["authorizer_class"] = Deny
    Deny.asked.clear()
    return Deny.asked


def verbs_of(path: str) -> list[str]:
    return [verb for verb in ("GET", "PUT", "POST") if verb.lower() in vars(ROUTES[path])]


@pytest.mark.parametrize(("path", "verb"), [(path, verb) for path in ROUTES for verb in verbs_of(path)])
async def test_what_the_authorizer_denies_is_not_done(
    denied: list[tuple[str, str]], jp_fetch: Fetch, path: str, verb: str
) -> None:
    status = await status_of(jp_fetch, verb, path, body=None if verb == "GET" else b"{}")

    action = "execute" if path == "/events" else "read" if verb == "GET" else "write"
    assert status == 403
    assert denied == [(action, "runtrack")]


CHANGES = [(path, verb) for path in ROUTES for verb in verbs_of(path) if verb != "GET"]


@pytest.mark.parametrize(("path", "verb"), CHANGES)
async def test_a_browser_without_the_xsrf_token_changes_nothing(
    jp_fetch: Fetch, path: str, verb: str
) -> None:
    """A page of another site can make the user's browser send our cookies, but cannot read the token in them."""
    cookies = await logged_in(jp_fetch)
    headers = {"Authorization": "", "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    assert await status_of(jp_fetch, "GET", "/settings", headers=dict(headers)) == 200

    assert await status_of(jp_fetch, verb, path, headers=dict(headers), body=b"x") == 403
    headers["X-XSRFToken"] = cookies["_xsrf"]
    assert await status_of(jp_fetch, verb, path, headers=dict(headers), body=b"x") != 403


async def logged_in(fetch: Fetch) -> dict[str, str]:
    """Return the cookies that a browser holds after its user has logged in."""
    answer = await fetch("api/me")
    pairs = (value.split(";")[0].split("=", 1) for value in answer.headers.get_list("Set-Cookie"))
    # Any value will do that cookie and header agree on: a foreign page cannot set or read the cookie.
    return {**dict(pairs), "_xsrf": "0123456789abcdef" * 2}


async def open_events(url: str, port: int, headers: dict[str, str]) -> int:
    """Return the status with which the websocket was refused; 101 when it was opened."""
    try:
        socket = await websocket_connect(HTTPRequest(f"ws://127.0.0.1:{port}{url}", headers=headers))
    except HTTPClientError as error:
        return error.code
    socket.close()
    return 101


async def test_the_websocket_opens_for_our_own_pages_only(
    http_server_port: tuple[Any, int], jp_fetch: Fetch, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    """Browsers send cookies with websockets of every site; only the origin tells them apart."""
    url, port = f"{jp_base_url}runtrack/api/events", http_server_port[1]

    assert await open_events(url, port, {}) == 403
    assert await open_events(url, port, jp_auth_header) == 101
    cookies = await logged_in(jp_fetch)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    assert await open_events(url, port, {**cookie, "Origin": "http://evil.example"}) == 403
    assert await open_events(url, port, {**cookie, "Origin": f"http://127.0.0.1:{port}"}) == 101
