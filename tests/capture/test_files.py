"""Data files are known by their content, and looking at them never fails."""

import os
from pathlib import Path

from blake3 import blake3

from runtrack_jupyter.capture.files import digest_file, status_now


def test_a_file_is_named_by_its_content_and_its_path_below_the_working_directory(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(data)

    relative = digest_file("data/a.csv", "read", cwd=tmp_path)
    absolute = digest_file(tmp_path / "data" / "a.csv", "read", cwd=tmp_path)

    assert relative.digest == blake3(data).hexdigest()
    assert relative.size == 3_000_000
    assert relative.path == absolute.path == str(Path("data/a.csv"))
    assert relative.modified_at is not None
    assert relative.modified_at.tzinfo is not None
    assert relative.reason == ""


def test_what_stands_in_the_way_becomes_the_reason(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")

    reasons = {
        name: digest_file(name, "read", cwd=tmp_path, largest=4).reason
        for name in ("missing", ".", "large", "pipe", "bad\0name")
    }

    assert reasons["missing"] == "there is no such file"
    assert reasons["."] == "it is a directory"
    assert "larger than 4" in reasons["large"]
    assert reasons["pipe"] == "it is no regular file"
    assert reasons["bad\0name"] != ""


def test_status_now_tells_unchanged_changed_and_missing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    file = digest_file("a", "write", cwd=tmp_path)
    assert status_now(file, tmp_path) == "unchanged"

    os.utime(path, (1, 1))
    assert status_now(file, tmp_path) == "unchanged"  # another time, the same content
    assert status_now(file, tmp_path, largest=2) == "not-checked"

    path.write_bytes(b"two")
    os.utime(path, (2, 2))
    assert status_now(file, tmp_path) == "changed"

    path.unlink()
    assert status_now(file, tmp_path) == "missing"


def test_a_file_without_a_digest_is_not_checked(tmp_path: Path) -> None:
    directory = digest_file(".", "read", cwd=tmp_path)

    assert status_now(directory, tmp_path) == "not-checked"
