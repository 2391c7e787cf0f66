"""A real kernel to run cells in, the way a front end does."""

import json
import os
import queue
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.manager import KernelManager
from typing_extensions import Self

ANSWER = '__import__("runtrack_jupyter.kernel.requests", fromlist=["answer"]).answer({!r})'


def isolated_environment(home: Path, **extra: str) -> dict[str, str]:
    """Return an environment whose home, configuration, data and runtime folders are in `home`."""
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("JUPYTER", "JPY", "RUNTRACK", "PYTEST"))
    }
    folders = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "IPYTHONDIR": home / "ipython",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {**environment, **{key: str(folder) for key, folder in folders.items()}, **extra}


@dataclass
class Reply:
    """What came of one cell."""

    status: str
    content: dict[str, Any]
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything printed or shown as plain text."""
        return "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in self.outputs
        )


class LiveKernel:
    """One running kernel; leave it with ``with``."""

    def __init__(self, home: Path, cwd: Path, **environment: str) -> None:
        self.environment = isolated_environment(home, **environment)
        self.manager = KernelManager()
        self._cwd = cwd
        self._start()

    def _start(self) -> None:
        self.manager.kernel_spec.argv = [
            sys.executable,
            "-m",
            "ipykernel_launcher",
            "-f",
            "{connection_file}",
        ]
        self.manager.start_kernel(env=self.environment, cwd=str(self._cwd))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, *, now: bool = False) -> None:
        """End the kernel as a shutdown request does, or at once."""
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=now)

    def restart(self) -> None:
        """End this kernel and start a fresh one in its place."""
        self.stop()
        self.manager = KernelManager()
        self._start()

    @property
    def pid(self) -> int:
        """The process id of the kernel."""
        return int(self.manager.provisioner.process.pid)

    def send(self, code: str, *, cell_id: str | None = None, **content: Any) -> str:
        """Send an execute request and return its message id, without waiting."""
        request = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = self.client.session.msg("execute_request", {**request, **content})
        if cell_id is not None:
            message["metadata"] = {"cellId": cell_id}
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, *, cell_id: str | None = None, timeout: float = 60, **content: Any) -> Reply:
        """Execute a cell and wait for its reply and its outputs."""
        return self.wait(self.send(code, cell_id=cell_id, **content), timeout=timeout)

    def wait(self, message_id: str, timeout: float = 60) -> Reply:
        """Wait for what a sent request gives."""
        deadline = time.monotonic() + timeout
        while True:
            reply = self._next(self.client.get_shell_msg, deadline)
            if reply["parent_header"].get("msg_id") == message_id:
                break
        outputs: list[dict[str, Any]] = []
        while True:
            message = self._next(self.client.get_iopub_msg, deadline)
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind = message["msg_type"]
            if kind == "status" and message["content"]["execution_state"] == "idle":
                return Reply(reply["content"]["status"], reply["content"], outputs)
            if kind in {"stream", "display_data", "execute_result", "error", "update_display_data"}:
                outputs.append({"output_type": kind, **message["content"]})

    def _next(self, get: Callable[..., dict[str, Any]], deadline: float) -> dict[str, Any]:
        while True:
            # Asked before the look: the last words of a dead kernel count.
            dead = self.manager.provisioner.process.poll() is not None
            try:
                return get(timeout=0.2)
            except queue.Empty:
                if dead or time.monotonic() > deadline:
                    raise

    def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        """Send one of Runtrack's own requests, as the front end does, and return its answer."""
        expression = ANSWER.format(json.dumps({"request": request, **fields}))
        reply = self.run(
            "",
            silent=True,
            store_history=False,
            stop_on_error=False,
            user_expressions={"runtrack": expression},
        )
        answer: dict[str, Any] = reply.content["user_expressions"]["runtrack"]["data"]["application/json"]
        return answer

    def value(self, expression: str) -> Any:
        """Evaluate an expression without making a step, and return its JSON value."""
        code = f"__import__('json').dumps({expression})"
        reply = self.run("", silent=True, store_history=False, user_expressions={"value": code})
        shown = reply.content["user_expressions"]["value"]
        if shown["status"] != "ok":
            raise AssertionError(shown["evalue"])
        return json.loads(eval(shown["data"]["text/plain"]))  # the repr of the JSON text
