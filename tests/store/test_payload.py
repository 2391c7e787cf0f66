"""What a restore unpickles is this user's, and is what was written; anything else raises."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.errors import DamagedStoreError, UntrustedError
from runtrack_jupyter.model import Blob, ComponentId, Digest
from runtrack_jupyter.state import Payload
from runtrack_jupyter.store.chunks import Packer, chunk_digest, unpack
from runtrack_jupyter.store.frames import Captured, Chunks, Piece
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.segment import scan
from runtrack_jupyter.store.wire import PREFIX, header_checksum
from tests.store.builder import Kernel, value_of
from tests.store.conftest import KEY

STRANGER = b"somebody else's, of 32 bytes ..."


def test_it_is_what_the_state_engine_asks_for(store: Path) -> None:
    asked: Payload = payload_of(store)
    assert asked is not None


def payload_of(*stores: Path, key: bytes | None = KEY) -> StorePayload:
    history = History(stores, key)
    history.refresh()
    return StorePayload(history)


def fill(payload: StorePayload, blob: Blob) -> bytes:
    into = bytearray(blob.size)
    payload.read_blob(blob, memoryview(into))
    return bytes(into)


def write_blob(kernel: Kernel, data: bytes, size: int = 1 << 20) -> Blob:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    digests = [digest for piece in pieces for digest in kernel.writer.put(piece)]
    return Blob(size=len(data), chunks=tuple(digests))


def damage_payload(path: Path, digest: Digest) -> None:
    content = bytearray(path.read_bytes())
    for found in scan(path):
        at = found.payload_offset
        for piece in found.frame.pieces if isinstance(found.frame, Chunks) else ():
            if piece.digest == digest:
                content[at + piece.length // 2] ^= 4
            at += piece.length
    path.write_bytes(content)


def test_values_come_back_byte_for_byte(store: Path) -> None:
    kernel = Kernel(store)
    data = os.urandom(2_500_000) + bytes(1_200_000)
    blob = write_blob(kernel, data)
    kernel.run_cell(x="1")
    component, text = value_of("1")
    assert component.manifest is not None

    payload = payload_of(store)
    assert fill(payload, blob) == data
    assert payload.manifest(component.component_id) == component.manifest
    assert fill(payload, component.manifest.stream) == text
    assert fill(payload, Blob(size=0, chunks=())) == b""
    payload.close()
    assert fill(payload, component.manifest.stream) == text


def test_values_of_other_sessions_and_stores_are_found(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Kernel(tmp_path / name).run_cell(x=name)
    payload = payload_of(tmp_path / "one", tmp_path / "two")

    for name in ("one", "two"):
        component, text = value_of(name)
        assert fill(payload, payload.manifest(component.component_id).stream) == text


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=3000) | st.text("ab", min_size=1000, max_size=9000).map(str.encode))
def test_what_is_encoded_decodes_to_itself(data: bytes) -> None:
    packed = Packer().pack([(chunk_digest(data), data)])

    assert unpack(packed.frame.pieces[0], packed.parts[0]) == data
    assert packed.size <= len(data)


def test_a_flipped_bit_raises_and_never_comes_back_as_data(store: Path) -> None:
    kernel = Kernel(store)
    raw, packed = os.urandom(5000), b"so compressible " * 1000
    blobs = [write_blob(kernel, data) for data in (raw, packed)]
    for blob in blobs:
        damage_payload(kernel.writer.path, blob.chunks[0])

    payload = payload_of(store)
    for blob in blobs:
        with pytest.raises(DamagedStoreError):
            fill(payload, blob)


def test_a_whole_copy_elsewhere_makes_up_for_a_damaged_one(store: Path) -> None:
    kernels = [Kernel(store), Kernel(store)]
    blobs = [write_blob(kernel, b"the same" * 1000) for kernel in kernels]
    assert blobs[0] == blobs[1]
    damage_payload(kernels[0].writer.path, blobs[0].chunks[0])

    assert fill(payload_of(store), blobs[0]) == b"the same" * 1000


def test_a_chunk_that_claims_to_be_huge_is_not_unpacked() -> None:
    """A few bytes of zstd may claim terabytes."""
    digest = chunk_digest(bytes(1 << 20))
    (stored,) = Packer().pack([(digest, bytes(1 << 20))]).parts

    for size in (1 << 40, 10):
        with pytest.raises(DamagedStoreError):
            unpack(Piece(digest, size, len(stored)), stored)


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_another_users_values_are_refused(store: Path, key: bytes | None) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    component, _ = value_of("1")
    assert component.manifest is not None

    payload = payload_of(store, key=key)
    with pytest.raises(UntrustedError):
        payload.manifest(component.component_id)
    with pytest.raises(UntrustedError):
        fill(payload, component.manifest.stream)


def test_ones_own_copy_is_taken_where_a_stranger_wrote_the_same(store: Path) -> None:
    for key in (STRANGER, KEY):
        Kernel(store, key=key).run_cell(x="1")
    component, text = value_of("1")

    payload = payload_of(store)
    assert fill(payload, payload.manifest(component.component_id).stream) == text


def forge(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a frame as somebody would who can compute checksums but does not have the key."""
    content = path.read_bytes()
    for found in scan(path):
        header = content[found.offset + PREFIX.size : found.payload_offset]
        changed = change(header)
        if changed != header:
            assert len(changed) == len(header)
            length = found.end - found.offset - PREFIX.size + 4
            prefix = PREFIX.pack(length, header_checksum(length, changed), len(changed))
            path.write_bytes(content[: found.offset] + prefix + changed + content[found.payload_offset :])
            return
    raise AssertionError("nothing to forge")


def test_a_forged_manifest_is_refused_though_its_checksum_is_right(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    component, _ = value_of("1")
    assert component.manifest is not None
    known = component.manifest.stream.chunks[0].encode()
    forge(
        kernel.writer.path, lambda header: header.replace(b'"chunks":["' + known, b'"chunks":["' + b"0" * 64)
    )

    with pytest.raises(UntrustedError):
        payload_of(store).manifest(component.component_id)


def test_a_component_that_is_not_its_manifest_is_refused(store: Path) -> None:
    """Signed by this user's own kernel, and wrong all the same."""
    kernel = Kernel(store)
    component, _ = value_of("1")
    wrong = msgspec.structs.replace(component, component_id=ComponentId("0" * 64))
    kernel.writer.append(Captured(step_id=None, components=(wrong,)))

    with pytest.raises(DamagedStoreError):
        payload_of(store).manifest(wrong.component_id)


def test_what_is_not_there_raises(store: Path) -> None:
    payload = payload_of(store)

    with pytest.raises(DamagedStoreError, match="not in the store"):
        payload.manifest(ComponentId("0" * 64))
    with pytest.raises(DamagedStoreError, match="not in the store"):
        payload.sizes([Digest("0" * 64)])


def test_a_blob_that_does_not_add_up_raises(store: Path) -> None:
    kernel = Kernel(store)
    blob = write_blob(kernel, b"12345678")
    payload = payload_of(store)

    for size in (7, 9):
        with pytest.raises(DamagedStoreError):
            fill(payload, msgspec.structs.replace(blob, size=size))
    with pytest.raises(ValueError, match="8 bytes"):
        payload.read_blob(blob, memoryview(bytearray(9)))
