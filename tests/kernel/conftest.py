from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_key
from tests.kernel.livekernel import LiveKernel

StartKernel = Callable[..., LiveKernel]


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture(name="start_kernel")
def _start_kernel(home: Path, folder: Path) -> Iterator[StartKernel]:
    """Start kernels that share a home and a folder, and stop them all at the end."""
    with ExitStack() as stack:

        def start(**environment: str) -> LiveKernel:
            return stack.enter_context(LiveKernel(home, folder, **environment))

        yield start


@pytest.fixture(name="kernel")
def _kernel(start_kernel: StartKernel) -> LiveKernel:
    return start_kernel()


ReadRecord = Callable[[], History]


@pytest.fixture(name="record")
def _record(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ReadRecord:
    """Read what is on disk, from outside the kernel."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(home / "data"))

    def read() -> History:
        history = History([folder / ".runtrack"], user_key(create=False))
        history.refresh()
        return history

    return read
