"""The checker: has a worker try each component, within limits, and puts on record what does not come back.

``python -m runtrack_jupyter.tracking.roundtrip.checker STORE SECONDS``, a child of the kernel. It reads jobs from standard
input, and ends when there was nothing to do for a while, and at once when the kernel is gone; only a kernel that
ended in order and said so (an empty line) leaves it a little time for what is left.
"""

import contextlib
import os
import queue
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from threading import Thread

import msgspec

from runtrack_jupyter.errors import StoreUnavailableError
from runtrack_jupyter.model import Gap
from runtrack_jupyter.store.events import EventLog, GapFound
from runtrack_jupyter.tracking.roundtrip.messages import Answer, Found, Job, Loss, encode_line

__all__ = ["main"]

_IDLE_SECONDS = 60.0
_LAST_SECONDS = 60.0  # after the kernel has ended
_MOST_MEMORY = 1 << 30  # of a worker between two components: beyond, another one begins anew
_SHARE_OF_MEMORY = 4  # a component that needs more than this part of what is free is not loaded
_MOST_WORDS = 3


class _WorkerEndedError(Exception):
    """Loading a component ended the process that did it."""

    def __init__(self, code: int) -> None:
        super().__init__(
            f"loading it ends the process ({f'signal {-code}' if code < 0 else f'status {code}'})"
        )


class _Worker:
    """The process that loads; another one after it was killed or died."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._child: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def ask(self, job: Job, seconds: float) -> Answer | str:
        """Return the answer, or in words why there is none.

        Raises
        ------
        _WorkerEndedError
            The component took the whole process with it.
        """
        child = self._running()
        try:
            if child.stdin is not None:
                child.stdin.write(encode_line(job))
                child.stdin.flush()
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self.end()
            return f"it took longer than {seconds:.0f} s"
        except OSError:
            line = b""
        if not line:
            code = child.wait()
            self._child = None
            raise _WorkerEndedError(code)
        answer = msgspec.json.decode(line, type=Answer)
        if answer.memory > _MOST_MEMORY:
            self.end()
        return answer

    def end(self) -> None:
        """Kill it, whatever it is at."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            environment.pop("DISPLAY", None)
            self._child = subprocess.Popen(
                [sys.executable, "-m", "runtrack_jupyter.tracking.roundtrip.worker", str(self._store)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._store,
                env=environment,
            )
            self._lines = queue.SimpleQueue()
            Thread(target=_read_lines, args=(self._child, self._lines), daemon=True).start()
        return self._child


def _read_lines(child: subprocess.Popen[bytes], lines: "queue.SimpleQueue[bytes]") -> None:
    if child.stdout is not None:
        for line in child.stdout:
            lines.put(line)
    lines.put(b"")  # it has ended


class _Checker:
    """Jobs in, findings on record."""

    def __init__(self, store: Path, seconds: float) -> None:
        self._seconds = seconds  # for one component
        self._worker = _Worker(store)
        self._events = EventLog(store)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._deadline: float | None = None

    def read(self) -> None:
        """Take jobs from the kernel until it is gone; without its farewell nothing goes on."""
        for line in sys.stdin.buffer:
            if line.strip():
                self._jobs.put(msgspec.json.decode(line, type=Job))
            else:
                self._deadline = time.monotonic() + _LAST_SECONDS
                self._jobs.put(None)
        if self._deadline is None:
            self._worker.end()
            os._exit(0)

    def run(self) -> None:
        """Work until there is nothing more to do."""
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                break
            if job is None:
                break
            self._settle(job)
        self._worker.end()

    def _settle(self, job: Job) -> None:
        found = self._found(job)
        now = datetime.now(timezone.utc)
        try:
            for gap in found.gaps:
                self._events.append(GapFound(at=now, gap=gap, component_id=job.component_id))
        except StoreUnavailableError:
            return  # nobody is told of what is not on record
        with contextlib.suppress(OSError):  # the kernel may have ended
            sys.stdout.buffer.write(encode_line(found))
            sys.stdout.buffer.flush()

    def _found(self, job: Job) -> Found:
        if job.size * 3 > _free_memory() // _SHARE_OF_MEMORY:
            return _unchecked(job, "there is not enough free memory for another copy of it")
        seconds = self._seconds
        if self._deadline is not None:
            seconds = min(seconds, max(0.1, self._deadline - time.monotonic()))
        try:
            answer = self._worker.ask(job, seconds)
        except _WorkerEndedError as error:
            return _marked(job, "unloadable", str(error))
        if isinstance(answer, str):
            return _unchecked(job, answer)
        outcome = answer.outcome
        if outcome.unknown:
            return _unchecked(job, outcome.unknown)
        if outcome.error and answer.refused:
            return _unchecked(
                job, f"loading it would {' and '.join(answer.refused)}, which a check must not do"
            )
        if outcome.error:
            return _marked(job, "unloadable", f"it cannot be loaded in a fresh kernel: {outcome.error}")
        if not outcome.findings:
            return Found(job.component_id)
        said = [each.words for each in outcome.findings]
        more = f" and {len(said) - _MOST_WORDS} more" if len(said) > _MOST_WORDS else ""
        found = _marked(job, "differs", "; ".join(said[:_MOST_WORDS]) + more)
        losses = tuple(
            Loss(each.type, each.part, each.words, each.came_back) for each in outcome.findings if each.type
        )
        return msgspec.structs.replace(found, losses=losses)


def _unchecked(job: Job, why: str) -> Found:
    return _marked(job, "unchecked", f"whether it comes back as it was is not known: {why}")


def _marked(job: Job, kind: str, reason: str) -> Found:
    roots = [root for root in job.roots if not root.startswith("@")] or list(job.roots)
    gaps = [msgspec.convert({"subject": root, "kind": kind, "reason": reason}, Gap) for root in roots]
    return Found(job.component_id, tuple(gaps))


def _free_memory() -> int:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return 8 << 30  # not told: what most machines have
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(fields.get("MemAvailable", "8388608 kB").split()[0]) << 10


def _stand_back() -> None:
    """Leave the processor to whoever else wants it."""
    if hasattr(os, "nice"):
        os.nice(19)
    # ● Where Linux shares processors among sessions first, the niceness of a process counts within its own only.
    # A tenth of what others get: with less, nothing would be found beside a long training.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("10", encoding="ascii")


def main(arguments: list[str]) -> int:
    """Check what the kernel at the other end of standard input asks for."""
    _stand_back()
    checker = _Checker(Path(arguments[0]), float(arguments[1]))
    Thread(target=checker.read, name="runtrack-jobs", daemon=True).start()
    checker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
