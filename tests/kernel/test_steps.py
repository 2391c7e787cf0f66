"""Each execution of a cell is a step, whatever the cell does."""

import time
from pathlib import Path

import pytest

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel


def test_cells_are_recorded_in_the_order_in_which_they_ran(kernel: LiveKernel, record: ReadRecord) -> None:
    """Any order, edited and run again: the record follows execution, not the document."""
    kernel.run("b = 2", cell_id="second")
    kernel.run("a = 1", cell_id="first")
    kernel.run("b = 3", cell_id="second")
    assert kernel.ask("status")["ok"]
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    steps = record().steps()

    assert [(step.cell_id, step.source, step.sequence) for step in steps[:3]] == [
        ("second", "b = 2", 1),
        ("first", "a = 1", 2),
        ("second", "b = 3", 3),
    ]
    assert [step.changed for step in steps[:3]] == [("b",), ("a",), ("b",)]
    assert steps[1].parent_step == steps[0].step_id
    assert all(step.captured for step in steps[:3])


def test_a_step_tells_how_it_ended_and_what_it_touched(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run("x = 1\ny = [x]")
    kernel.run("y.append(x); del x")
    kernel.run("1 / 0")
    kernel.run("def broken(:")
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    made, mutated, failed, broken = record().steps()[:4]

    assert set(made.names.written) == {"x", "y"}
    assert "y" in mutated.names.read
    assert mutated.changed == ("y",)
    assert mutated.deleted == ("x",)
    assert (failed.status, failed.error) == ("error", "ZeroDivisionError: division by zero")
    assert broken.status == "error"
    assert broken.names.opaque == "syntax"


OUTPUTS = {
    "printed": ("print('hello')", "stream", "hello"),
    "result": ("6 * 7", "execute_result", "42"),
    "display": ("from IPython.display import display; display('shown')", "display_data", "'shown'"),
    "child": ("!echo from a child", "stream", "from a child"),
    "descriptor": ("import os; os.write(1, b'raw bytes\\n'); None", "stream", "raw bytes"),
    "awaited": ("import asyncio; await asyncio.sleep(0.01); print('awaited')", "stream", "awaited"),
    "error": ("raise KeyError('PAY_0')", "error", "PAY_0"),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_outputs_are_recorded_as_shown(kind: str, kernel: LiveKernel, record: ReadRecord) -> None:
    source, output_type, text = OUTPUTS[kind]
    kernel.run(source)
    time.sleep(0.3)  # bytes written to a descriptor are picked up by a thread of the kernel
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    (output,) = record().steps()[0].outputs

    assert output["output_type"] == output_type
    assert text in str(output)


def test_an_output_that_comes_after_its_cell_still_belongs_to_it(
    kernel: LiveKernel, record: ReadRecord
) -> None:
    kernel.run("import asyncio\nasync def late():\n    await asyncio.sleep(0.2)\n    print('late')")
    kernel.run("task = asyncio.ensure_future(late())")
    time.sleep(0.6)
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    assert "late" in str(record().steps()[1].outputs)


def test_what_is_cleared_and_updated_is_recorded_as_it_ended(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run(
        "from IPython.display import clear_output, display\n"
        "print('gone')\nclear_output()\n"
        "handle = display('before', display_id=True)\nhandle.update('after')"
    )
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    outputs = record().steps()[0].outputs

    assert [output["data"]["text/plain"] for output in outputs] == ["'after'"]


def test_only_what_a_user_executes_is_a_step(kernel: LiveKernel, record: ReadRecord) -> None:
    """Silent requests and user expressions are no steps, but what they change is found."""
    kernel.run("items = []")
    kernel.run("items.append(1)", silent=True, store_history=False)
    kernel.run("pass", store_history=False)
    kernel.run("seen = len(items)")
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    steps = record().steps()

    assert [step.source for step in steps[:2]] == ["items = []", "seen = len(items)"]
    assert steps[1].changed == ("seen",)
    assert kernel.ask("undo", request_id="01JD00000000000000000000A1")["ok"]
    assert kernel.ask("undo", request_id="01JD00000000000000000000A2")["ok"]
    assert kernel.value("items") == [1], "the change between the two steps belongs to neither"


def test_a_cell_that_kills_the_kernel_is_on_record(
    start_kernel: StartKernel, record: ReadRecord, folder: Path
) -> None:
    kernel = start_kernel()
    kernel.run("kept = 1")
    kernel.run("import runtrack_jupyter as rt; rt.flush()")
    kernel.send("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    deadline = time.monotonic() + 20
    while kernel.manager.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not kernel.manager.is_alive()

    last = record().steps()[-1]

    assert last.source.startswith("import os, signal")
    assert last.status == "died"
    assert any(gap.kind == "lost" for gap in last.gaps)


def test_an_interrupted_cell_is_recorded_as_interrupted(kernel: LiveKernel, record: ReadRecord) -> None:
    sent = kernel.send("import time\nbefore = 1\ntime.sleep(30)\nafter = 1")
    time.sleep(1.5)
    kernel.manager.interrupt_kernel()
    reply = kernel.wait(sent)
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    step = record().steps()[0]

    assert reply.status == "error"
    assert step.status == "interrupted"
    assert "before" in step.changed
    assert "after" not in step.changed


def test_an_interrupted_await_is_recorded_as_interrupted(kernel: LiveKernel, record: ReadRecord) -> None:
    sent = kernel.send("import asyncio\nawait asyncio.sleep(30)")
    time.sleep(1.5)
    kernel.manager.interrupt_kernel()
    kernel.wait(sent)
    kernel.run("import runtrack_jupyter as rt; rt.flush()")

    assert record().steps()[0].status == "interrupted"


def test_ctrl_c_during_the_capture_stops_the_cells_that_wait(kernel: LiveKernel, record: ReadRecord) -> None:
    """The user pressed it to stop Run All: ours is abandoned, the queue stops, and the gap is named."""
    kernel.run(
        "import time\n"
        "class Slow:\n"
        "    def __reduce__(self):\n"
        "        time.sleep(20)\n"
        "        return (Slow, ())\n"
    )
    capturing = kernel.send("slow = Slow()")
    waiting = kernel.send("never = 1")
    time.sleep(1.5)
    assert kernel.manager.is_alive()
    kernel.manager.interrupt_kernel()

    assert kernel.wait(capturing).status == "error"
    assert kernel.wait(waiting).status == "aborted"
    kernel.run("slow = None\nimport runtrack_jupyter as rt; rt.flush()")
    step = record().steps()[1]
    assert step.source == "slow = Slow()"
    assert any(gap.kind == "interrupted" for gap in step.gaps)


def test_the_cell_that_switches_recording_off_ends_there(kernel: LiveKernel, record: ReadRecord) -> None:
    """Its kernel did not die; and what it did afterwards is nobody's business."""
    kernel.run("import runtrack_jupyter as rt; x = 1")
    kernel.run("y = 2; rt.off(); z = 3")
    kernel.run("w = 4")

    history = record()
    first, last = history.steps()
    assert (first.status, last.status) == ("ok", "ok")
    assert [(gap.subject, gap.kind) for gap in last.gaps] == [("step", "off")]
    assert "y" in last.changed
    (made,) = history.runs()
    assert (made.status, made.head_step) == ("ok", last.step_id)
    assert not history.is_alive(last.session_id)
