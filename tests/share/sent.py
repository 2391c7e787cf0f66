"""A bundle on its way, and what can be done to it there."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from blake3 import blake3

from runtrack_jupyter.model import Run

__all__ = ["Sent", "packed"]


def packed(files: Mapping[str, bytes], *, stored: tuple[str, ...] = ("values/chunks",)) -> bytes:
    """Return files as the plainest of archives."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return target.getvalue()


@dataclass
class Sent:
    """A bundle, the run in it, and the store that it came from."""

    path: Path
    run: Run
    store: Path

    def files(self) -> dict[str, bytes]:
        """Read it with what everybody has."""
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def change(self, changes: Mapping[str, bytes | None], *, listed: bool) -> None:
        """Replace files (None: take away); with `listed`, as one who also knows to change the list of contents."""
        files = {**self.files(), **{name: data for name, data in changes.items() if data is not None}}
        files = {name: data for name, data in files.items() if changes.get(name, b"") is not None}
        if listed:
            contents = msgspec.json.decode(files["bundle.json"])
            contents["files"] = {
                name: [len(data), blake3(data).hexdigest()]
                for name, data in files.items()
                if name != "bundle.json"
            }
            files["bundle.json"] = msgspec.json.encode(contents)
        self.path.write_bytes(packed(files))
