"""A real server with the extension loaded as users get it."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.asking import Ask, Fetch


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
