"""Live documents on their way from the browser to the sealer: in memory only, few, and not for long."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError

import msgspec

from runtrack_jupyter.errors import StoreUnavailableError, TooLargeError, UsageError
from runtrack_jupyter.tracking.handover import send_document

__all__ = ["LiveDocuments"]

logger = logging.getLogger("runtrack_jupyter")

_SIZE_LIMIT = 200_000_000
_COUNT_LIMIT = 8
_LIFETIME = 60.0  # seconds; by then the sealer has gone on without it
_ATTEMPT = 5.0
_PAUSE = 0.5

Send = Callable[[str, str, bytes, float], None]


class _Shape(msgspec.Struct):
    """What must be there for a body to be a notebook; the cells are checked by the sealer."""

    nbformat: int
    cells: list[msgspec.Raw]


class LiveDocuments:
    """Takes documents and hands each to the sealer of its session, trying again until it is there or too old."""

    def __init__(
        self,
        send: Send = send_document,
        *,
        size_limit: int = _SIZE_LIMIT,
        count_limit: int = _COUNT_LIMIT,
        lifetime: float = _LIFETIME,
    ) -> None:
        self._send = send
        self._size_limit = size_limit
        self._count_limit = count_limit
        self._lifetime = lifetime
        self._held: dict[str, bytes] = {}  # by run id
        self._tasks: set[asyncio.Task[None]] = set()
        # A thread for each document that may be held: one whose sealer is gone delays no other.
        self._threads = ThreadPoolExecutor(count_limit, thread_name_prefix="runtrack-live")

    @property
    def held(self) -> int:
        """How many documents are in memory."""
        return len(self._held)

    async def take(self, session_id: str, run_id: str, document: bytes) -> None:
        """Hold a document and start handing it over; a second one for the same run replaces the first.

        Raises
        ------
        UsageError
            That is no notebook, or it is too large.
        StoreUnavailableError
            Too many are held already.
        """
        if len(document) > self._size_limit:
            raise TooLargeError("the document", len(document), self._size_limit)
        if run_id not in self._held and len(self._held) >= self._count_limit:
            raise StoreUnavailableError("too many documents wait for their sealers; the run is made without")
        await asyncio.get_running_loop().run_in_executor(self._threads, _check, document)
        is_new = run_id not in self._held
        self._held[run_id] = document
        if is_new:
            task = asyncio.create_task(self._hand_over(session_id, run_id))
            self._tasks.add(task)  # the loop itself keeps only a weak reference
            task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, session_id: str, run_id: str) -> None:
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + self._lifetime
        try:
            while not await loop.run_in_executor(self._threads, self._attempt, session_id, run_id):
                if time.monotonic() >= deadline:
                    logger.warning("the live document of run %s was not fetched by its sealer", run_id)
                    return
                await asyncio.sleep(_PAUSE)
        finally:
            self._held.pop(run_id, None)

    def _attempt(self, session_id: str, run_id: str) -> bool:
        document = self._held[run_id]
        try:
            self._send(session_id, run_id, document, min(_ATTEMPT, self._lifetime))
        except (StoreUnavailableError, AuthenticationError):
            return False  # nobody there, or somebody with another key: not the sealer of this user
        return self._held[run_id] is document  # else a later one came meanwhile


def _check(document: bytes) -> None:
    try:
        shape = msgspec.json.decode(document, type=_Shape)
    except msgspec.DecodeError as error:
        raise UsageError(f"that is not a notebook: {error}") from error
    if shape.nbformat != 4:
        raise UsageError(f"notebooks of format {shape.nbformat} are not taken; 4 is")
