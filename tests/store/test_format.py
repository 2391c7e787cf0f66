"""`docs/format.md` is what the code does: its example is made here, and read back from the page's rules alone."""

import json
import re
import struct
from datetime import datetime, timezone
from pathlib import Path
from typing import get_args

import msgspec
from blake3 import blake3
from xxhash import xxh3_64_intdigest

from runtrack_jupyter.model import FORMAT_VERSION, Author, Run, Session, SessionId, StepId
from runtrack_jupyter.store.events import Event
from runtrack_jupyter.store.frames import Frame, StepStarted
from runtrack_jupyter.store.ordinals import Numbered, Sealed
from runtrack_jupyter.store.segment import SegmentWriter
from tests.store.builder import Kernel, value_of

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
KEY = bytes(range(32))
MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)
SESSION = SessionId("01JQ8W5Z3V0000000000000000")


def example(store: Path) -> bytes:
    """Return the segment of §11."""
    session = Session(
        session_id=SESSION,
        started_at=MOMENT,
        author=Author(name="ada"),
        python="3.11.7",
        executable="/usr/bin/python3",
        platform="linux",
    )
    writer = SegmentWriter(store, session, KEY)
    step_id = StepId("01JQ8W5Z3V0000000000000001")
    writer.append(
        StepStarted(step_id=step_id, parent_step=None, sequence=1, source="x = 1", started_at=MOMENT)
    )
    writer.put(b"\x80\x05K\x01.\n")
    writer.close()
    return writer.path.read_bytes()


def dump(data: bytes) -> str:
    lines = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:04x}  {row.hex(' '):<47}  {text}")
    return "\n".join(lines)


def block_of_page() -> str:
    section = PAGE[PAGE.index("## 11.") :]
    found = re.search(r"```\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1].rstrip("\n")


def test_the_example_is_what_is_written_today(store: Path) -> None:
    """When this fails, the format has changed: give it a version, then put the block below into the page."""
    made = dump(example(store))
    assert block_of_page() == made, f"\n{made}"


def test_the_example_can_be_read_by_the_rules_of_the_page_alone() -> None:
    """Not one line of the package's own reader is used here."""
    data = bytes.fromhex("".join(line[6:53] for line in block_of_page().splitlines()))
    assert data[:8] == b"\x89RTSEG\r\n"
    version, number, previous = struct.unpack_from("<II32s", data, 8)
    assert (version, number, previous) == (1, 0, bytes(32))
    mac_key = blake3(KEY, derive_key_context="runtrack 2026 segment frame mac").digest()
    at, kinds, seq = 48, [], 0
    while at < len(data):
        length, checksum, header_length = struct.unpack_from("<IQI", data, at)
        header = data[at + 16 : at + 16 + header_length]
        payload = data[at + 16 + header_length : at + 12 + length]
        assert checksum == xxh3_64_intdigest(data[at : at + 4] + data[at + 12 : at + 16] + header)
        seq += 1
        mac = json.loads(header)["mac"]
        start = b'{"seq":%d,"mac":"%s","frame":' % (seq, mac.encode())
        assert header.startswith(start)
        frame = header[len(start) : -1]
        fields = json.loads(frame)
        if fields["kind"] == "chunks":
            assert fields["pieces"] == [[blake3(payload).hexdigest(), len(payload), 0]]
        name = SESSION.encode()
        message = struct.pack("<Q", len(name)) + name + struct.pack("<Q", seq) + previous + frame
        previous = blake3(message, key=mac_key).digest()
        assert previous.hex() == mac
        kinds.append(fields["kind"])
        at += 12 + length
    assert kinds == ["session-started", "step-started", "chunks", "closed"]


def test_a_components_id_is_the_digest_the_page_says() -> None:
    component, _ = value_of("x")
    assert component.manifest is not None
    manifest = component.manifest
    written = {
        "roots": ["x"],
        "stream": {"size": manifest.stream.size, "chunks": list(manifest.stream.chunks)},
    }
    plain = json.dumps(written, separators=(",", ":")).encode()

    assert component.component_id == blake3(plain).hexdigest()


def test_the_digest_of_a_run_is_that_of_its_json_as_it_stands(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell(x="1")
    first = kernel.checkpoint("ünï")
    second = kernel.checkpoint()
    content = kernel.writer.path.read_bytes()
    start = content.index(b'"kind":"run-logged","run":') + len(b'"kind":"run-logged","run":')
    text = content[start:].decode("utf-8", "replace")
    length = json.JSONDecoder().raw_decode(text)[1]

    assert second.previous == blake3(text[:length].encode()).hexdigest()
    assert msgspec.json.decode(text[:length], type=Run) == first


def row_of(kind: str) -> str:
    return next((line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")), "")


def test_every_kind_and_every_field_is_on_the_page() -> None:
    structs = [*get_args(Frame), *get_args(Event), Numbered, Sealed]
    for struct_type in structs:
        kind = struct_type.__struct_config__.tag
        row = row_of(kind)
        assert row, f"{kind} is not described"
        for field in struct_type.__struct_fields__:
            assert field in {"at", "author"} or f"`{field}`" in row, f"{kind}: {field} is not described"


def test_the_page_describes_the_version_that_is_written() -> None:
    assert f"format version **{FORMAT_VERSION}**" in PAGE
