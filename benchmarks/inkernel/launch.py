"""A kernel that can be asked about its variables without being asked to run anything.

``python launch.py <socket> [--hook module] <arguments of ipykernel>`` starts what ``python -m ipykernel_launcher``
starts, and a thread that answers on a socket. Systems that record kernels see neither requests nor cells of ours:
what a benchmark asks must not make them look at an object that they would have missed.
"""

import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent.parent))
sys.path[0] = ""  # as with ``-m``: not this folder but the working directory

from benchmarks.inkernel.floor import Floor
from benchmarks.inkernel.looking import evaluate, look


def answer(request: dict[str, Any], floor: Floor) -> Any:
    """Return what one request asks for."""
    match request["ask"]:
        case "look":
            return look(request["expressions"])
        case "evaluate":
            return evaluate(request["expression"])
        case "floor":
            return floor.add_state()
    raise ValueError(request["ask"])


def serve(listener: socket.socket) -> None:
    """Answer one benchmark, a JSON line for a JSON line, as long as it asks."""
    floor = Floor()
    connection, _ = listener.accept()
    with connection, connection.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            began = time.thread_time()
            try:
                reply = {"ok": answer(json.loads(line), floor)}
            except Exception as error:  # noqa: BLE001  what a probe meets is for the benchmark to judge
                reply = {"error": f"{type(error).__name__}: {error}"}
            stream.write(json.dumps({**reply, "cpu": time.thread_time() - began}) + "\n")
            stream.flush()


def main() -> None:
    """Listen, then be a kernel."""
    address = sys.argv.pop(1)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(1)
    threading.Thread(target=serve, args=(listener,), name="benchmark", daemon=True).start()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
