"""Documents come back as they were, with the secrets that are still known, and never over somebody's file."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from runtrack_jupyter.capture.secrets import Redactor
from runtrack_jupyter.store.layout import user_key
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.recorder import Recorder

SECRET = "ghp_" + "0123456789abcdefABCDEF0123456789abcd"  # of a shape that is known, and nobody's


def notebook(*sources: str, **metadata: object) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {
            "id": f"c{number}",
            "cell_type": "code",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


async def test_a_sealed_run_answers_with_the_document_that_was_sealed(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run()
    document = notebook("a = 1", "never executed")
    recorder.seal(run_id, document)
    reply = await ask("GET", f"/runs/{run_id}/document")

    assert reply.json == document
    assert reply.headers["Runtrack-Document-Origin"] == "live"


async def test_a_run_that_is_not_sealed_yet_has_a_document_all_the_same(ask: Ask, record: Record) -> None:
    """The sealer may be seconds behind, or dead."""
    recorder = record()
    recorder.step("a = 1", cell_id="one")
    recorder.step(
        "print(a)", cell_id="two", outputs=[{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    )
    reply = await ask("GET", f"/runs/{recorder.run()}/document")

    nbformat.validate(reply.json)
    assert [cell["source"] for cell in reply.json["cells"]] == ["a = 1", "print(a)"]
    assert reply.json["cells"][1]["outputs"][0]["text"] == "1\n"
    assert reply.headers["Runtrack-Document-Origin"] == "reconstructed"


async def test_a_step_has_the_document_of_its_moment(ask: Ask, record: Record) -> None:
    recorder = record()
    first = recorder.step("a = 1", cell_id="one")
    recorder.cells({"text": ("markdown", "# Title"), "one": ("code", "a = 1")})
    recorder.step("a = 2", cell_id="one")
    document = (await ask("GET", f"/steps/{first}/document")).json

    nbformat.validate(document)
    assert [cell["source"] for cell in document["cells"]] == ["# Title", "a = 1"]


async def test_a_step_after_a_sealed_run_keeps_what_only_that_document_holds(
    ask: Ask, record: Record
) -> None:
    """Headless, text cells are known from the document of the last run only."""
    recorder = record()
    recorder.step("a = 1", cell_id="c0")
    run_id = recorder.run()
    document = notebook("a = 1")
    document["cells"].append({"id": "text", "cell_type": "markdown", "metadata": {}, "source": "# Kept"})
    recorder.seal(run_id, document)
    after = recorder.step("a = 3", cell_id="c0")
    made = (await ask("GET", f"/steps/{after}/document")).json

    assert [cell["source"] for cell in made["cells"]] == ["a = 3", "# Kept"]


async def test_without_git_a_sealed_document_is_made_again_from_the_steps(ask: Ask, record: Record) -> None:
    """The repository is a copy; the record is in the segments, and the answer says what is missing."""
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run()
    recorder.seal(run_id)
    (recorder.store / "runs.git").rename(recorder.store / "away.git")
    reply = await ask("GET", f"/runs/{run_id}/document")
    restored = (await ask("POST", f"/documents/{run_id}", body={"live": None})).json

    assert reply.status == 200
    assert reply.headers["Runtrack-Document-Origin"] == "reconstructed"
    assert [(gap["subject"], gap["kind"]) for gap in restored["gaps"]] == [("document", "lost")]
    assert (await ask("GET", f"/runs/{run_id}")).json["environment"] is None


async def test_with_no_git_on_the_path_everything_can_still_be_browsed(
    ask: Ask, record: Record, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = record()
    step_id = recorder.step("a = 1")
    run_id = recorder.run()
    recorder.seal(run_id)
    monkeypatch.setenv("PATH", str(root))
    replies = [
        await ask("GET", path)
        for path in (f"/runs/{run_id}", f"/runs/{run_id}/document", f"/steps/{step_id}/document", "/runs")
    ]

    assert [reply.status for reply in replies] == [200, 200, 200, 200]
    assert replies[1].headers["Runtrack-Document-Origin"] == "reconstructed"


async def test_a_damaged_repository_does_not_hide_the_record(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run()
    recorder.seal(run_id)
    for file in (recorder.store / "runs.git" / "objects").rglob("*"):
        if file.is_file():
            file.chmod(0o600)
            file.write_bytes(b"damaged")
    reply = await ask("GET", f"/runs/{run_id}/document")

    assert (reply.status, reply.headers["Runtrack-Document-Origin"]) == (200, "reconstructed")
    assert (await ask("GET", f"/runs/{run_id}")).status == 200


@pytest.fixture
def known_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret as a variable of the server's environment, from before it starts."""
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)


def with_secret(recorder: Recorder) -> tuple[str, dict[str, Any]]:
    """Record a run of a notebook that holds the secret, as the sealer redacts it."""
    recorder.step("connect(...)")
    run_id = recorder.run()
    document = notebook(f"key = '{SECRET}'")
    recorder.seal(run_id, Redactor({"GITHUB_TOKEN": SECRET}, user_key()).document(document))
    return run_id, document


async def test_a_secret_comes_back_from_the_live_document_only(ask: Ask, record: Record) -> None:
    run_id, document = with_secret(record())
    shown = await ask("GET", f"/runs/{run_id}/document")
    unknown = (await ask("POST", f"/documents/{run_id}", body={"live": None})).json
    known = (await ask("POST", f"/documents/{run_id}", body={"live": document})).json

    assert SECRET not in shown.body.decode()
    assert SECRET not in json.dumps(unknown)
    assert [gap["kind"] for gap in unknown["gaps"]] == ["redacted"]
    assert known["document"]["cells"] == document["cells"]
    assert known["gaps"] == []


@pytest.mark.usefixtures("known_to_the_server")
async def test_a_secret_comes_back_from_the_environment(ask: Ask, record: Record) -> None:
    run_id, document = with_secret(record())
    restored = (await ask("POST", f"/documents/{run_id}", body={})).json

    assert restored["document"]["cells"] == document["cells"]
    assert restored["document_origin"] == "live"


async def test_a_copy_is_a_notebook_of_its_own(ask: Ask, record: Record, root: Path) -> None:
    recorder = record("sub/a.ipynb")
    recorder.step("a = 1")
    run_id = recorder.run()
    recorder.seal(
        run_id,
        notebook(
            "a = 1", runtrack={"id": recorder.notebook_id}, kernelspec={"name": "x", "display_name": "x"}
        ),
    )
    reply = await ask("POST", "/copies", body={"id": run_id, "path": "sub/a.ipynb"})
    made = json.loads((root / "sub/a-run1.ipynb").read_text())

    assert reply.json == {"path": "sub/a-run1.ipynb"}
    assert made["metadata"]["runtrack"]["forked_from"] == run_id
    assert made["metadata"]["runtrack"]["id"] != recorder.notebook_id
    assert made["metadata"]["kernelspec"]["name"] == "x"
    nbformat.validate(made)


async def test_no_copy_is_written_over_a_file(ask: Ask, record: Record, root: Path) -> None:
    recorder = record()
    recorder.step("a = 1")
    run_id = recorder.run()
    recorder.seal(run_id)
    (root / "a-run1.ipynb").write_text("mine")
    paths = [
        (await ask("POST", "/copies", body={"id": run_id, "path": "a.ipynb"})).json["path"] for _ in range(2)
    ]

    assert paths == ["a-run1-2.ipynb", "a-run1-3.ipynb"]
    assert (root / "a-run1.ipynb").read_text() == "mine"


async def test_a_copy_into_a_folder_that_is_not_there_leaves_nothing(
    ask: Ask, record: Record, root: Path
) -> None:
    recorder = record()
    step_id = recorder.step("a = 1")
    reply = await ask("POST", "/copies", body={"id": step_id, "path": "gone/a.ipynb"})

    assert (reply.status, reply.kind) == (404, "not-found")
    assert not (root / "gone").exists()


async def test_a_copy_that_the_contents_manager_refuses_leaves_nothing(
    ask: Ask, record: Record, root: Path
) -> None:
    """Hidden folders are none of the contents manager's, whatever we could write ourselves."""
    (root / ".hidden").mkdir()
    recorder = record()
    step_id = recorder.step("a = 1")
    reply = await ask("POST", "/copies", body={"id": step_id, "path": ".hidden/a.ipynb"})

    assert reply.status in {400, 404}
    assert list((root / ".hidden").glob("*.ipynb")) == []
