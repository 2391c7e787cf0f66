"""A bundle is shown as it is, and taken in only when it is the one that was shown."""

from pathlib import Path

import pytest

from runtrack_jupyter.share.export import export_run
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import user_folder, user_key
from tests.server.asking import Ask
from tests.server.conftest import Record


@pytest.fixture
def bundle(record: Record, root: Path, tmp_path: Path) -> Path:
    """A bundle in the server's folder, of a run that only its maker has."""
    maker = record("../elsewhere/made.ipynb", store=tmp_path / "maker" / ".runtrack")
    maker.step("x = 1", variables=("x",))
    run = maker.seal(maker.run("sent", variables=("x",)))
    history = History([maker.store], user_key())
    history.refresh()
    path = root / "sent.runtrack"
    export_run(history, run, path)
    (user_folder() / "stores.jsonl").unlink()  # this user has never seen that store
    return path


async def test_a_bundle_is_shown_and_then_taken_in(ask: Ask, bundle: Path) -> None:
    shown = await ask("GET", "/bundles", query={"path": "sent.runtrack"})
    assert shown.status == 200
    assert shown.json["run"]["message"] == "sent"
    assert "ordinal" not in shown.json["run"]
    assert [step["source"] for step in shown.json["steps"]] == ["x = 1"]
    assert (shown.json["signed"], shown.json["known"]) == (False, False)
    run_id = shown.json["run"]["run_id"]
    assert (await ask("GET", f"/runs/{run_id}")).status == 404

    trust = {"path": "sent.runtrack", "digest": shown.json["digest"]}
    wrong = await ask("POST", "/trusted-bundles", body={**trust, "digest": "0" * 64})
    assert (wrong.status, wrong.kind) == (422, "bundle")
    assert (await ask("GET", f"/runs/{run_id}")).status == 404

    taken = await ask("POST", "/trusted-bundles", body=trust)
    assert taken.status == 201
    assert taken.json["run"]["run_id"] == run_id
    assert (await ask("GET", f"/runs/{run_id}")).json["run"]["message"] == "sent"
    assert (await ask("GET", "/bundles", query={"path": "sent.runtrack"})).json["known"] is True
    assert (await ask("POST", "/trusted-bundles", body=trust)).status == 400


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("../sent.runtrack", 400, "usage"),
        ("none.runtrack", 404, "not-found"),
        ("bad.runtrack", 422, "bundle"),
    ],
)
async def test_what_is_no_bundle_is_refused(ask: Ask, root: Path, path: str, status: int, kind: str) -> None:
    (root / "bad.runtrack").write_bytes(b"PK\5\6" + bytes(18))

    for reply in (
        await ask("GET", "/bundles", query={"path": path}),
        await ask("POST", "/trusted-bundles", body={"path": path, "digest": "0" * 64}),
    ):
        assert (reply.status, reply.kind) == (status, kind)
