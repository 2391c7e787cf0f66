"""The live document reaches the sealer, and stays nowhere else."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator

import pytest
from ulid import ULID

from runtrack_jupyter.errors import StoreUnavailableError, TooLargeError, UsageError
from runtrack_jupyter.model import RunId, SessionId
from runtrack_jupyter.server.live import LiveDocuments
from runtrack_jupyter.tracking.handover import listen_for_documents
from tests.server.asking import Ask

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"id": "a", "cell_type": "markdown", "metadata": {}, "source": "Ünïcode 🦉"}],
}


def encoded(size: int = 0) -> bytes:
    return json.dumps(NOTEBOOK).encode() + b" " * size


class Sealer:
    """The receiving end, as the sealer process has it."""

    def __init__(self) -> None:
        self.session_id = SessionId(str(ULID()))
        self.received: dict[str, bytes] = {}
        self.arrived = threading.Event()
        self._stop: Callable[[], None] | None = None

    def start(self) -> None:
        self._stop = listen_for_documents(self.session_id, self._receive)

    def stop(self) -> None:
        if self._stop is not None:
            self._stop()

    def _receive(self, run_id: RunId, document: bytes) -> None:
        self.received[run_id] = document
        self.arrived.set()


@pytest.fixture
def sealer(jp_environ: None) -> Iterator[Sealer]:
    sealer = Sealer()
    yield sealer
    sealer.stop()


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_document_arrives_at_the_sealer_as_it_was_sent(ask: Ask, sealer: Sealer) -> None:
    run_id = str(ULID())
    sealer.start()
    reply = await ask("PUT", f"/sessions/{sealer.session_id}/documents/{run_id}", body=encoded())

    assert reply.status == 202
    await until(sealer.arrived.is_set)
    assert sealer.received == {run_id: encoded()}


async def test_a_document_waits_for_a_sealer_that_starts_later(ask: Ask, sealer: Sealer) -> None:
    """The first checkpoint of a session starts its sealer, and the document is there before it."""
    run_id = str(ULID())
    reply = await ask("PUT", f"/sessions/{sealer.session_id}/documents/{run_id}", body=encoded())
    await asyncio.sleep(0.5)
    sealer.start()

    assert reply.status == 202
    await until(sealer.arrived.is_set)
    assert sealer.received == {run_id: encoded()}


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"nonsense", b'{"nbformat": 3, "cells": []}', b'{"nbformat": 4}']
)
async def test_what_is_no_notebook_is_refused(ask: Ask, body: bytes) -> None:
    reply = await ask("PUT", f"/sessions/{ULID()}/documents/{ULID()}", body=body)

    assert (reply.status, reply.kind) == (400, "usage")


@pytest.mark.parametrize("ids", [("x", str(ULID())), (str(ULID()), "x")])
async def test_ids_that_could_name_another_socket_are_refused(ask: Ask, ids: tuple[str, str]) -> None:
    """The session's id becomes part of the socket's path."""
    reply = await ask("PUT", "/sessions/{}/documents/{}".format(*ids), body=encoded())

    assert (reply.status, reply.kind) == (400, "usage")


class Sender:
    """In the place of the socket, to fail and to wait when told."""

    def __init__(self) -> None:
        self.may_go = threading.Event()
        self.sent: list[tuple[str, bytes]] = []
        self.fails = False

    def __call__(self, _session_id: str, run_id: str, document: bytes, _timeout: float) -> None:
        self.may_go.wait(10)
        if self.fails:
            raise StoreUnavailableError("no sealer")
        self.sent.append((run_id, document))


async def test_a_document_too_large_is_refused_and_not_kept(jp_environ: None) -> None:
    live = LiveDocuments(Sender(), size_limit=1000)

    with pytest.raises(TooLargeError):
        await live.take("s", "r", encoded(1000))
    assert live.held == 0


async def test_documents_that_nobody_fetches_are_given_up(jp_environ: None) -> None:
    """A kernel that died must not leave its unredacted document in the server's memory."""
    sender = Sender()
    sender.fails = True
    sender.may_go.set()
    live = LiveDocuments(sender, lifetime=0.2)
    await live.take("s", "r", encoded())

    assert live.held == 1
    await until(lambda: live.held == 0)
    assert sender.sent == []


async def test_only_so_many_documents_are_held_at_once(jp_environ: None) -> None:
    sender = Sender()
    live = LiveDocuments(sender, count_limit=2)
    await live.take("s", "1", encoded())
    await live.take("s", "2", encoded())
    with pytest.raises(StoreUnavailableError):
        await live.take("s", "3", encoded())

    sender.may_go.set()
    await until(lambda: live.held == 0)
    await live.take("s", "3", encoded())
    await until(lambda: live.held == 0)
    assert {run_id for run_id, _ in sender.sent} == {"1", "2", "3"}


async def test_the_last_document_sent_for_a_run_counts(jp_environ: None) -> None:
    sender = Sender()
    live = LiveDocuments(sender)
    await live.take("s", "r", encoded())
    await live.take("s", "r", encoded(1))
    sender.may_go.set()
    await until(lambda: live.held == 0)

    assert sender.sent[-1] == ("r", encoded(1))


async def test_a_notebook_that_is_none_is_not_held(jp_environ: None) -> None:
    live = LiveDocuments(Sender())
    with pytest.raises(UsageError):
        await live.take("s", "r", b"{}")

    assert live.held == 0
