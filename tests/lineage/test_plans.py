"""What will not come back is said before anything is done."""

from datetime import datetime, timezone

import msgspec

from runtrack_jupyter.lineage.plans import FileStatus, restore_plan, title_of
from runtrack_jupyter.model import (
    ComponentId,
    DataFile,
    Digest,
    Environment,
    Gap,
    Package,
    Snapshot,
    Variable,
)
from tests.lineage.records import run, step

SNAPSHOT = Snapshot(
    variables=(
        Variable(name="df", type="DataFrame", size=100, component=ComponentId("c1")),
        Variable(name="view", type="DataFrame", size=100, component=ComponentId("c1")),
        Variable(name="lr", type="float", size=5, component=ComponentId("c2")),
        Variable(name="con", type="Connection"),
    ),
    gaps=(
        Gap(subject="con", kind="unpicklable", reason="open database connection"),
        Gap(subject="@rng.numpy", kind="failed", reason="cannot be read"),
    ),
)


def unchecked(_: DataFile) -> FileStatus:
    return "not-checked"


def environment(python: str, **packages: str) -> Environment:
    return Environment(
        python=python, implementation="CPython", executable="", prefix="", platform="", machine="", processors=1,
        memory=1, captured_at=datetime.now(timezone.utc), packages=tuple(Package(name=n, version=v) for n, v in packages.items()),
    )  # fmt: skip


def test_the_plan_counts_what_comes_back_and_gives_the_reasons_for_the_rest() -> None:
    plan = restore_plan(run(12, message="GBM baseline", document_origin="live"), SNAPSHOT, (), unchecked)

    assert (plan.id, plan.kind, plan.title, plan.document_origin) == (
        "r12",
        "run",
        "#12 “GBM baseline”",
        "live",
    )
    assert (plan.variables.total, plan.variables.restorable) == (4, 3)
    assert plan.variables.size == 105  # what is shared is read once
    assert plan.gaps == SNAPSHOT.gaps
    assert plan.warnings == ()


def test_of_a_foreign_run_no_value_comes_back() -> None:
    plan = restore_plan(run(1, document_origin="live"), SNAPSHOT, (), unchecked, foreign=True)

    assert (plan.variables.restorable, plan.variables.size) == (0, 0)
    assert {gap.subject for gap in plan.gaps if gap.kind == "foreign"} == {"df", "view", "lr"}


def test_files_are_told_as_they_are_now() -> None:
    files = [
        DataFile(path="a.csv", direction="read", digest=Digest("d")),
        DataFile(path="b", direction="write"),
    ]

    plan = restore_plan(
        step(3), Snapshot(), files, lambda file: "missing" if file.path == "b" else "unchanged"
    )

    assert [(file.path, file.now) for file in plan.files] == [("a.csv", "unchanged"), ("b", "missing")]
    assert msgspec.json.decode(msgspec.json.encode(plan))["files"][1] == {
        "path": "b",
        "direction": "write",
        "now": "missing",
    }


def test_a_document_that_was_not_live_and_other_versions_are_warned_of() -> None:
    plan = restore_plan(
        run(1, document_origin="reconstructed"),
        SNAPSHOT,
        (),
        unchecked,
        then=environment("3.11.7", **{"scikit-learn": "1.7.2", "numpy": "2.1"}),
        now=environment("3.12.1", **{"Scikit-Learn": "1.8.0", "numpy": "2.1"}),
    )

    assert len(plan.warnings) == 3
    assert "text cells may be missing" in plan.warnings[0]
    assert "Python 3.11.7; this is 3.12.1" in plan.warnings[1]
    assert "scikit-learn 1.7.2 (now 1.8.0)" in plan.warnings[2]
    assert "numpy" not in plan.warnings[2]


def test_titles_are_what_people_call_it() -> None:
    assert title_of(run(3, automatic="after Run All")) == "#3 “after Run All”"
    assert title_of(msgspec.structs.replace(run(3), ordinal=None)) == "r3"
    assert title_of(step(7, "\n  df = load()\nmore")) == "[7] df = load()"
    assert len(title_of(step(7, "x" * 300))) < 90
