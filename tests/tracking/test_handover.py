"""A live document reaches the sealer whole, or the sender hears in time that it did not."""

import socket
import time
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from queue import Empty, SimpleQueue
from threading import Thread

import pytest
from ulid import ULID

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import RunId, SessionId
from runtrack_jupyter.store.layout import sealer_address, sealer_authkey, user_key
from runtrack_jupyter.tracking.handover import listen_for_documents, send_document
from tests.tracking.bench import own_store

Received = SimpleQueue[tuple[RunId, bytes]]


@pytest.fixture(autouse=True)
def _home() -> Iterator[None]:
    with own_store():
        yield


@pytest.fixture(name="session_id")
def _session_id() -> SessionId:
    return SessionId(str(ULID()))


@pytest.fixture(name="received")
def _received(session_id: SessionId) -> Iterator[Received]:
    received: Received = SimpleQueue()
    stop = listen_for_documents(session_id, lambda run_id, document: received.put((run_id, document)))
    yield received
    stop()


def test_a_document_arrives_whole(session_id: SessionId, received: Received) -> None:
    """Larger than a socket's buffer, and acknowledged only when the sealer holds it."""
    document = bytes(range(256)) * 20_000

    send_document(session_id, "run", document)

    assert received.get_nowait() == ("run", document)


def test_a_wrong_key_is_refused_and_keeps_nobody_else_out(session_id: SessionId, received: Received) -> None:
    wrong = sealer_authkey(bytes(32))

    with pytest.raises(AuthenticationError):
        Client(sealer_address(session_id), authkey=wrong)

    with pytest.raises(Empty):
        received.get_nowait()
    send_document(session_id, "run", b"{}")
    assert received.get(timeout=5) == ("run", b"{}")


def test_a_sender_that_dies_or_hangs_keeps_nobody_else_out(session_id: SessionId, received: Received) -> None:
    """One says nothing for ever, another stops in the middle of a message."""
    hangs = socket.socket(socket.AF_UNIX)
    hangs.connect(sealer_address(session_id))
    dies = socket.socket(socket.AF_UNIX)
    dies.connect(sealer_address(session_id))
    dies.sendall(b"\x00\x00")
    dies.close()

    send_document(session_id, "run", b"{}")

    assert received.get(timeout=5) == ("run", b"{}")
    hangs.close()


def test_a_listener_that_is_killed_is_followed_by_another(session_id: SessionId) -> None:
    """The socket of the first still lies there."""
    received: Received = SimpleQueue()
    left = socket.socket(socket.AF_UNIX)
    left.bind(sealer_address(session_id))
    left.close()

    stop = listen_for_documents(session_id, lambda run_id, document: received.put((run_id, document)))
    send_document(session_id, "run", b"{}")

    assert received.get(timeout=5) == ("run", b"{}")
    stop()


def test_where_nobody_listens_the_sender_hears_it_in_time(session_id: SessionId) -> None:
    begun = time.monotonic()

    with pytest.raises(StoreUnavailableError):
        send_document(session_id, "run", b"{}", timeout=0.3)

    assert 0.3 <= time.monotonic() - begun < 2


@pytest.mark.parametrize("waiting", [0, 4], ids=["a sealer that hangs", "a queue before it that is full"])
def test_a_sealer_that_hangs_does_not_hang_the_sender(session_id: SessionId, waiting: int) -> None:
    hangs = socket.socket(socket.AF_UNIX)
    hangs.bind(sealer_address(session_id))
    hangs.listen(1)
    others = [socket.socket(socket.AF_UNIX) for _ in range(waiting)]
    for other in others:
        other.setblocking(False)
        other.connect_ex(sealer_address(session_id))
    begun = time.monotonic()

    with pytest.raises(StoreUnavailableError):
        send_document(session_id, "run", b"{}" * 1_000_000, timeout=0.5)

    assert time.monotonic() - begun < 3
    for each in (hangs, *others):
        each.close()


def test_what_listens_in_a_sealers_place_gets_nothing(session_id: SessionId) -> None:
    """It does not know this user's key, so it is told and given nothing."""
    key = user_key()
    assert key is not None
    got: list[bytes] = []
    listener = Listener(sealer_address(session_id), authkey=sealer_authkey(bytes(32)))

    def listen() -> None:
        with pytest.raises(AuthenticationError), listener.accept() as connection:
            got.append(connection.recv_bytes())

    thread = Thread(target=listen)
    thread.start()

    with pytest.raises(StoreUnavailableError):
        send_document(session_id, "run", b"{}", timeout=2)

    thread.join(timeout=5)
    listener.close()
    assert got == []
