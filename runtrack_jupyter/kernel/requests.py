"""What a front end or the command line asks of the kernel, as silent execute requests on the main shell.

A request that waits behind a failing cell comes back aborted and is sent again, so each carries an id and is
answered once: asking again gives the same answer.
"""

from typing import Any

import msgspec

from runtrack_jupyter.errors import RuntrackError, UsageError
from runtrack_jupyter.kernel.current import require_current
from runtrack_jupyter.kernel.recorder import Recorder
from runtrack_jupyter.model import RunId

__all__ = ["Answer", "answer"]


class _Request(msgspec.Struct):
    request: str
    request_id: str = ""
    message: str = ""
    automatic: str = ""
    id: str = ""
    rebuild: bool | tuple[str, ...] = True


class Answer:
    """An answer as the execute reply carries it: JSON, and nothing to look at."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def __repr__(self) -> str:
        return msgspec.json.encode(self.content).decode()

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        return {"application/json": self.content, "text/plain": repr(self)}


def answer(text: str) -> Answer:
    """Do what the JSON in `text` asks for; failures are answers too."""
    try:
        request = msgspec.json.decode(text, type=_Request)
        result = _do(require_current(), request)
    except RuntrackError as error:
        return Answer({"ok": False, "error": {"kind": error.kind, "message": str(error)}})
    except msgspec.DecodeError as error:
        return Answer({"ok": False, "error": {"kind": UsageError.kind, "message": str(error)}})
    except Exception as error:  # noqa: BLE001  a failure of ours is an answer, never a traceback in the kernel
        message = f"{type(error).__name__}: {error}"
        return Answer({"ok": False, "error": {"kind": RuntrackError.kind, "message": message}})
    return Answer({"ok": True, "result": msgspec.to_builtins(result)})


def _do(recorder: Recorder, request: _Request) -> dict[str, Any]:
    match request.request:
        case "checkpoint":
            run = recorder.checkpoint(
                request.message, automatic=request.automatic, run_id=RunId(request.request_id) or None
            )
            run = msgspec.structs.replace(run, variables=(), components={})
            return {"run": run, "position": recorder.whereabouts()}
        case "restore":
            arrival = recorder.restore(
                request.id, rebuild=request.rebuild, request_id=RunId(request.request_id) or None
            )
            before = arrival.before and msgspec.structs.replace(arrival.before, variables=(), components={})
            return {
                "before": before,
                "restored": arrival.restored,
                "kept": arrival.kept,
                "removed": arrival.removed,
                "rebuilt": arrival.rebuilt,
                "gaps": arrival.gaps,
                "position": recorder.whereabouts(),
            }
        case "undo":
            arrival = recorder.undo(request_id=request.request_id or None)
            return {
                "step": arrival.step,
                "restored": arrival.restored,
                "rebuilt": arrival.rebuilt,
                "gaps": arrival.gaps,
                "position": recorder.whereabouts(),
            }
        case "status":
            return recorder.status()
        case "on":
            recorder.on()
            return recorder.status()
        case "off":
            recorder.off("paused for this notebook")
            return recorder.status()
    raise UsageError(f"a kernel is not asked for {request.request!r}")
