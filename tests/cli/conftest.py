"""What the tests of the command line share: a home of their own, and a store with a story."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from runtrack_jupyter.cli.app import root
from tests.cli.story import Story, tell

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    monkeypatch.delenv("RUNTRACK_STORE", raising=False)
    monkeypatch.setenv("HUB_TOKEN", "s3cr3t-token-value")


@pytest.fixture(name="story")
def _story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    story = tell(tmp_path / "project")
    monkeypatch.chdir(story.notebook.parent)
    yield story
    story.teller.end()


@pytest.fixture(name="runtrack")
def _runtrack(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command line in this process."""

    def call(*arguments: Any, columns: int = 80) -> Result:
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(root, [str(each) for each in arguments], prog_name="runtrack")

    return call
