"""What is on record can be browsed, with the kernel alive or dead."""

import json
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from runtrack_jupyter.capture.files import digest_file
from runtrack_jupyter.model import DataFile, Gap, StepId, Variable
from tests.server.asking import Ask, Fetch
from tests.server.conftest import Record
from tests.server.recorder import Recorder, ulid


def notebook(path: Path, notebook_id: str) -> None:
    content = {"cells": [], "metadata": {"runtrack": {"id": notebook_id}}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content))


async def test_a_notebook_without_a_record_has_no_runs(ask: Ask) -> None:
    reply = await ask("GET", "/runs", query={"path": "a.ipynb"})

    assert reply.json == {"notebook_id": None, "runs": [], "cursor": None, "total": 0}


async def test_runs_come_newest_first_and_without_their_variables(ask: Ask, record: Record) -> None:
    """A list of 200 runs with 1,000 variables each would be 100 MB."""
    recorder = record()
    recorder.step("a = 1", variables=["a"])
    runs = [recorder.run(str(number), variables=["a"]) for number in range(3)]
    page = (await ask("GET", "/runs", query={"path": "a.ipynb"})).json

    assert [run["run_id"] for run in page["runs"]] == runs[::-1]
    assert page["notebook_id"] == recorder.notebook_id
    assert not any("variables" in run or "components" in run for run in page["runs"])


async def test_pages_cover_all_runs_once_though_runs_are_made_in_between(ask: Ask, record: Record) -> None:
    """The browser asks for the next page minutes later."""
    recorder = record()
    before = [recorder.run(str(number)) for number in range(7)]
    seen: list[str] = []
    query = {"path": "a.ipynb", "limit": "3"}
    while True:
        page = (await ask("GET", "/runs", query=query)).json
        seen += [run["run_id"] for run in page["runs"]]
        recorder.run("in between")
        if page["cursor"] is None:
            break
        query["cursor"] = page["cursor"]

    assert seen == before[::-1]


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"limit": "²"}, {"cursor": "x"}]
)
async def test_a_page_that_cannot_be_is_refused(ask: Ask, record: Record, query: dict[str, str]) -> None:
    record().run("one")
    reply = await ask("GET", "/runs", query=query)

    assert (reply.status, reply.kind) == (400, "usage")


async def test_two_thousand_runs_are_listed_page_by_page(
    jp_fetch: Fetch, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked without checking each answer against the description, which takes longer than the server does."""
    recorder = record()
    for number in range(2000):
        recorder.step(f"x = {number}", variables=["x"])
        recorder.run(f"run {number}", variables=["x"])
    seen: list[str] = []
    times: list[float] = []
    query = {"path": "a.ipynb"}
    while query.get("cursor", "") is not None:
        began = time.perf_counter()
        page = json.loads((await jp_fetch("runtrack", "api", "runs", params=query)).body)
        times.append(time.perf_counter() - began)
        seen += [run["run_id"] for run in page["runs"]]
        query["cursor"] = page["cursor"]
    with capsys.disabled():
        rest = sum(times[1:]) / len(times[1:])
        print(f"\n2,000 runs: first page {times[0]:.2f} s from disk, then {rest * 1000:.0f} ms each")  # noqa: T201  a number to look at, not a claim

    assert (len(seen), len(set(seen)), page["total"]) == (2000, 2000, 2000)


async def test_runs_are_found_by_id_by_its_end_and_by_number(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run("the one")
    recorder.seal(run_id)

    for name in (run_id, run_id[-8:], run_id[-8:].lower(), "1", "#1"):
        assert (await ask("GET", f"/runs/{name}")).json["run"]["run_id"] == run_id, name


async def test_a_number_that_two_notebooks_use_is_ambiguous(ask: Ask, record: Record) -> None:
    for path in ("a.ipynb", "b.ipynb"):
        recorder = record(path)
        recorder.seal(recorder.run("first"))
    reply = await ask("GET", "/runs/1")

    assert (reply.status, reply.kind) == (409, "ambiguous")


@pytest.mark.parametrize(
    "path", ["/runs/{}", "/runs/{}/steps", "/runs/{}/document", "/steps/{}", "/steps/{}/document"]
)
@pytest.mark.parametrize("name", ["x", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "99", "…", "~"])
async def test_what_is_not_on_record_is_not_found(ask: Ask, path: str, name: str) -> None:
    reply = await ask("GET", path.format(name))

    assert (reply.status, reply.kind) == (404, "not-found")


async def test_a_step_is_no_run_and_a_run_is_no_step(ask: Ask, record: Record) -> None:
    recorder = record()
    step_id = recorder.step("a = 1")
    run_id = recorder.run()

    assert (await ask("GET", f"/runs/{step_id}")).status == 404
    assert (await ask("GET", f"/steps/{run_id}")).status == 404


async def test_a_run_comes_with_its_context(ask: Ask, record: Record, root: Path) -> None:
    (root / "same.csv").write_text("1")
    (root / "other.csv").write_text("2")
    files = [digest_file(name, "read", cwd=root) for name in ("same.csv", "other.csv")]
    files.append(DataFile(path="gone.csv", direction="read", digest=files[0].digest))
    recorder = record()
    parent = recorder.run("before")
    recorder.step("read()", variables=["df"], files=files)
    run_id = recorder.run("after", variables=["df"])
    recorder.seal(run_id)
    (root / "other.csv").write_text("changed")
    detail = (await ask("GET", f"/runs/{run_id}")).json

    assert [(file["path"], file["now"]) for file in detail["data"]] == [
        ("same.csv", "unchanged"),
        ("other.csv", "changed"),
        ("gone.csv", "missing"),
    ]
    assert detail["parent"]["run_id"] == parent
    assert [variable["name"] for variable in detail["run"]["variables"]] == ["df"]
    assert "pytest" in {package["name"] for package in detail["environment"]["packages"]}
    assert (detail["run"]["sealed"], detail["run"]["ordinal"]) == (True, 1)


async def test_the_steps_of_a_run_come_in_the_order_in_which_they_ran(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.step("not mine")
    recorder.run()
    ran = [recorder.step(f"x = {number}") for number in (3, 1, 2)]
    steps = (await ask("GET", f"/runs/{recorder.run()}/steps")).json["steps"]

    assert [step["step_id"] for step in steps] == ran


async def test_now_tells_the_steps_that_no_run_holds(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.step("in the run")
    run_id = recorder.run()
    since = [recorder.step("a = 1"), recorder.step("b = 2", ended=False)]
    now = (await ask("GET", "/now", query={"path": "a.ipynb"})).json

    assert now["session_id"] == recorder.session_id
    assert now["alive"] is True
    assert now["position"] == {"head_step": since[-1], "head_run": run_id, "steps": since}
    assert [step["step_id"] for step in now["steps"]] == since


async def test_now_works_with_the_kernel_dead(ask: Ask, record: Record) -> None:
    recorder = record()
    step_id = recorder.step("a = 1")
    recorder.close()
    now = (await ask("GET", "/now", query={"path": "a.ipynb"})).json

    assert (now["alive"], now["position"]["steps"]) == (False, [step_id])


async def test_a_living_kernel_goes_before_a_later_one_that_has_ended(ask: Ask, record: Record) -> None:
    """Two kernels of one notebook: people mean the one that they can still use."""
    living = record(began=datetime(2026, 1, 1, tzinfo=timezone.utc))
    living.step("a = 1")
    ended = record(notebook_id=living.notebook_id)
    ended.step("a = 2")
    ended.close()

    assert (await ask("GET", "/now", query={"path": "a.ipynb"})).json["session_id"] == living.session_id


async def test_now_follows_a_restore(ask: Ask, record: Record) -> None:
    recorder = record()
    first = recorder.step("a = 1")
    run_id = recorder.run()
    recorder.step("a = 2")
    recorder.restore(first, run_id)
    now = (await ask("GET", "/now", query={"path": "a.ipynb"})).json

    assert now["position"] == {"head_step": first, "head_run": run_id, "steps": []}


async def test_a_moved_notebook_keeps_its_history(ask: Ask, record: Record, root: Path) -> None:
    """The id in the file moves with it; the path on record is the old one."""
    recorder = record()
    run_id = recorder.run("before the move")
    notebook(root / "moved.ipynb", recorder.notebook_id)
    page = (await ask("GET", "/runs", query={"path": "moved.ipynb"})).json

    assert [run["run_id"] for run in page["runs"]] == [run_id]


async def test_notebooks_of_all_stores_are_listed(
    ask: Ask, record: Record, root: Path, tmp_path: Path
) -> None:
    """Each folder has a store of its own; the user's registry knows them all."""
    elsewhere = tmp_path / "elsewhere"
    outside = Recorder(elsewhere / ".runtrack", notebook=elsewhere / "c.ipynb")
    outside.run("outside")
    for path in ("a.ipynb", "sub/b.ipynb"):
        (root / path).parent.mkdir(exist_ok=True)
        record(path).run(path)
    found = (await ask("GET", "/notebooks")).json["notebooks"]
    outside.close()

    assert {entry["name"]: entry["path"] for entry in found} == {
        "a.ipynb": "a.ipynb",
        "b.ipynb": "sub/b.ipynb",
        "c.ipynb": "",
    }
    assert all(entry["run_count"] == 1 for entry in found)


async def test_a_restore_plan_says_what_will_not_come_back(ask: Ask, record: Record, root: Path) -> None:
    (root / "data.csv").write_text("1")
    recorder = record()
    lost = Gap(subject="socket", kind="unpicklable", reason="it is an open connection")
    step_id = recorder.step(
        "x = 1", variables=["x"], gaps=[lost], files=[digest_file("data.csv", "read", cwd=root)]
    )
    run_id = recorder.run("the plan", variables=["x"], gaps=[lost])
    (root / "data.csv").unlink()
    of_run = (await ask("GET", f"/restore-plans/{run_id}")).json
    of_step = (await ask("GET", f"/restore-plans/{step_id}")).json

    assert (of_run["kind"], of_step["kind"]) == ("run", "step")
    for plan in (of_run, of_step):
        assert plan["variables"] == {"total": 2, "restorable": 1, "size": 100}
        assert [gap["subject"] for gap in plan["gaps"]] == ["socket"]
        assert [(file["path"], file["now"]) for file in plan["files"]] == [("data.csv", "missing")]


async def test_a_plan_into_a_kernel_of_this_environment_names_other_versions(
    ask: Ask, record: Record
) -> None:
    """Saved objects of a library may not load, or behave otherwise, in another version of it."""
    import sys

    import msgspec

    from runtrack_jupyter.capture.environment import environment
    from runtrack_jupyter.model import Package

    then = msgspec.structs.replace(environment({}), packages=(Package(name="pandas", version="0.1"),))
    recorder = record(executable=sys.executable)
    recorder.step("x = 1")
    plan = (await ask("GET", f"/restore-plans/{recorder.run(logged_environment=then)}")).json

    assert any("pandas 0.1" in warning for warning in plan["warnings"])


async def test_an_unknown_notebook_id_has_no_runs(ask: Ask, record: Record) -> None:
    record().run("one")
    reply = await ask("GET", "/runs", query={"notebook_id": ulid()})

    assert reply.json["runs"] == []
    assert (await ask("GET", "/runs")).json["total"] == 1


async def test_a_run_tells_where_the_steps_are_that_set_what_it_found(ask: Ask, record: Record) -> None:
    """The page of a run says "[1] #1" of what a run above had set, not "before"."""
    recorder = record()
    step = recorder.step("a = 1", variables=["a"])
    first = recorder.run("first")
    recorder.seal(first)
    recorder.step("b = 2", variables=["b"])
    lost = [Variable(name=name, type="int", set_by=by) for name, by in [("a", step), ("c", StepId(ulid()))]]
    second = recorder.run("second", lost=lost)
    detail = (await ask("GET", f"/runs/{second}")).json

    assert detail["origins"] == [{"step_id": step, "execution_count": 1, "run_id": first, "ordinal": 1}]
    assert (await ask("GET", f"/runs/{first}")).json["origins"] == []


async def test_what_each_cell_ran_as_last_is_told_along_the_way_to_now(ask: Ask, record: Record) -> None:
    """Steps of a branch that was left say nothing about the state that is live."""
    recorder = record()
    first = recorder.step("a = 1", variables=["a"], cell_id="one")
    recorder.step("a = 2", variables=["a"], cell_id="two")
    recorder.restore(first, None)
    recorder.step("b = a", variables=["b"], cell_id="three")
    found = (await ask("GET", "/last-runs", query={"path": "a.ipynb"})).json

    assert [(cell["cell_id"], cell["order"], cell["read"]) for cell in found["cells"]] == [
        ("one", 1, []),
        ("three", 2, ["a"]),
    ]
    assert [(name["name"], name["cell_id"]) for name in found["names"]] == [("a", "one"), ("b", "three")]
    assert found["order"] == 2
    assert (await ask("GET", "/last-runs", query={"path": "new.ipynb"})).json["cells"] == []
