"""What the tests of the store share: a key, an empty store, and a session to write."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ulid import ULID

from runtrack_jupyter.model import Author, Session, SessionId
from runtrack_jupyter.store.segment import SegmentWriter

KEY = bytes(range(32))
T0 = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)


def new_session(session_id: str = "", **fields: object) -> Session:
    """Return a session with a fresh id."""
    return Session(
        session_id=SessionId(session_id or str(ULID())),
        started_at=T0,
        author=Author(name="ada"),
        python="3.11.7",
        executable="/usr/bin/python3",
        platform="linux",
        **fields,  # type: ignore[arg-type]  # a test names only what it is about
    )


def at(seconds: float) -> datetime:
    """Return a moment of the tests' day."""
    return T0 + timedelta(seconds=seconds)


@pytest.fixture(name="key")
def _key() -> bytes:
    return KEY


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    return tmp_path / "notebooks" / ".runtrack"


@pytest.fixture(name="session")
def _session() -> Session:
    return new_session()


@pytest.fixture(name="writer")
def _writer(store: Path, session: Session, key: bytes) -> Iterator[SegmentWriter]:
    writer = SegmentWriter(store, session, key)
    yield writer
    writer.close()


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the key and the list of stores of whoever runs the tests out of them."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
