"""A real server with the extension loaded as users get it."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runtrack_jupyter.errors import StoreUnavailableError
from tests.server.asking import Ask, Fetch
from tests.server.recorder import Recorder

Record = Callable[..., Recorder]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"runtrack_jupyter": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNTRACK_DISABLE", "RUNTRACK_STORE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def ask(jp_fetch: Fetch) -> Ask:
    return Ask(jp_fetch)


@pytest.fixture
def root(jp_root_dir: Path) -> Path:
    return jp_root_dir


@pytest.fixture
def record(root: Path, jp_environ: None) -> Iterator[Record]:
    made: list[Recorder] = []

    def start(path: str = "a.ipynb", **options: Any) -> Recorder:
        notebook = root / path
        recorder = Recorder(
            options.pop("store", notebook.parent / ".runtrack"), notebook=notebook, cwd=root, **options
        )
        made.append(recorder)
        return recorder

    yield start
    for recorder in made:
        with contextlib.suppress(StoreUnavailableError):  # a test may have damaged it
            recorder.close()
