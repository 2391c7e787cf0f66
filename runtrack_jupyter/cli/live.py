"""Requests to a living kernel, as silent execute requests on its main shell (the contract of `kernel.requests`)."""

import time
from pathlib import Path
from typing import Any

import click
import msgspec

from runtrack_jupyter import errors
from runtrack_jupyter.errors import NotTrackingError, RuntrackError

__all__ = ["ask_kernel"]

_LOOK = 0.5  # seconds between looks at the kernel's heart
_PATIENCE = 3.0  # seconds without a heartbeat that make a dead kernel
_KINDS: dict[str, type[RuntrackError]] = {
    each.kind: each
    for name in errors.__all__
    if isinstance(each := getattr(errors, name), type) and issubclass(each, RuntrackError)
}


class RefusedError(RuntrackError):
    """The kernel answered with an error that this version has no class for."""


def ask_kernel(kernel: str, request: dict[str, Any], *, timeout: float) -> dict[str, Any]:
    """Send one request to a kernel and return its result; a busy kernel is waited for, up to `timeout` seconds.

    `kernel` is a connection file, or a part of its name such as the kernel's id.

    Raises
    ------
    NotTrackingError
        No such kernel, a dead one, or one that does not record.
    RuntrackError
        What the kernel answered, as the same class as there.
    """
    from jupyter_client.blocking.client import (
        BlockingKernelClient,
    )  # a quarter of a second: only for living kernels
    from ulid import ULID

    client = BlockingKernelClient(connection_file=_connection_file(kernel))
    client.load_connection_file()
    client.start_channels(shell=True, iopub=False, stdin=False, hb=True, control=False)  # noqa: S604 # a channel
    try:
        return _answer(client, {"request_id": str(ULID()), **request}, time.monotonic() + timeout, kernel)
    finally:
        client.stop_channels()


def _connection_file(kernel: str) -> str:
    from jupyter_client.connect import find_connection_file

    if Path(kernel).is_file():
        return kernel
    try:
        return str(find_connection_file(kernel))
    except OSError as error:
        raise NotTrackingError(
            f"no kernel {kernel!r} is running here: give a connection file, or the id that `%connect_info` shows"
        ) from error


def _answer(client: Any, request: dict[str, Any], until: float, kernel: str) -> dict[str, Any]:
    text = msgspec.json.encode(request).decode()
    expression = (
        '__import__("runtrack_jupyter.kernel.requests", fromlist=["answer"])'
        f".answer({text!r})"  # a JSON text is printable, so its repr is a literal in every Python
    )
    while True:
        content = {
            "code": "",
            "silent": True,
            "store_history": False,
            "stop_on_error": False,
            "allow_stdin": False,
            "user_expressions": {"runtrack": expression},
        }
        message = client.session.msg("execute_request", content)
        client.shell_channel.send(message)
        reply = _reply_to(client, message["header"]["msg_id"], until, kernel)
        if reply["status"] != "aborted":
            return _result(reply)
        # It was behind a cell that failed. The same id again: what was done is not done twice.


def _reply_to(client: Any, msg_id: str, until: float, kernel: str) -> dict[str, Any]:
    from queue import Empty

    told, heard = False, time.monotonic()
    while True:
        try:
            message = client.get_shell_msg(timeout=_LOOK)
        except Empty:
            now = time.monotonic()
            heard = now if client.hb_channel.is_beating() else heard
            if now - heard > _PATIENCE:
                raise NotTrackingError(f"the kernel {kernel!r} does not answer: it is dead") from None
            if now > until:
                raise NotTrackingError(
                    "the kernel is still busy: try again when its cell has ended"
                ) from None
            if not told:
                click.echo("Waiting until the kernel is idle …", err=True)
                told = True
            continue
        if message["parent_header"].get("msg_id") == msg_id:
            content: dict[str, Any] = message["content"]
            return content


def _result(reply: dict[str, Any]) -> dict[str, Any]:
    said = reply.get("user_expressions", {}).get("runtrack", {})
    if said.get("status") == "error":
        if said.get("ename") in ("ModuleNotFoundError", "ImportError"):
            raise NotTrackingError("Runtrack is not installed in the environment of that kernel")
        raise RefusedError(f"the kernel failed to answer: {said.get('ename')}: {said.get('evalue')}")
    answer = said.get("data", {}).get("application/json")
    if not isinstance(answer, dict):
        raise NotTrackingError("that kernel gave no answer: is it a Python kernel with Runtrack?")
    if not answer.get("ok"):
        error = answer.get("error", {})
        kind = _KINDS.get(error.get("kind", ""), RefusedError)
        refusal = kind.__new__(kind)  # some classes make their sentence from facts; this one is made already
        Exception.__init__(refusal, error.get("message", ""))
        raise refusal
    result: dict[str, Any] = answer["result"]
    return result
