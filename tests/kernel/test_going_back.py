"""Restore and undo bring variables back, here and in a kernel of another day."""

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel
from tests.kernel.test_checkpoints import wait_until_sealed

STATE = """
import numpy as np
import random
class Model:
    def __init__(self, weights):
        self.weights = weights
    def predict(self, x):
        return x * factor
factor = 2
base = np.arange(6.0)
view = base[2:4]
items = [1, [2]]
alias = items[1]
model = Model(base)
double = lambda x: model.predict(x)
random.seed(7)
"""
PROBES = (
    "[np.shares_memory(base, view), alias is items[1], isinstance(model, Model), model.weights is base, double(21),"
    " items, base.tolist(), random.Random(0).random()]"
)


def test_a_run_comes_back_in_the_same_kernel_and_in_a_fresh_one(start_kernel: StartKernel) -> None:
    kernel = start_kernel()
    kernel.run(STATE)
    expected = kernel.value(PROBES)
    first = kernel.ask("checkpoint", request_id="01JD00000000000000000000A1", message="good")["result"][
        "run"
    ]["run_id"]
    kernel.run("base[:] = 0; alias.append(3); factor = 5; del model; extra = 1")

    answer = kernel.ask("restore", request_id="01JD00000000000000000000A2", id=first)

    assert answer["ok"], answer
    assert answer["result"]["gaps"] == []
    assert kernel.value(PROBES) == expected
    assert not kernel.value("'extra' in dir()")
    fresh = start_kernel()
    fresh.run("unrelated = 1")
    assert fresh.ask("restore", request_id="01JD00000000000000000000A3", id=first)["ok"]
    assert fresh.value(PROBES) == expected
    assert fresh.run("base[2] = 9\nview[0]").text == "np.float64(9.0)"


def test_a_restore_is_undone_by_restoring_what_was_there(kernel: LiveKernel) -> None:
    kernel.run("x = 'old'")
    old = kernel.ask("checkpoint", request_id="01JD00000000000000000000B1")["result"]["run"]["run_id"]
    kernel.run("x = 'new'; y = [1]")

    before = kernel.ask("restore", request_id="01JD00000000000000000000B2", id=old)["result"]["before"]

    assert kernel.value("x") == "old"
    assert before["run_id"] == "01JD00000000000000000000B2"
    assert kernel.ask("restore", request_id="01JD00000000000000000000B3", id=before["run_id"])["ok"]
    assert kernel.value("[x, y]") == ["new", [1]]


def test_running_on_after_a_restore_makes_a_branch(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run("x = 1")
    root = kernel.ask("checkpoint", request_id="01JD00000000000000000000C1")["result"]["run"]["run_id"]
    kernel.run("x = 2")
    kernel.ask("restore", request_id="01JD00000000000000000000C2", id=root)
    kernel.run("x = 3")
    branch = kernel.ask("checkpoint", request_id="01JD00000000000000000000C3")["result"]["run"]

    runs = {str(run.run_id): run for run in wait_until_sealed(record, 3)}

    assert runs[branch["run_id"]].parent_runs == (root,)
    assert runs["01JD00000000000000000000C2"].parent_runs == (root,)
    for run_id, value in ((root, 1), ("01JD00000000000000000000C2", 2), (branch["run_id"], 3)):
        assert kernel.ask("restore", request_id=f"01JD00000000000000000000D{value}", id=run_id)["ok"]
        assert kernel.value("x") == value


def test_undo_takes_back_one_cell_and_undoing_twice_two(kernel: LiveKernel) -> None:
    kernel.run("items = [1]")
    kernel.run("items.append(2); a = 1")
    kernel.run("items.append(3); del a")

    first = kernel.ask("undo", request_id="01JD00000000000000000000E1")
    assert first["ok"], first
    assert first["result"]["step"]["source"] == "items.append(3); del a"
    assert kernel.value("[items, a]") == [[1, 2], 1]
    assert kernel.ask("undo", request_id="01JD00000000000000000000E2")["ok"]
    assert kernel.value("[items, 'a' in dir()]") == [[1], False]
    assert kernel.ask("undo", request_id="01JD00000000000000000000E3")["ok"]
    assert kernel.value("'items' in dir()") is False
    nothing = kernel.ask("undo", request_id="01JD00000000000000000000E4")
    assert nothing["error"]["kind"] == "restore"


def test_a_single_step_can_be_restored(kernel: LiveKernel, record: ReadRecord) -> None:
    kernel.run("x = 1")
    kernel.run("x = 2")
    kernel.run("x = 3; import runtrack_jupyter as rt; rt.flush()")
    step = record().steps()[1]

    assert kernel.ask("restore", request_id="01JD00000000000000000000F1", id=step.step_id)["ok"]

    assert kernel.value("x") == 2


def test_what_cannot_come_back_is_named_and_the_rest_comes(kernel: LiveKernel) -> None:
    kernel.run("import runtrack_jupyter as rt\nrows = (n for n in range(3))\nnext(rows)\nkept = [1]")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000G1")["result"]["run"]
    kernel.run("rows = kept = None")

    answer = kernel.ask("restore", request_id="01JD00000000000000000000G2", id=run["run_id"])["result"]

    assert [gap["subject"] for gap in run["gaps"]] == ["rows"]
    assert [gap["subject"] for gap in answer["gaps"]] == ["rows"]
    assert "generator" in answer["gaps"][0]["reason"]
    assert kernel.value("[kept, 'rows' in dir()]") == [[1], False]


def test_untouched_objects_keep_their_identity(kernel: LiveKernel) -> None:
    kernel.run("big = [1, 2]; small = [3]; number = id(big)")
    run = kernel.ask("checkpoint", request_id="01JD00000000000000000000H1")["result"]["run"]["run_id"]
    kernel.run("small.append(4)")

    answer = kernel.ask("restore", request_id="01JD00000000000000000000H2", id=run)["result"]

    assert "big" in answer["kept"]
    assert kernel.value("[id(big) == number, small]") == [True, [3]]


def test_the_python_api_looks_back_and_goes_back(kernel: LiveKernel) -> None:
    kernel.run("import runtrack_jupyter as rt\nx = 1")
    kernel.run("run = rt.checkpoint('first')")
    kernel.run("x = 2")

    assert "first" in kernel.run("rt.runs()").text
    assert kernel.value("[step.source for step in rt.steps()][:1]") == [
        "import runtrack_jupyter as rt\nx = 1"
    ]
    assert "x: int" in kernel.run("rt.show(rt.runs()[0].run_id)").text
    shown = kernel.run("rt.restore(rt.runs()[0].run_id, document=False)")
    assert shown.status == "ok", shown
    assert kernel.value("x") == 1
    missing = kernel.run("rt.restore('#99')")
    assert missing.status == "error"
    assert missing.content["ename"] == "NotFoundError"
    assert "%runtrack log" in kernel.run("%runtrack nonsense").text


def test_runs_and_steps_are_named_by_number_and_by_record_too(kernel: LiveKernel) -> None:
    """`rt.show(1)` and `rt.restore(rt.runs()[0])` are what people type first; nonsense gets a sentence."""
    kernel.run("import runtrack_jupyter as rt\nx = 1")
    kernel.run("rt.checkpoint('first')")
    kernel.run("x = 2")

    assert "x: int" in kernel.run("rt.show(rt.runs()[0])").text
    assert "x = 1" in kernel.run("rt.show(rt.steps()[0])").text
    assert kernel.value("len(rt.steps(rt.runs()[0]))") == 2
    assert kernel.run("rt.restore(rt.runs()[0], document=False)").status == "ok"
    assert kernel.value("x") == 1
    for name in ("None", "1.5", "True", "[1]"):
        wrong = kernel.run(f"rt.show({name})")
        assert wrong.content["ename"] == "UsageError", name
