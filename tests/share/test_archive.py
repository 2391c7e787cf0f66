"""No file that calls itself a bundle can do harm by being opened."""

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtrack_jupyter.errors import BundleError, UnsupportedFormatError
from runtrack_jupyter.share import archive as archives
from runtrack_jupyter.share.archive import Archive, check_name
from runtrack_jupyter.share.bundle import open_bundle
from tests.share.sent import Sent, packed


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refused(path: Path, data: bytes) -> str:
    """Return why these bytes are refused."""
    with pytest.raises(BundleError) as caught:
        Archive(write(path, data))
    return str(caught.value)


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "hostile.runtrack"


NAMES = [
    "../evil", "/etc/passwd", "a/../../b", "a//b", "./a", "a/.", "..", "c:evil", "a\\..\\b", "run/.git/config",
    "run/.GIT/config", "con", "run/NUL.txt", "a\x00b", "a\nb", "name ", " name", "name.", "a\u202eb", "x" * 241,
    "/".join("abcdefghijklmnopqrstuvwxyz0123456789"), "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(BundleError):
        check_name(name)


def test_a_name_that_leads_elsewhere_is_refused_also_in_an_archive(path: Path) -> None:
    assert "leads out" in refused(path, packed({"run/../../evil": b"x"}))
    assert not (path.parent.parent / "evil").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFBLK])
def test_links_folders_and_devices_are_refused(path: Path, kind: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("run/run.json")
        entry.create_system = 3
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")

    assert "link or a device" in refused(path, target.getvalue())


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("\u00e9", "e\u0301"), ("a", "a/b")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_stands_for_one_file_on_every_system(path: Path, names: tuple[str, str]) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, name)

    assert "twice" in (why := refused(path, target.getvalue())) or "both a file and a folder" in why


def test_what_declares_to_be_too_large_is_not_unpacked(path: Path) -> None:
    assert "would unpack" in refused(path, packed({"bomb": bytes(archives.LARGEST_TEXT + 1)}))


def test_many_that_are_too_large_together_are_not_unpacked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_TEXTS", 1 << 20)

    assert "would unpack to" in refused(path, packed({f"f{n}": bytes(200_000) for n in range(6)}))


def test_what_unpacks_to_more_than_it_declares_stops_there(path: Path) -> None:
    """A bomb that lies: ten bytes declared in both headers, fifty million inside."""
    data = bytearray(packed({"bomb": bytes(50_000_000)}))
    for mark, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<L", data, data.index(mark) + at, 10)
    archive = Archive(write(path, bytes(data)))

    with pytest.raises(BundleError, match="another size than it declares"):
        archive.read("bomb")
    archive.close()


def test_overlapping_entries_are_refused(path: Path) -> None:
    """The densest bombs: many entries of the directory share one packed body."""
    data = packed({"a": bytes(1000)})
    at = data.index(b"PK\1\2")
    body, directory = data[:at], data[at:-22]
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, 2 * len(directory), at, 0)

    assert "overlap" in refused(path, body + directory + directory.replace(b"a", b"b") + end)


@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_bytes_that_belong_to_nothing_are_refused(path: Path, where: str) -> None:
    data = packed({"a": b"x"})
    at = data.index(b"PK\1\2")
    hidden = {"before": b"?" + data, "between": data[:at] + b"?" + data[at:], "after": data + b"?"}

    assert refused(path, hidden[where])


def test_two_headers_that_differ_are_refused(path: Path) -> None:
    """Readers that go by the one see another file than readers that go by the other."""
    data = packed({"run/run.json": b"x"})

    assert "two things" in refused(path, data.replace(b"run/run.json", b"run/RUN.json", 1))


def test_too_many_entries_are_refused_before_they_are_looked_at(path: Path) -> None:
    assert "entries" in refused(path, packed({f"f{n}": b"" for n in range(archives.MOST_ENTRIES + 1)}))


def test_extensions_and_encryption_are_refused(path: Path) -> None:
    data = bytearray(packed({"a": b"x"}))
    data[data.index(b"PK\1\2") + 8] |= 1

    assert "bundles do not use" in refused(path, bytes(data))


def test_what_is_no_file_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)

    with pytest.raises(BundleError, match="ordinary file"):
        Archive(path)


def opens_or_refuses(path: Path, data: bytes) -> None:
    """Nothing else may come of any bytes."""
    try:
        open_bundle(write(path, data))
    except (BundleError, UnsupportedFormatError):
        return


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused(path: Path, data: bytes) -> None:
    with pytest.raises(BundleError):
        open_bundle(write(path, data))


@given(
    edits=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6)), min_size=1, max_size=4
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bundle_with_bytes_changed_is_the_same_or_refused(
    sent: Sent, path: Path, edits: list[tuple[float, bytes]]
) -> None:
    data = bytearray(sent.path.read_bytes())
    for where, new in edits:
        at = int(where * len(data))
        data[at : at + len(new)] = new

    opens_or_refuses(path, bytes(data))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
RECORDS = [
    "run/run.json",
    "run/data.json",
    "run/environment/environment.json",
    "run/notebook.ipynb",
    "run/steps.jsonl",
]


@given(name=st.sampled_from(RECORDS), key=st.integers(0, 60), value=JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_in_a_well_made_bundle_is_shown_or_refused(
    sent: Sent, path: Path, name: str, key: int, value: object
) -> None:
    """As one who knows the format writes it: every digest right, and any value in any field."""
    record = json.loads(sent.files()[name].splitlines()[0] if name.endswith("l") else sent.files()[name])
    if isinstance(record, dict):
        record[sorted(record)[key % len(record)]] = value
    else:
        record = value
    hostile = Sent(path, sent.run, sent.store)
    hostile.path.write_bytes(sent.path.read_bytes())
    hostile.change({name: json.dumps(record).encode("utf-8", "surrogatepass") + b"\n"}, listed=True)

    opens_or_refuses(path, path.read_bytes())
