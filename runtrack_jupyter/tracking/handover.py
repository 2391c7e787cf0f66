"""The private way of a live document from the server to the sealer: no unredacted document touches the disk."""

import contextlib
import socket
import struct
import sys
import time
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from threading import Thread

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import RunId, SessionId
from runtrack_jupyter.store.layout import sealer_address, sealer_authkey, user_key

__all__ = ["listen_for_documents", "send_document"]

_RETRY_EVERY = 0.1
_SHORTEST_WAIT = 0.05  # a socket takes a limit of 0 for none


def send_document(session_id: str, run_id: str, document: bytes, timeout: float = 5.0) -> None:
    """Hand the document of a run to the sealer of its session; blocks until the sealer has it.

    Raises
    ------
    StoreUnavailableError
        No sealer of that session answered within `timeout` seconds, or none that knows this user's key.
    """
    deadline = time.monotonic() + timeout
    address = sealer_address(SessionId(session_id))
    while True:
        try:
            with _connected(address, deadline) as connection:
                connection.send_bytes(run_id.encode())
                connection.send_bytes(document)
                connection.recv_bytes(16)  # the sealer holds it: only now may we forget it
                return
        except AuthenticationError as error:
            raise StoreUnavailableError(
                f"what listens for session {session_id} is no sealer of ours"
            ) from error
        except (OSError, EOFError) as error:
            if time.monotonic() >= deadline:
                raise StoreUnavailableError(f"no sealer of session {session_id} answered") from error
            time.sleep(_RETRY_EVERY)


def listen_for_documents(
    session_id: SessionId, receive: Callable[[RunId, bytes], None]
) -> Callable[[], None]:
    """Accept documents for the runs of a session in a thread; return what stops it.

    The socket lies in a folder that only this user can enter, and both ends prove that they know the user's key.
    Each sender has a thread of its own, so that one that hangs or is none of ours keeps nobody else out.
    """
    address = sealer_address(session_id)
    with contextlib.suppress(OSError):
        Path(address).unlink()  # left by a sealer that was killed
    listener = Listener(address, backlog=8)
    authkey = _authkey()

    def take(connection: Connection) -> None:
        with connection, contextlib.suppress(OSError, EOFError, AuthenticationError, UnicodeDecodeError):
            deliver_challenge(connection, authkey)
            answer_challenge(connection, authkey)
            run_id = RunId(connection.recv_bytes(64).decode())
            receive(run_id, connection.recv_bytes())
            connection.send_bytes(b"ok")

    def serve() -> None:
        while True:
            try:
                connection = listener.accept()
            except ConnectionError:
                continue  # it went away before we came to it
            except OSError:
                return  # closed
            Thread(target=take, args=(connection,), name="runtrack-document", daemon=True).start()

    Thread(target=serve, name="runtrack-documents", daemon=True).start()
    return listener.close


def _connected(address: str, deadline: float) -> Connection:
    """Return a connection on which nothing waits much longer than to the deadline: the other end may hang."""
    authkey = _authkey()
    if sys.platform == "win32":
        return Client(address, authkey=authkey)
    left = max(_SHORTEST_WAIT, deadline - time.monotonic())
    limit = struct.pack("ll", int(left), int(left % 1 * 1_000_000))
    with socket.socket(socket.AF_UNIX) as end:
        for way in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            end.setsockopt(socket.SOL_SOCKET, way, limit)
        end.connect(address)
        connection = Connection(end.detach())
    try:
        answer_challenge(connection, authkey)
        deliver_challenge(connection, authkey)
    except BaseException:  # whatever ends it, the socket is ours to close
        connection.close()
        raise
    return connection


def _authkey() -> bytes:
    key = user_key()
    if key is None:
        raise StoreUnavailableError("this user's key cannot be read or made")
    return sealer_authkey(key)
