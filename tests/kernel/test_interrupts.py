"""Ctrl-C at random moments of cells, captures and restores: nothing between, nothing wrong, and the next cell works."""

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.layout import user_key
from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import ANSWER, LiveKernel

# A night's worth: RUNTRACK_INTERRUPTS=500.
ROUNDS = int(os.environ.get("RUNTRACK_INTERRUPTS", "6"))

SETUP = """
import time, numpy as np
class Slow:
    def __init__(self, n): self.n = n
    def __reduce__(self):
        time.sleep(0.05)
        return Slow, (self.n,)
big = np.arange(2_000_000.0)
view = big[10:20]
docs = [{'n': n} for n in range(20_000)]
alias = docs[5]
slow = [Slow(0), Slow(1)]
names = ['a']
counter = 0
"""
CELL = """
counter += 1
big += 1
docs[5]['n'] += 1
slow = [Slow(counter), slow[0]]
names.append(str(counter))
new_{} = [alias, names]
"""
# What the user could ask: values, and who shares memory with whom.
PROBES = (
    "[counter, float(big[15]), float(big.sum()), float(view[0]), bool(np.shares_memory(big, view)),"
    " alias is docs[5], docs[5]['n'], sum(doc['n'] for doc in docs), [each.n for each in slow], names,"
    " sorted(name for name in globals() if name.startswith('new_')),"
    " all(value[0] is alias and value[1] is names for name, value in globals().items() if name.startswith('new_'))]"
)


def interrupt(kernel: LiveKernel, after: float, code: str, **content: Any) -> None:
    """Send a request, press Ctrl-C after a while, wherever the kernel is by then, and wait until it is idle.

    Not for the reply: between the hooks and the reply it is ipykernel that Ctrl-C hits, which then sends none.
    """
    sent = kernel.send(code, **content)
    time.sleep(after)
    os.kill(kernel.pid, signal.SIGINT)
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        if (
            message["parent_header"].get("msg_id") == sent
            and message["content"].get("execution_state") == "idle"
        ):
            return


def head(kernel: LiveKernel) -> str:
    return str(kernel.value("__import__('runtrack_jupyter').steps()[-1].step_id"))


def restore(kernel: LiveKernel, step_id: str) -> dict[str, Any]:
    return kernel.ask("restore", request_id=str(ULID()), id=step_id)


def interrupt_restore(kernel: LiveKernel, after: float, step_id: str) -> None:
    request = json.dumps({"request": "restore", "request_id": str(ULID()), "id": step_id})
    expression = ANSWER.format(request)
    interrupt(kernel, after, "", silent=True, store_history=False, user_expressions={"runtrack": expression})


@pytest.mark.timeout(60 + 20 * ROUNDS)
def test_whenever_ctrl_c_comes_every_step_is_exact_and_the_next_cell_works(
    start_kernel: StartKernel, record: ReadRecord, folder: Path
) -> None:
    """During the cell, while large data is copied and slow objects are saved, and while a step is restored."""
    chance = random.Random()
    kernel = start_kernel()
    kernel.run(SETUP)
    began = time.perf_counter()
    kernel.run(CELL.format("x"))
    span = 1.5 * (time.perf_counter() - began)
    states: dict[str, Any] = {head(kernel): kernel.value(PROBES)}

    for number in range(ROUNDS):
        interrupt(kernel, chance.uniform(0, span), CELL.format(number))
        step_id = head(kernel)
        assert kernel.run("1 + 1").text == "2"
        states[step_id] = states[head(kernel)] = kernel.value(PROBES)
        if number % 2:
            now, then = kernel.value(PROBES), chance.choice(list(states))
            interrupt_restore(kernel, chance.uniform(0, span), then)
            assert kernel.value(PROBES) in (now, states[then]), "as it was or as asked for"
            assert kernel.run("1 + 1").text == "2"
            states[head(kernel)] = kernel.value(PROBES)

    kernel.run("import runtrack_jupyter as rt; rt.flush()")
    findings = fsck(folder / ".runtrack", user_key(create=False))
    assert [finding for finding in findings if finding.severity == "error"] == []
    assert all(step.status != "running" for step in record().steps()[:-1])
    fresh = start_kernel()
    fresh.run("import numpy as np")
    for step_id, expected in chance.sample(list(states.items()), min(len(states), ROUNDS)):
        for each in (kernel, fresh):
            answer = restore(each, step_id)
            assert answer["ok"], answer
            assert answer["result"]["gaps"] == []
            assert each.value(PROBES) == expected
