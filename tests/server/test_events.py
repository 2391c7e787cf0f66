"""Whoever is subscribed hears of changes within a second or two; while nobody is, nothing is looked at."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection

from runtrack_jupyter.server.answering import SETTINGS_KEY
from runtrack_jupyter.server.reader import Reader
from runtrack_jupyter.server.services import Services
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.description import described
from tests.server.recorder import ulid

Listen = Callable[..., Awaitable[WebSocketClientConnection]]


@pytest.fixture
def services(jp_serverapp: Any) -> Services:
    found: Services = jp_serverapp.web_app.settings[SETTINGS_KEY]
    return found


@pytest.fixture
def listen(jp_ws_fetch: Callable[..., Awaitable[WebSocketClientConnection]], services: Services) -> Listen:
    async def start(path: str | None = None) -> WebSocketClientConnection:
        socket = await jp_ws_fetch("runtrack", "api", "events", params={} if path is None else {"path": path})
        await asyncio.sleep(0.3)  # until it has looked for the first time
        return socket

    return start


async def next_message(socket: WebSocketClientConnection, seconds: float = 5) -> dict[str, Any]:
    text = await asyncio.wait_for(socket.read_message(), seconds)
    assert text is not None
    message: dict[str, Any] = json.loads(text)
    name = {"changed": "Changed", "command": "CommandPushed"}[message["type"]]
    assert set(message) == set(described()["components"]["schemas"][name]["required"])
    return message


async def nothing_comes(socket: WebSocketClientConnection, seconds: float = 1.5) -> bool:
    waiting = asyncio.ensure_future(socket.read_message())
    done, _ = await asyncio.wait([waiting], timeout=seconds)
    return not done


async def test_a_subscriber_hears_of_steps_and_of_runs(listen: Listen, record: Record) -> None:
    recorder = record()
    recorder.step("a = 1")
    socket = await listen("a.ipynb")
    recorder.step("a = 2")
    of_step = await next_message(socket)
    recorder.run()
    of_run = await next_message(socket)

    assert of_step == {"type": "changed", "notebook_id": recorder.notebook_id, "runs": False, "steps": True}
    assert (of_run["notebook_id"], of_run["runs"]) == (recorder.notebook_id, True)


async def test_a_subscriber_hears_that_a_run_was_sealed(listen: Listen, record: Record) -> None:
    """Its number and the origin of its document are known only then."""
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run()
    socket = await listen("a.ipynb")
    recorder.seal(run_id)

    assert (await next_message(socket))["runs"] is True


async def test_a_subscriber_hears_of_a_store_that_appears(listen: Listen, record: Record) -> None:
    """The first step of all makes the store."""
    socket = await listen("a.ipynb")
    recorder = record()
    recorder.step("a = 1")

    assert (await next_message(socket))["notebook_id"] == recorder.notebook_id


async def test_a_subscriber_hears_that_a_kernel_has_ended(listen: Listen, record: Record) -> None:
    recorder = record()
    recorder.step("a = 1")
    socket = await listen("a.ipynb")
    recorder.close()

    assert (await next_message(socket))["steps"] is True


async def test_changes_of_one_notebook_are_not_told_to_another(listen: Listen, record: Record) -> None:
    mine, other = record("a.ipynb"), record("b.ipynb")
    mine.step("a = 1")
    other.step("b = 1")
    of_mine, of_all = await listen("a.ipynb"), await listen()
    other.step("b = 2")

    assert (await next_message(of_all))["notebook_id"] == other.notebook_id
    assert await nothing_comes(of_mine)


async def test_what_another_request_has_read_is_still_told(ask: Ask, listen: Listen, record: Record) -> None:
    """REST requests refresh the same history: the watcher must not take that for no change."""
    recorder = record()
    recorder.step("a = 1")
    socket = await listen("a.ipynb")
    recorder.step("a = 2")
    await ask("GET", "/now", query={"path": "a.ipynb"})

    assert (await next_message(socket))["steps"] is True


async def test_nothing_is_looked_at_while_nobody_is_subscribed(
    listen: Listen, services: Services, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with a hundred stores on a network file system must cost nothing when idle."""
    looks = 0
    look = Reader.generation

    async def counted(self: Reader) -> int:
        nonlocal looks
        looks += 1
        return await look(self)

    monkeypatch.setattr(Reader, "generation", counted)
    await asyncio.sleep(1.2)
    assert looks == 0
    first, second = await listen("a.ipynb"), await listen("b.ipynb")
    await asyncio.sleep(1.5)
    assert 2 <= looks <= 3  # one look serves all
    first.close()
    second.close()
    while services.watcher.is_watching:
        await asyncio.sleep(0.05)
    before = looks
    await asyncio.sleep(1.5)
    assert looks == before


async def test_a_command_reaches_the_tabs_of_its_notebook(ask: Ask, listen: Listen) -> None:
    tab, other = await listen("a.ipynb"), await listen("b.ipynb")
    command = {"command_id": ulid(), "kind": "restore-document", "path": "a.ipynb", "id": ulid()}
    await ask("POST", "/commands", body=command)

    assert await next_message(tab) == {"type": "command", **command}
    assert await nothing_comes(other)


async def test_a_command_waits_for_a_tab_that_opens_later(ask: Ask, listen: Listen) -> None:
    command = {"command_id": ulid(), "kind": "restore-document", "path": "a.ipynb", "id": ulid()}
    await ask("POST", "/commands", body=command)

    assert await next_message(await listen("a.ipynb")) == {"type": "command", **command}
    await ask("POST", f"/commands/{command['command_id']}/claim")
    assert await nothing_comes(await listen("a.ipynb"))


async def test_a_store_that_cannot_be_read_does_not_stop_the_watching(
    listen: Listen, record: Record, services: Services
) -> None:
    recorder = record()
    recorder.step("a = 1")
    socket = await listen("a.ipynb")
    (recorder.store / "format").rename(recorder.store / "kept")
    (recorder.store / "format").write_text("?")
    await asyncio.sleep(1.5)
    (recorder.store / "kept").replace(recorder.store / "format")
    recorder.step("a = 2")

    assert (await next_message(socket))["steps"] is True
    assert services.watcher.is_watching


@pytest.mark.parametrize("query", [{}, {"path": "../a.ipynb"}, {"path": "/etc/passwd"}])
async def test_what_is_no_subscription_is_refused_as_described(ask: Ask, query: dict[str, str]) -> None:
    reply = await ask("GET", "/events", query=query)

    assert (reply.status, reply.kind) == (400, "usage")
