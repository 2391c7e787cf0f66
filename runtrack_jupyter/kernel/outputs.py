"""What a cell showed: the messages on their way to the front ends, matched to steps by parent id.

This is the one seam where every output passes: printed text, writes to file descriptors by child processes,
results of ``await`` cells, and what arrives long after the cell has ended.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["OutputSink", "watch_outputs"]

logger = logging.getLogger("runtrack_jupyter")

_SHOWN = frozenset(
    {"stream", "display_data", "execute_result", "error", "update_display_data", "clear_output"}
)


class OutputSink(Protocol):
    """Takes the nbformat outputs of steps; called in whichever thread sends them."""

    def __call__(
        self, key: str, output: dict[str, Any] | None, *, replaces: str = "", clear: bool = False
    ) -> None:
        """Take one output of the request `key`."""


def watch_outputs(session: Any, sink: OutputSink) -> Callable[[], None]:
    """Let `sink` see every output that `session` (a `jupyter_client.session.Session`) sends; return what stops it."""
    send = session.send
    observe = _Observer(sink)

    def send_and_observe(*args: Any, **kwargs: Any) -> Any:
        message = send(*args, **kwargs)
        try:
            if message is not None and message["header"]["msg_type"] in _SHOWN:
                observe(message)
        except Exception:
            logger.debug("an output was not recorded", exc_info=True)
        return message

    session.send = send_and_observe

    def stop() -> None:
        session.send = send

    return stop


class _Observer:
    """Turns messages into nbformat outputs; remembers which requests wait to be cleared."""

    def __init__(self, sink: OutputSink) -> None:
        self._sink = sink
        self._clear_next: set[str] = set()

    def __call__(self, message: dict[str, Any]) -> None:
        key = (message.get("parent_header") or {}).get("msg_id", "")
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "clear_output":
            if content.get("wait"):
                self._clear_next.add(key)
            else:
                self._sink(key, None, clear=True)
            return
        display_id = (content.get("transient") or {}).get("display_id", "")
        clear = key in self._clear_next
        self._clear_next.discard(key)
        self._sink(
            key,
            _as_output(kind, content, display_id),
            replaces=display_id if kind == "update_display_data" else "",
            clear=clear,
        )


def _as_output(kind: str, content: dict[str, Any], display_id: str) -> dict[str, Any]:
    if kind == "stream":
        return {"output_type": "stream", "name": content["name"], "text": content["text"]}
    if kind == "error":
        return {
            "output_type": "error",
            "ename": content["ename"],
            "evalue": content["evalue"],
            "traceback": list(content["traceback"]),
        }
    output: dict[str, Any] = {
        "output_type": "display_data" if kind == "update_display_data" else kind,
        "data": dict(content["data"]),
        "metadata": dict(content.get("metadata") or {}),
    }
    if kind == "execute_result":
        output["execution_count"] = content.get("execution_count")
    if display_id:
        output["transient"] = {"display_id": display_id}
    return output
