"""One real kernel in a home of its own, and what it costs: time, processor, memory.

Costs are read from ``/proc``: this runs on Linux.
"""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from benchmarks.warmth import Warmth

__all__ = ["Kernel", "LostKernelError", "Turn", "can_import"]

HERE = Path(__file__).resolve().parent
_QUIET_SHARE = 0.1  # of one processor, over a look of _LOOK_SECONDS
_LOOK_SECONDS = 0.02


class LostKernelError(Exception):
    """The kernel did not answer in time, or died."""


@dataclass(frozen=True)
class Turn:
    """One execute request: the seconds until its reply, and how it ended."""

    seconds: float
    status: str
    content: dict[str, Any]

    @property
    def error(self) -> str:
        """What went wrong, or nothing."""
        return "" if self.status == "ok" else "\n".join(self.content.get("traceback", [self.status]))


class Kernel:
    """A kernel with nothing of whoever runs the benchmark in it.

    `extensions` are what IPython loads by itself at the start; none is loaded besides. `warmth` is the memory that
    is lent to whatever it executes.
    """

    def __init__(
        self, home: Path, work: Path, *, python: str = sys.executable, extensions: Sequence[str] = ()
    ) -> None:
        self._ours = Path(tempfile.mkdtemp(prefix="bench-"))  # a socket's path must be short
        address = self._ours / "socket"
        self.work = work
        self._manager = KernelManager(connection_file=str(home / "runtime" / f"kernel-{uuid.uuid4()}.json"))
        self._manager.kernel_spec.argv = [
            *(python, str(HERE / "inkernel" / "launch.py"), str(address), "-f", "{connection_file}"),
            f"--InteractiveShellApp.extra_extensions={list(extensions)}",
        ]
        work.mkdir(parents=True, exist_ok=True)
        self.environment = _environment(home)
        self._log = (home / "kernel.log").open("ab")
        began = time.perf_counter()
        self._manager.start_kernel(env=self.environment, cwd=str(work), stderr=self._log)
        self.pid = int(self._manager.provisioner.process.pid)
        _keep_nice(self.pid)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        self.started_in = time.perf_counter() - began
        self._asking = socket.socket(socket.AF_UNIX)
        self._asking.connect(str(address))
        self._stream = self._asking.makefile("rw", encoding="utf-8")
        self.peak = 0
        self.looking = 0.0  # processor seconds that our own looks took
        self.warmth = Warmth(0)

    def run(self, code: str, *, timeout: float = 600, silent: bool = False) -> Turn:
        """Execute a cell as Run does; a silent one is not counted and calls nobody's hooks.

        Raises
        ------
        LostKernelError
            No reply came within `timeout` seconds.
        """
        return self._request(code, timeout, {}, silent=silent)

    def ask(self, expression: str, *, timeout: float = 600) -> Turn:
        """Evaluate an expression as a front end asks for things: silently, on the main shell; see `run`."""
        return self._request("", timeout, {"answer": expression}, silent=True)

    def look(self, expressions: Sequence[str]) -> dict[str, str]:
        """Return what expressions give, behind the back of every system."""
        seen: dict[str, str] = self._inquire(ask="look", expressions=list(expressions))
        return seen

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, behind the back of every system."""
        return self._inquire(ask="evaluate", expression=expression)

    def floor(self) -> int:
        """Return the bytes of the floor, with the state of now in it."""
        return int(self._inquire(ask="floor"))

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Keep what happens inside out of the peak."""
        self.note_peak()
        yield
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def note_peak(self) -> None:
        """Remember the largest memory the process had since the last call."""
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{self.pid}/status").read_text()
            self.peak = max(self.peak, int(status.split("VmHWM:")[1].split()[0]) << 10)

    def processor(self) -> float:
        """Return the processor seconds of the kernel and its children, without those of our looks."""
        return _processor_ns(self.pid)[0] / 1e9 - self.looking

    def settle(self, limit: float = 60.0) -> float:
        """Wait until nothing works in the background; return the seconds that took."""
        began = time.perf_counter()
        before, _ = _processor_ns(self.pid)
        while (waited := time.perf_counter() - began) < limit:
            time.sleep(_LOOK_SECONDS)
            now, waits_for_disk = _processor_ns(self.pid)
            if now - before < _QUIET_SHARE * _LOOK_SECONDS * 1e9 and not waits_for_disk:
                return waited
            before = now
        return limit

    def stop(self, *, now: bool = False) -> None:
        """End it in order, or at once."""
        for closing in (self._stream, self._asking):
            with contextlib.suppress(OSError):
                closing.close()
        self._client.stop_channels()
        children = _children_of(self.pid)
        if self._manager.has_kernel:
            self._manager.shutdown_kernel(now=now)
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)  # a child may still be writing where we are about to look, or to remove
        self._log.close()
        shutil.rmtree(self._ours, ignore_errors=True)

    def _request(self, code: str, timeout: float, expressions: dict[str, str], *, silent: bool) -> Turn:
        with self.warmth.lent():
            return self._answered(code, timeout, expressions, silent=silent)

    def _answered(self, code: str, timeout: float, expressions: dict[str, str], *, silent: bool) -> Turn:
        began = time.perf_counter()
        asked = self._client.execute(
            code, silent=silent, store_history=not silent, user_expressions=expressions, stop_on_error=False
        )
        while True:
            try:
                reply = self._client.get_shell_msg(timeout=min(1.0, timeout))
            except queue.Empty:
                if self._manager.provisioner.process.poll() is not None:
                    raise LostKernelError("the kernel died") from None
                if time.perf_counter() - began > timeout:
                    raise LostKernelError(f"more than {timeout:.0f} s") from None
                continue
            if reply["parent_header"].get("msg_id") == asked:
                break
        took = time.perf_counter() - began
        self._drain(asked)
        return Turn(took, reply["content"]["status"], reply["content"])

    def _drain(self, asked: str) -> None:
        """Read what the cell printed, so that nothing queues up."""
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._client.get_iopub_msg(timeout=5)
                if message["parent_header"].get("msg_id") != asked or message["msg_type"] != "status":
                    continue
                if message["content"]["execution_state"] == "idle":
                    return

    def _inquire(self, **request: Any) -> Any:
        self._stream.write(json.dumps(request) + "\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise LostKernelError("the kernel died")
        reply = json.loads(line)
        self.looking += reply["cpu"]
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["ok"]


def _keep_nice(pid: int) -> None:
    """Give a kernel the priority of the benchmark.

    It is a session of its own, and Linux may share the processors among sessions first: then nothing but this makes
    a benchmark that runs beside other work with ``nice -n -15`` run before it.
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(os.nice(0)))


def _environment(home: Path) -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY", "RUNTRACK", "IPYTHON", "KISHU"))
    }
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
        "KISHU_PATH_ROOT": home,
    }
    for name, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        environment[name] = str(folder)
    return environment


def _children_of(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            children += [int(child) for child in (task / "children").read_text().split()]
    return children


def _processor_ns(pid: int) -> tuple[int, bool]:
    """Return the processor time of a process and its children so far, and whether a thread waits for the disk."""
    total, waiting = 0, False
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError, IndexError):
            total += int((task / "schedstat").read_text().split()[0])
            waiting = waiting or (task / "stat").read_text().rpartition(")")[2].split()[0] == "D"
    for child in _children_of(pid):
        more, also_waiting = _processor_ns(child)
        total, waiting = total + more, waiting or also_waiting
    return total, waiting


def can_import(python: str, module: str) -> bool:
    """Say whether that Python finds a module."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
