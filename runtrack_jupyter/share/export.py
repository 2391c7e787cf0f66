"""Packing a run into one file that others can open; what goes in is what is sealed, and values only when asked for."""

import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

import msgspec
from blake3 import blake3

from runtrack_jupyter.errors import (
    DamagedStoreError,
    StoreUnavailableError,
    TooLargeError,
    UntrustedError,
    UsageError,
)
from runtrack_jupyter.model import Component, ComponentId, Digest, Manifest, Run, Wanted
from runtrack_jupyter.share.archive import LARGEST_ARCHIVE, check_name
from runtrack_jupyter.share.bundle import BUNDLE_VERSION, CHUNKS, COMPONENTS, CONTENTS, INDEX, Contents
from runtrack_jupyter.store.chunks import Packer
from runtrack_jupyter.store.frames import Piece
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.payload import StorePayload
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.version import __version__

__all__ = ["Exported", "export_run"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # when it was packed is in bundle.json, once
_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What went into a bundle, for whoever is about to send it."""

    path: Path
    run: Run
    size: int
    files: tuple[str, ...]  # of the record
    values: tuple[str, ...]  # variables whose values are in it
    left_out: Mapping[str, str]  # variables whose values were asked for and are not in it, and why


def export_run(history: History, run: Run, path: Path, *, values: bool = False) -> Exported:
    """Write a run as a bundle to a new file.

    Raises
    ------
    UsageError
        The file exists, or the run is not sealed yet.
    TooLargeError
        With its values it is more than a bundle holds.
    StoreUnavailableError
        It cannot be written there.
    """
    if not run.sealed:
        raise UsageError("this run is not sealed yet: try again in a moment")
    try:
        with path.open("xb") as file:
            try:
                exported = _pack(history, run, file, path, with_values=values)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:  # an interrupt too: half a bundle is none
                path.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise UsageError(f"{path} exists: nothing is ever replaced, choose another name") from error
    except OSError as error:
        raise StoreUnavailableError(f"{path} cannot be written: {error.strerror}") from error
    return exported


def _pack(history: History, run: Run, file: BinaryIO, path: Path, *, with_values: bool) -> Exported:
    listed: dict[str, tuple[int, Digest]] = {}
    held: set[ComponentId] = set()
    left_out: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as archive:

        def put(name: str, data: bytes) -> None:
            check_name(name)
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), data)
            listed[name] = (len(data), Digest(blake3(data).hexdigest()))

        for name, data in _record(history, run):
            put(f"run/{name}", data)
        record = tuple(name.removeprefix("run/") for name in listed)
        if with_values:
            held, left_out = _put_values(history, run, archive, put, listed)
        names = tuple(sorted(root for root, component in run.components.items() if component in held))
        contents = Contents(
            format_version=BUNDLE_VERSION,
            run_id=run.run_id,
            packed_at=datetime.now(timezone.utc),
            files=listed,
            values=len(names),
            runtrack=__version__,
        )
        archive.writestr(_entry(CONTENTS, zipfile.ZIP_DEFLATED), _encoder.encode(contents))
    return Exported(path=path, run=run, size=file.tell(), files=record, values=names, left_out=left_out)


def _record(history: History, run: Run) -> Iterator[tuple[str, bytes]]:
    repository = RunRepository(history.store_of(run.run_id))
    for name in repository.paths(run.run_id):
        yield name, repository.read(run.run_id, name)


def _put_values(
    history: History,
    run: Run,
    archive: zipfile.ZipFile,
    put: Callable[[str, bytes], None],
    listed: dict[str, tuple[int, Digest]],
) -> tuple[set[ComponentId], dict[str, str]]:
    """Pack the values; return the components that went in, and why others did not."""
    payload = StorePayload(history)
    try:
        manifests, left_out = _manifests(payload, run)
        digests = list(
            dict.fromkeys(
                digest
                for manifest in manifests.values()
                for blob in (manifest.stream, *manifest.buffers)
                for digest in blob.chunks
            )
        )
        total = sum(payload.sizes(digests))
        if total > LARGEST_ARCHIVE:
            raise TooLargeError("the values of this run", total, LARGEST_ARCHIVE)
        pieces = _put_chunks(payload, digests, archive, listed)
    finally:
        payload.close()
    components = [
        Component(component_id=component_id, manifest=manifest)
        for component_id, manifest in manifests.items()
    ]
    put(COMPONENTS, _encoder.encode(components))
    put(INDEX, _encoder.encode(pieces))
    return set(manifests), left_out


def _manifests(payload: StorePayload, run: Run) -> tuple[dict[ComponentId, Manifest], dict[str, str]]:
    found: dict[ComponentId, Manifest] = {}
    left_out: dict[str, str] = {}
    for root, component_id in run.components.items():
        try:
            manifest = found.get(component_id) or payload.manifest(component_id)
            payload.sizes([digest for blob in (manifest.stream, *manifest.buffers) for digest in blob.chunks])
        except (UntrustedError, DamagedStoreError, StoreUnavailableError) as error:
            left_out[root] = str(error)
        else:
            found[component_id] = manifest
    return found, left_out


def _put_chunks(
    payload: StorePayload,
    digests: list[Digest],
    archive: zipfile.ZipFile,
    listed: dict[str, tuple[int, Digest]],
) -> list[Piece]:
    """Pack chunks one after the other; what was read is what was written, or nothing is packed."""
    pieces: list[Piece] = []
    packer, hasher, size = Packer(), blake3(), 0
    with archive.open(_entry(CHUNKS, zipfile.ZIP_STORED), "w") as stream:
        for digest, length in zip(digests, payload.sizes(digests), strict=True):
            data = bytearray(length)
            payload.read([Wanted(digest, 0, length)], memoryview(data))
            packed = packer.pack([(digest, bytes(data))])
            pieces += packed.frame.pieces
            for part in packed.parts:
                stream.write(part)
                hasher.update(part)
                size += len(part)
    listed[CHUNKS] = (size, Digest(hasher.hexdigest()))
    return pieces


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = method
    entry.external_attr = 0o100600 << 16
    entry.create_system = 3
    return entry
