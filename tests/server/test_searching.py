"""A search finds runs by what is in their steps, variables and files."""

import pytest

from runtrack_jupyter.model import DataFile, RunId, Variable
from runtrack_jupyter.server.searching import found_runs
from runtrack_jupyter.store.history import History
from tests.server.asking import Ask
from tests.server.conftest import Record

FILE = DataFile(path="data/applications.csv", direction="read")


def scalar(name: str, value: float | str | bool) -> Variable:
    return Variable(name=name, type=type(value).__name__, value=value)


@pytest.fixture
def runs(record: Record) -> dict[str, RunId]:
    recorder = record()
    recorder.step("df = pd.read_csv(DATA)", variables=["df"], files=[FILE])
    good = recorder.run("good", metrics={"accuracy": 0.82144}, lost=[scalar("kind", "forest")])
    recorder.step("clean(df)  # Median", variables=["X_train"])
    bad = recorder.run(
        "bad", metrics={"accuracy": 0.75}, lost=[scalar("threshold", 0.35), scalar("on", True)]
    )
    return {"good": good, "bad": bad}


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("changed:df", ["good"]),
        ("changed:X_*", ["bad"]),
        ("changed:d", []),
        ("file:applications.csv", ["good"]),
        ("file:data/applications.csv", ["good"]),
        ("file:*.csv", ["good"]),
        ("accuracy > 0.8", ["good"]),
        ("accuracy<=0.75", ["bad"]),
        ("accuracy = 0.8214", ["good"]),
        ("accuracy != 0.8214", ["bad"]),
        ("accuracy > 0.7", ["bad", "good"]),
        ("threshold >= 0.35", ["bad"]),
        ("kind = Forest", ["good"]),
        ("on > 0", []),
        ("median", ["bad"]),
        ("read_csv(", ["good"]),
        ("nowhere", []),
    ],
)
async def test_each_term_finds_its_runs(
    ask: Ask, runs: dict[str, RunId], term: str, found: list[str]
) -> None:
    reply = await ask("GET", "/found-runs", query={"path": "a.ipynb", "term": term})

    assert reply.json["run_ids"] == [runs[name] for name in found]


@pytest.mark.parametrize(
    ("term", "nearest"),
    [
        ("acuracy > 0.9", "accuracy"),
        ("changed:X_trian", "X_train"),
        ("file:application.csv", "applications.csv"),
    ],
)
async def test_where_nothing_is_found_the_nearest_name_is_offered(
    ask: Ask, runs: dict[str, RunId], term: str, nearest: str
) -> None:
    reply = await ask("GET", "/found-runs", query={"path": "a.ipynb", "term": term})

    assert reply.json == {"run_ids": [], "nearest": nearest}


async def test_all_notebooks_are_searched_where_none_is_named(ask: Ask, runs: dict[str, RunId]) -> None:
    everywhere = await ask("GET", "/found-runs", query={"term": "changed:df"})
    elsewhere = await ask("GET", "/found-runs", query={"term": "changed:df", "path": "b.ipynb"})

    assert everywhere.json["run_ids"] == [runs["good"]]
    assert elsewhere.json["run_ids"] == []


async def test_a_search_for_nothing_is_refused(ask: Ask) -> None:
    assert (await ask("GET", "/found-runs", query={"path": "a.ipynb"})).status == 400
    assert (await ask("GET", "/found-runs", query={"term": "x" * 501})).status == 400


def test_an_empty_history_has_nothing() -> None:
    assert found_runs(History([], None), "changed:df", notebook_id=None, file=None).run_ids == ()
