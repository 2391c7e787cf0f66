"""A run in one file: whole, readable by anyone, and never more than data until its receiver trusts it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtrack_jupyter.errors import BundleError, UnsupportedFormatError, UsageError
from runtrack_jupyter.model import Run, RunId
from runtrack_jupyter.share.bundle import open_bundle
from runtrack_jupyter.share.export import export_run
from runtrack_jupyter.share.taking import take_in
from runtrack_jupyter.store.payload import StorePayload
from tests.share.sent import Sent
from tests.store.builder import Kernel, read_history

HERS = bytes(range(100, 132))  # the key of who receives


def taken(sent: Sent, store: Path, digest: str | None = None) -> Run:
    return take_in(sent.path, digest or open_bundle(sent.path).digest, store, HERS)


@pytest.fixture(name="hers")
def _hers(tmp_path: Path) -> Path:
    return tmp_path / "receiver" / ".runtrack"


def test_a_bundle_holds_the_run_as_sealed(sent: Sent) -> None:
    bundle = open_bundle(sent.path)

    assert bundle.run == msgspec.structs.replace(sent.run, ordinal=None)
    assert [step.source for step in bundle.steps] == ["x = 'a value'", "y = 'another'"]
    assert bundle.document["nbformat"] == 4
    assert bundle.environment.python == "3.11.7"
    assert bundle.contents.values == 2
    assert bundle.files["environment/patch.diff"] == b"--- a\n+++ b\n"


def test_anyone_can_read_a_bundle_without_runtrack(sent: Sent, tmp_path: Path) -> None:
    """It outlives us: Python's own zipfile unpacks it, and finds nothing wrong."""
    subprocess.run([sys.executable, "-m", "zipfile", "-t", str(sent.path)], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(sent.path), str(tmp_path / "out")], check=True)

    assert b"Worth sending" in (tmp_path / "out" / "run" / "run.json").read_bytes()


def test_values_travel_only_when_asked_for(sent: Sent, tmp_path: Path) -> None:
    plain = tmp_path / "plain.runtrack"
    done = export_run(read_history(sent.store), sent.run, plain)

    assert done.values == ()
    assert open_bundle(plain).contents.values == 0
    assert b"a value" not in plain.read_bytes()
    assert [name for name in Sent(plain, sent.run, sent.store).files() if name.startswith("values")] == []


def test_no_file_is_ever_replaced(sent: Sent) -> None:
    before = sent.path.read_bytes()

    with pytest.raises(UsageError, match="exists"):
        export_run(read_history(sent.store), sent.run, sent.path)

    assert sent.path.read_bytes() == before


def test_values_that_somebody_else_recorded_are_left_out_and_named(sent: Sent, tmp_path: Path) -> None:
    done = export_run(read_history(sent.store, key=HERS), sent.run, tmp_path / "other.runtrack", values=True)

    assert done.values == ()
    assert set(done.left_out) == {"x", "y"}


def test_a_run_taken_in_is_ones_own_with_its_values(sent: Sent, hers: Path) -> None:
    """Trusting is signing: what was foreign is loadable afterwards, under its id, in a notebook of its own."""
    run = taken(sent, hers)
    history = read_history(hers, key=HERS)

    assert run.run_id == sent.run.run_id
    assert run.message == "Worth sending"
    assert run.sealed
    assert run.notebook_id != sent.run.notebook_id
    assert [step.source for step in history.steps(run_id=run.run_id)] == ["x = 'a value'", "y = 'another'"]
    assert not history.is_foreign(run.run_id)
    payload = StorePayload(history)
    for root, component_id in sent.run.components.items():
        blob = payload.manifest(component_id).stream
        read = bytearray(blob.size)
        payload.read_blob(blob, memoryview(read))
        assert read.startswith({"x": b"a value", "y": b"another"}[root])
    payload.close()


def test_a_run_taken_in_without_values_says_what_is_missing(sent: Sent, hers: Path) -> None:
    sent.path.unlink()
    export_run(read_history(sent.store), sent.run, sent.path)

    run = taken(sent, hers)

    assert run.components == {}
    assert {gap.subject: gap.kind for gap in run.gaps} == {"x": "foreign", "y": "foreign"}


def test_what_was_trusted_is_what_was_shown(sent: Sent, hers: Path) -> None:
    """Between the look and the trust the file may be swapped."""
    shown = open_bundle(sent.path).digest
    sent.change({"run/steps.jsonl": b""}, listed=True)

    with pytest.raises(BundleError, match="changed since it was shown"):
        taken(sent, hers, shown)

    assert not hers.exists()


def test_a_bundle_cannot_stand_in_the_place_of_what_is_here(sent: Sent, hers: Path) -> None:
    """Neither as a run nor by one of its steps."""
    own = Kernel(hers, key=HERS)
    step_id = own.run_cell("mine = 1", mine="1")
    mine = own.checkpoint("mine")
    lines = sent.files()["run/steps.jsonl"].replace(sent.run.steps[0].encode(), step_id.encode())
    original = sent.path.read_bytes()
    sent.change({"run/steps.jsonl": lines}, listed=True)
    with pytest.raises(UsageError, match="on record here already"):
        taken(sent, hers)

    sent.path.write_bytes(original)
    taken(sent, hers)
    with pytest.raises(UsageError, match="on record here already"):
        taken(sent, hers)
    assert read_history(hers, key=HERS).run(mine.run_id).message == "mine"


REFUSED: list[tuple[dict[str, bytes | None], bool, str]] = [
    ({"run/run.json": b"{}"}, False, "has 2 bytes, not"),
    ({"run/steps.jsonl": None}, False, "missing"),
    ({"run/run.json": None}, True, "run.json is missing"),
    ({"extra.txt": b"?"}, False, "not in its list"),
    ({"extra.txt": b"?"}, True, "nothing that a bundle holds"),
    ({"run/run.json": b"[" * 100_000}, True, "run.json cannot be read"),
    ({"run/steps.jsonl": b'{"step_id":1}\n'}, True, "steps.jsonl cannot be read"),
    ({"run/notebook.ipynb": b'{"nbformat":4,"nbformat_minor":5,"cells":"x"}'}, True, "notebook.ipynb is not"),
    (
        {"run/notebook.ipynb": b'{"nbformat":4,"nbformat_minor":5,"cells":[{"source":{}}]}'},
        True,
        "is not what",
    ),
    ({"bundle.json": b"no json"}, False, "bundle.json cannot be read"),
    ({"bundle.json": b" " * (5 << 20) + b"{}"}, False, "at most"),
]


@pytest.mark.parametrize(("changes", "listed", "why"), REFUSED, ids=[why for *_, why in REFUSED])
def test_what_was_tampered_with_is_refused_in_words(
    sent: Sent, changes: dict[str, bytes | None], listed: bool, why: str
) -> None:
    sent.change(changes, listed=listed)

    with pytest.raises(BundleError, match=why):
        open_bundle(sent.path)


def test_another_run_than_the_list_names_is_refused_with_both_ids(sent: Sent) -> None:
    other = RunId("01JQ8W5Z3V0000000000000000")
    contents: Any = msgspec.json.decode(sent.files()["bundle.json"])
    contents["run_id"] = other
    sent.change({"bundle.json": msgspec.json.encode(contents)}, listed=False)

    with pytest.raises(BundleError, match=f"{other}.*{sent.run.run_id}"):
        open_bundle(sent.path)


def test_a_bundle_of_a_newer_runtrack_says_so(sent: Sent) -> None:
    sent.change({"bundle.json": b'{"format_version":2}'}, listed=False)

    with pytest.raises(UnsupportedFormatError, match="format version 2"):
        open_bundle(sent.path)


def test_forged_values_are_refused_before_anything_is_written(sent: Sent, hers: Path) -> None:
    """The digest of a chunk is its name; the id of a component is the digest of what it says."""
    files = sent.files()
    chunks = bytearray(files["values/chunks"])
    chunks[-1] ^= 1
    components = files["values/components.json"].replace(b'"x"', b'"z"')
    for changes in ({"values/chunks": bytes(chunks)}, {"values/components.json": components}):
        sent.change({**files, **changes}, listed=True)
        with pytest.raises(BundleError):
            taken(sent, hers)
        assert not hers.exists()


def test_a_full_disk_leaves_nothing_half_taken_in(
    sent: Sent, hers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a run would be a history that nobody made."""
    taken(sent, hers)
    shutil.rmtree(hers)
    from runtrack_jupyter.store import segment

    whole = segment._write_whole

    def full(file: int, parts: list[bytes | memoryview]) -> None:
        if b'"kind":"run-logged"' in bytes(parts[0]):
            raise OSError(28, "No space left on device")
        whole(file, parts)

    monkeypatch.setattr(segment, "_write_whole", full)
    with pytest.raises(Exception, match="No space left"):
        taken(sent, hers)
    monkeypatch.undo()

    assert read_history(hers, key=HERS).steps() == []
