"""The private way of a live document from the server to the sealer: no unredacted document touches the disk."""

import contextlib
import time
from collections.abc import Callable
from multiprocessing.connection import Client, Listener
from pathlib import Path
from threading import Thread

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import RunId, SessionId
from runtrack_jupyter.store.layout import sealer_address, sealer_authkey, user_key

__all__ = ["listen_for_documents", "send_document"]

_RETRY_EVERY = 0.1


def send_document(session_id: str, run_id: str, document: bytes, timeout: float = 5.0) -> None:
    """Hand the document of a run to the sealer of its session; blocks until the sealer has it.

    Raises
    ------
    StoreUnavailableError
        No sealer of that session answered within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    address = sealer_address(SessionId(session_id))
    while True:
        try:
            with Client(address, authkey=_authkey()) as connection:
                connection.send_bytes(run_id.encode())
                connection.send_bytes(document)
                connection.recv_bytes(16)  # the sealer holds it: only now may we forget it
                return
        except (OSError, EOFError) as error:
            if time.monotonic() >= deadline:
                raise StoreUnavailableError(f"no sealer of session {session_id} answered") from error
            time.sleep(_RETRY_EVERY)


def listen_for_documents(
    session_id: SessionId, receive: Callable[[RunId, bytes], None]
) -> Callable[[], None]:
    """Accept documents for the runs of a session in a thread; return what stops it.

    The socket lies in a folder that only this user can enter, and both ends prove that they know the user's key.
    """
    address = sealer_address(session_id)
    with contextlib.suppress(OSError):
        Path(address).unlink()  # left by a sealer that was killed
    listener = Listener(address, authkey=_authkey())

    def serve() -> None:
        while True:
            try:
                with listener.accept() as connection:
                    run_id = RunId(connection.recv_bytes(64).decode())
                    receive(run_id, connection.recv_bytes())
                    connection.send_bytes(b"ok")
            except (EOFError, ConnectionError, UnicodeDecodeError):
                continue  # a client that went away, or that was none of ours
            except OSError:
                return  # closed

    Thread(target=serve, name="runtrack-documents", daemon=True).start()
    return listener.close


def _authkey() -> bytes:
    key = user_key()
    if key is None:
        raise StoreUnavailableError("this user's key cannot be read or made")
    return sealer_authkey(key)
