"""A long manifest is written once where it is the same as before, and read back as it was."""

import os
import random
from pathlib import Path

from runtrack_jupyter.model import Blob, Component, Digest, Manifest, StepId
from runtrack_jupyter.store.chunks import chunk_digest
from runtrack_jupyter.store.frames import Captured
from runtrack_jupyter.store.fsck import fsck
from runtrack_jupyter.store.manifests import pieces_of
from runtrack_jupyter.store.payload import StorePayload, component_digest
from tests.store.builder import Kernel, read_history
from tests.store.conftest import KEY


def long_manifest(seed: int, count: int = 3000) -> Manifest:
    pick = random.Random(seed)
    digests = tuple(Digest(pick.randbytes(32).hex()) for _ in range(count))
    return Manifest(roots=("x",), stream=Blob(size=5, chunks=()), buffers=(Blob(size=9, chunks=digests),))


def encoded(manifest: Manifest) -> bytes:
    import msgspec

    return msgspec.json.encode(manifest, order="deterministic")


def test_a_short_manifest_has_no_pieces() -> None:
    assert pieces_of(encoded(long_manifest(1, 20))) == []


def test_pieces_join_to_the_manifest_and_mostly_stay_when_a_chunk_changes() -> None:
    manifest = long_manifest(1)
    digests = list(manifest.buffers[0].chunks)
    digests[1500] = Digest("ab" * 32)
    changed = Manifest(roots=("x",), stream=manifest.stream, buffers=(Blob(size=9, chunks=tuple(digests)),))
    before, after = pieces_of(encoded(manifest)), pieces_of(encoded(changed))

    assert b"".join(after) == encoded(changed)
    assert 10 < len(after) < 200
    assert len(set(after) - set(before)) <= 2


def test_a_manifest_without_a_digest_to_cut_at_is_cut_all_the_same() -> None:
    data = b"x" * 300_000

    assert b"".join(pieces_of(data)) == data
    assert max(map(len, pieces_of(data))) <= 1 << 16


def test_a_manifest_in_pieces_is_read_back_and_checked(store: Path) -> None:
    kernel = Kernel(store)
    manifest = long_manifest(2)
    component_id = component_digest(manifest)
    pieces = [digest for piece in pieces_of(encoded(manifest)) for digest in kernel.writer.put(piece)]
    component = Component(component_id=component_id, pieces=tuple(pieces))
    kernel.begin()
    kernel.writer.append(
        Captured(step_id=StepId(str(kernel.head)), components=(component,), bound={"x": component_id})
    )

    assert StorePayload(read_history(store)).manifest(component_id) == manifest
    # Its chunks were never written, which is all that there is to say.
    errors = [each for each in fsck(store, KEY) if each.severity == "error"]
    assert [(each.kind, each.message[:4]) for each in errors] == [("component", "3000")]


def test_a_damaged_piece_is_found(store: Path) -> None:
    kernel = Kernel(store)
    manifest = long_manifest(3)
    pieces = pieces_of(encoded(manifest))
    wrong = [chunk_digest(os.urandom(9)), *(d for piece in pieces[1:] for d in kernel.writer.put(piece))]
    component = Component(component_id=component_digest(manifest), pieces=tuple(wrong))
    kernel.begin()
    kernel.writer.append(Captured(step_id=kernel.head, components=(component,)))

    messages = [each.message for each in fsck(store, KEY) if each.kind == "component"]
    assert messages == ["its manifest is missing or damaged"]
