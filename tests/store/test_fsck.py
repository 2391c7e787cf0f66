"""What is not as it was written is found, and nothing else is complained about."""

import shutil
from pathlib import Path

import msgspec
import pytest

from runtrack_jupyter.errors import UnsupportedFormatError
from runtrack_jupyter.model import ComponentId, Digest, Gap, NotebookId, RunId
from runtrack_jupyter.store.frames import Captured, Chunks, RunLogged, StepStarted
from runtrack_jupyter.store.fsck import Finding, fsck
from runtrack_jupyter.store.scan import scan
from tests.store.builder import Kernel, value_of
from tests.store.conftest import KEY
from tests.store.test_payload import STRANGER, damage_payload
from tests.store.test_sealing import git, sealed


def troubles(store: Path, key: bytes | None = KEY) -> list[Finding]:
    return [finding for finding in fsck(store, key) if finding.severity != "info"]


def kinds(store: Path) -> set[str]:
    return {finding.kind for finding in troubles(store)}


@pytest.fixture(name="kernel")
def _kernel(store: Path) -> Kernel:
    kernel = Kernel(store, notebook_id=NotebookId("01NOTEBOOK"))
    kernel.run_cell(x="1")
    sealed(store, kernel.checkpoint("one").run_id)
    kernel.run_cell(x="2", y="3")
    sealed(store, kernel.checkpoint("two").run_id)
    return kernel


def test_a_store_in_use_is_consistent(store: Path, kernel: Kernel) -> None:
    kernel.begin()
    assert troubles(store) == []
    kernel.end()
    kernel.writer.close()
    assert troubles(store) == []


def test_rolled_files_are_one_chain(store: Path) -> None:
    kernel = Kernel(store, roll_at=1200)
    for number in range(10):
        kernel.run_cell(x=str(number))
        kernel.checkpoint()
    kernel.writer.close()
    files = sorted((store / "segments").iterdir())
    assert len(files) > 3
    assert troubles(store) == []
    files[1].unlink()

    assert "chain" in kinds(store)


def test_every_flipped_bit_of_a_segment_is_found(store: Path, kernel: Kernel) -> None:
    """Sampled: header and payload of every frame, and the beginning of the file."""
    kernel.writer.close()
    path = kernel.writer.path
    whole = path.read_bytes()
    places = [0, 10, 14, 20]
    for found in scan(path):
        places += [found.offset + 2, found.offset + 7, found.offset + 40, found.end - 1]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 2
        path.write_bytes(flipped)
        assert troubles(store), place
    path.write_bytes(whole)
    assert troubles(store) == []


def test_a_frame_left_out_breaks_the_chain(store: Path, kernel: Kernel) -> None:
    kernel.writer.close()
    path = kernel.writer.path
    content = path.read_bytes()
    found = next(each for each in scan(path) if isinstance(each.frame, StepStarted))
    path.write_bytes(content[: found.offset] + content[found.end :])

    assert {"chain", "mac"} <= kinds(store)


def test_payload_that_is_missing_or_damaged_names_the_component(store: Path, kernel: Kernel) -> None:
    component, _ = value_of("2")
    assert component.manifest is not None
    damage_payload(kernel.writer.path, component.manifest.stream.chunks[0])

    found = {(finding.kind, finding.subject) for finding in troubles(store)}
    assert found == {("chunk", str(kernel.writer.path)), ("component", component.component_id)}


def test_a_component_that_is_nowhere_is_found(store: Path, kernel: Kernel) -> None:
    kernel.writer.append(Captured(step_id=kernel.head, bound={"z": ComponentId("0" * 64)}))

    (finding,) = troubles(store)
    assert (finding.kind, finding.subject) == ("component", "0" * 64)
    assert kernel.head is not None
    assert kernel.head in finding.message


def test_payload_that_lies_in_another_store_is_not_missing(tmp_path: Path) -> None:
    """A restored run's values are not written again."""
    Kernel(tmp_path / "one").run_cell(x="1")
    component, _ = value_of("1")
    kernel = Kernel(tmp_path / "two")
    kernel.begin()
    kernel.end()
    kernel.writer.append(
        Captured(step_id=kernel.head, components=(component,), bound={"x": component.component_id})
    )

    assert kinds(tmp_path / "two") == {"component"}
    alone = [
        each for each in fsck(tmp_path / "two", KEY, others=[tmp_path / "one"]) if each.severity != "info"
    ]
    assert alone == []


def test_a_run_that_names_another_one_before_it_is_found(store: Path, kernel: Kernel) -> None:
    kernel.previous = Digest("0" * 64)
    run = kernel.checkpoint("cut out")

    (finding,) = troubles(store)
    assert (finding.kind, finding.subject) == ("run", run.run_id)


def test_a_commit_that_says_something_else_is_found(store: Path, kernel: Kernel) -> None:
    """Somebody with Git, and without the key, rewrote history."""
    refs = git(store, "for-each-ref", "--format=%(refname)").split()
    git(store, "update-ref", refs[0], refs[1])

    (finding,) = troubles(store)
    assert finding.kind == "git"
    assert "message" in finding.message


def test_a_commit_that_is_gone_is_found(store: Path, kernel: Kernel) -> None:
    git(store, "update-ref", "-d", git(store, "for-each-ref", "--format=%(refname)").split()[0])
    assert kinds(store) == {"git"}
    shutil.rmtree(store / "runs.git")
    assert len([finding for finding in troubles(store) if finding.kind == "git"]) == 2


def test_a_damaged_object_of_git_is_found(store: Path, kernel: Kernel) -> None:
    for path in (store / "runs.git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(path.read_bytes()[:-4] + b"????")

    assert "git" in kinds(store)


def test_a_number_given_twice_and_a_damaged_line_are_found(store: Path, kernel: Kernel) -> None:
    ordinals = store / "ordinals.jsonl"
    lines = ordinals.read_text().splitlines()
    ordinals.write_text("\n".join([*lines, lines[0].replace('"run_id":"', '"run_id":"X'), "{}"]) + "\n")

    messages = [finding.message for finding in troubles(store) if finding.kind == "ordinal"]
    assert len(messages) == 2
    assert any("#1 was given twice" in message for message in messages)


def test_an_unsealed_run_and_a_gap_are_only_told(store: Path, kernel: Kernel) -> None:
    gap = Gap(subject="sock", kind="unpicklable", reason="sockets cannot be saved")
    kernel.begin()
    kernel.end()
    kernel.capture({}, gaps=(gap,))
    run = kernel.checkpoint()

    found = {(each.severity, each.kind, each.subject) for each in fsck(store, KEY)}
    assert found == {("info", "gap", kernel.head), ("info", "run", run.run_id)}


def test_a_colleagues_session_is_foreign_and_no_trouble(store: Path, kernel: Kernel) -> None:
    stranger = Kernel(store, key=STRANGER)
    stranger.run_cell(x="theirs")

    assert troubles(store) == []
    told = [each for each in fsck(store, KEY) if each.kind == "foreign"]
    assert [each.subject for each in told] == [stranger.session.session_id]


def test_a_strangers_frame_in_ones_own_session_is_forged(store: Path, kernel: Kernel) -> None:
    kernel.writer.close()
    other = Kernel(store, key=STRANGER)
    other.run_cell(x="theirs")
    frame = next(each for each in scan(other.writer.path) if isinstance(each.frame, Chunks))
    forged = other.writer.path.read_bytes()[frame.offset : frame.end]
    other.writer.path.unlink()
    with kernel.writer.path.open("ab") as file:
        file.write(forged)

    assert "mac" in kinds(store)


def test_a_newer_store_is_not_judged(store: Path, kernel: Kernel) -> None:
    (store / "format").write_text('{"format_version":7}')

    with pytest.raises(UnsupportedFormatError):
        fsck(store, KEY)


def test_a_store_without_git_is_judged_as_far_as_it_goes(
    store: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    (finding,) = troubles(store)
    assert (finding.severity, finding.kind) == ("warning", "git")


def test_a_run_logged_again_is_the_same_run(store: Path, kernel: Kernel) -> None:
    """A retried request must not double anything."""
    run = kernel.checkpoint()
    again = msgspec.structs.replace(run, run_id=RunId("01OTHER"), previous=kernel.previous)
    kernel.writer.append(RunLogged(run=again))

    assert troubles(store) == []
