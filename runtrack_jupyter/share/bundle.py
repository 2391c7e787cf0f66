"""One run in one file, as somebody sent it: checked, and read without loading a value or unpacking a file.

What lies in a bundle is described in `docs/format.md`. Nothing of it is trusted: a bundle shows what it says of itself.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from blake3 import blake3

from runtrack_jupyter.errors import BundleError, UnsupportedFormatError
from runtrack_jupyter.model import FORMAT_VERSION, DataFile, Digest, Environment, Run, RunId, Step
from runtrack_jupyter.share.archive import Archive

__all__ = [
    "BUNDLE_VERSION",
    "CHUNKS",
    "COMPONENTS",
    "CONTENTS",
    "INDEX",
    "Bundle",
    "Contents",
    "decoded",
    "open_bundle",
    "read_bundle",
]

BUNDLE_VERSION = 1
CONTENTS = "bundle.json"
COMPONENTS = "values/components.json"
INDEX = "values/chunks.json"
CHUNKS = "values/chunks"
_RECORD = "run/"
_LARGEST_CONTENTS = 4 << 20
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_Value = TypeVar("_Value")


class Contents(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ``bundle.json`` says: the run, and every other file with its size and digest."""

    format_version: int
    run_id: RunId
    packed_at: datetime
    files: dict[str, tuple[int, Digest]]
    values: int = 0  # variables and reserved keys whose values are with it
    runtrack: str = ""  # the version that packed it


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str]
    outputs: list["_Output"] = []
    execution_count: int | None = None


class _Output(msgspec.Struct):
    output_type: Literal["stream", "display_data", "execute_result", "error"]
    data: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    text: str | list[str] = ""
    name: str = ""
    ename: str = ""
    evalue: str = ""
    traceback: list[str] = []


class _Document(msgspec.Struct):
    """As much of a notebook's shape as whoever shows it relies upon."""

    cells: list[_Cell]
    nbformat: Literal[4]
    nbformat_minor: int
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle that is whole; `digest` names its very content."""

    path: Path
    digest: Digest
    contents: Contents
    run: Run
    steps: tuple[Step, ...]
    data: tuple[DataFile, ...]
    environment: Environment
    document: dict[str, Any]
    files: Mapping[str, bytes]  # the run's files, by their path in a run's commit


def open_bundle(path: Path) -> Bundle:
    """Read a bundle and hold all of its record to the digests in it.

    Raises
    ------
    BundleError
        It is damaged, was tampered with, or is no bundle.
    UnsupportedFormatError
        A newer Runtrack made it.
    """
    with closing(Archive(path)) as archive:
        return read_bundle(path, archive)


def read_bundle(path: Path, archive: Archive) -> Bundle:
    """Read the bundle in an open archive; raises as `open_bundle` does."""
    said = archive.read(CONTENTS)
    if len(said) > _LARGEST_CONTENTS:
        raise BundleError(f"{CONTENTS} is {len(said):,} bytes; at most {_LARGEST_CONTENTS:,} are read")
    contents = _contents(said)
    _check_files(archive, contents)
    files = {
        name.removeprefix(_RECORD): _checked(archive, name, expected)
        for name, (_, expected) in contents.files.items()
        if name.startswith(_RECORD)
    }
    run = decoded(files, "run.json", Run)
    _check_run(run, contents)
    steps = tuple(_step(line) for line in files.get("steps.jsonl", b"").splitlines() if line)
    _check_steps(run, steps)
    return Bundle(
        path=path,
        digest=Digest(blake3(said).hexdigest()),
        contents=contents,
        # Its number was given in somebody else's notebook, and may be another run's here.
        run=msgspec.structs.replace(run, ordinal=None, sealed=True),
        steps=steps,
        data=decoded(files, "data.json", tuple[DataFile, ...]),
        environment=decoded(files, "environment/environment.json", Environment),
        document=_document(files),
        files=files,
    )


def decoded(files: Mapping[str, bytes], name: str, kind: type[_Value]) -> _Value:
    """Return a JSON file of a bundle as what it must be; raises BundleError."""
    if name not in files:
        raise BundleError(f"{name} is missing")
    return _decode(files[name], name, kind)


def _decode(data: bytes, name: str, kind: type[_Value]) -> _Value:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise BundleError(f"{name} cannot be read: {error}") from error


def _contents(said: bytes) -> Contents:
    class Version(msgspec.Struct):
        format_version: int

    version = _decode(said, CONTENTS, Version).format_version
    if version > BUNDLE_VERSION:
        raise UnsupportedFormatError(
            f"this bundle has format version {version}, and this Runtrack reads up to {BUNDLE_VERSION}"
        )
    return _decode(said, CONTENTS, Contents)


def _check_files(archive: Archive, contents: Contents) -> None:
    listed = contents.files.keys() | {CONTENTS}
    strangers = sorted(archive.entries.keys() - listed)
    if strangers:
        raise BundleError(f"{strangers[0]} is in it, but not in its list of contents")
    missing = sorted(listed - archive.entries.keys())
    if missing:
        raise BundleError(f"{missing[0]} is missing")
    for name, (size, _) in contents.files.items():
        if not (name.startswith(_RECORD) or name in {COMPONENTS, INDEX, CHUNKS}):
            raise BundleError(f"{name} is nothing that a bundle holds")
        if archive.entries[name].size != size:
            raise BundleError(
                f"{name} has {archive.entries[name].size:,} bytes, not {size:,} as it was packed"
            )


def _checked(archive: Archive, name: str, expected: Digest) -> bytes:
    data = archive.read(name)
    found = blake3(data).hexdigest()
    if found != expected:
        raise BundleError(f"{name} was changed: expected {expected[:16]}…, found {found[:16]}…")
    return data


def _check_run(run: Run, contents: Contents) -> None:
    if run.run_id != contents.run_id:
        raise BundleError(f"it is said to be run {contents.run_id[:40]}, and holds run {run.run_id[:40]}")
    if run.format_version > FORMAT_VERSION:
        raise UnsupportedFormatError("the run in this bundle was recorded by a newer Runtrack")
    if not _ULID.fullmatch(run.run_id):
        raise BundleError(f"{run.run_id[:40]!r} is no id of a run")


def _check_steps(run: Run, steps: tuple[Step, ...]) -> None:
    ids = [step.step_id for step in steps]
    if not all(_ID.fullmatch(each) for each in (*ids, run.session_id, run.notebook_id)):
        raise BundleError("it holds ids that are none")
    if len(set(ids)) != len(ids):
        raise BundleError("a step is there twice")
    for step in steps:
        # Outputs are free JSON on record, and are shown as those of the document are.
        _shaped({"outputs": list(step.outputs), "source": "", "cell_type": "code"}, _Cell, "steps.jsonl")


def _step(line: bytes) -> Step:
    return _decode(line, "steps.jsonl", Step)


def _document(files: Mapping[str, bytes]) -> dict[str, Any]:
    document = decoded(files, "notebook.ipynb", dict[str, Any])
    _shaped(document, _Document, "notebook.ipynb")
    return document


def _shaped(value: object, kind: type, name: str) -> None:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BundleError(f"{name} is not what it should be: {error}") from error
