"""What a restore will make again is said before it is done, and on the page of the run."""

from runtrack_jupyter.model import Gap, Variable
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.recorder import Recorder

GAP = Gap(subject="numbers", kind="unpicklable", reason="a generator: cannot be saved")
LOST = Variable(name="numbers", type="generator")


def with_a_generator(recorder: Recorder, *more: str) -> tuple[str, str]:
    """Record a generator and what was done to it; return the ids of the step that made it and of a run."""
    recorder.step("rows = [1, 2]", variables=["rows"])
    step_id = recorder.step("numbers = (row for row in rows)", gaps=[GAP], lost=[LOST])
    for source in more:
        recorder.step(source)
    return step_id, recorder.run("numbers", variables=["rows"], gaps=[GAP], lost=[LOST])


async def test_the_plan_and_the_page_name_what_can_be_made_again(ask: Ask, record: Record) -> None:
    step_id, run_id = with_a_generator(record())

    expected = [{"name": "numbers", "how": "running cell [2]", "steps": [step_id]}]
    of_run = (await ask("GET", f"/restore-plans/{run_id}")).json
    assert of_run["rebuilds"] == expected
    assert [gap["subject"] for gap in of_run["gaps"]] == ["numbers"]
    assert (await ask("GET", f"/restore-plans/{step_id}")).json["rebuilds"] == expected
    assert (await ask("GET", f"/runs/{run_id}")).json["rebuilds"] == expected


async def test_what_was_used_up_since_is_not_promised(ask: Ask, record: Record) -> None:
    step_id, run_id = with_a_generator(record(), "next(numbers)")

    assert (await ask("GET", f"/restore-plans/{run_id}")).json["rebuilds"] == []
    assert (await ask("GET", f"/runs/{run_id}")).json["rebuilds"] == []
    assert len((await ask("GET", f"/restore-plans/{step_id}")).json["rebuilds"]) == 1
