"""Contents paths from clients never lead out of the server's root folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.server.paths import clean, contents_path, file_of
from tests.server.asking import Ask

ROOT = Path("/srv/notebooks")

pieces = st.one_of(
    st.sampled_from(
        ["..", ".", "", "a", "b.ipynb", "RTC:", "C:", "~", "\\", "..\\..", "%2e%2e", "…", "a\0b", "\n"]
    ),
    st.text(max_size=6),
)
paths = st.lists(pieces, max_size=6).map("/".join)


@given(path=paths)
def test_whatever_is_sent_is_refused_or_stays_below_the_root(path: str) -> None:
    try:
        file = file_of(path, ROOT)
    except UsageError:
        return
    if file is not None:
        assert file.is_relative_to(ROOT)
        assert ".." not in file.parts
        assert file != ROOT


@given(path=paths)
def test_a_clean_path_is_clean_already(path: str) -> None:
    """A drive prefix behind a drive prefix must not come out as one."""
    try:
        once = clean(path)
    except UsageError:
        return
    assert clean(once) == once


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("RTC:a/b.ipynb", "a/b.ipynb"),
        ("a//b.ipynb", "a/b.ipynb"),
        ("a/./b.ipynb", "a/b.ipynb"),
        ("ü/日.ipynb", "ü/日.ipynb"),
    ],
)
def test_a_path_is_read_as_the_contents_manager_reads_it(sent: str, meant: str) -> None:
    assert file_of(sent, ROOT) == ROOT / meant


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../a.ipynb", "a/../../b", "RTC:../a", "RTC:/etc/passwd", "a\0.ipynb"]
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        file_of(path, ROOT)


def test_without_files_there_is_no_file() -> None:
    """A contents manager may keep its notebooks in a database."""
    assert file_of("a.ipynb", None) is None
    assert contents_path(ROOT / "a.ipynb", None) == ""


def test_a_file_outside_the_root_has_no_contents_path() -> None:
    assert contents_path(ROOT / "a/b.ipynb", ROOT) == "a/b.ipynb"
    assert contents_path(Path("/home/a.ipynb"), ROOT) == ""


@pytest.mark.parametrize("route", ["/status", "/runs", "/now"])
@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "a/../../b.ipynb", "RTC:../x"])
async def test_every_route_that_takes_a_path_refuses_traversal(ask: Ask, route: str, path: str) -> None:
    reply = await ask("GET", route, query={"path": path})

    assert (reply.status, reply.kind) == (400, "usage")


@pytest.mark.parametrize("path", ["../a.ipynb", "/a.ipynb", "a/../../../a.ipynb"])
async def test_a_copy_cannot_be_written_elsewhere(ask: Ask, path: str) -> None:
    reply = await ask("POST", "/copies", body={"id": "x", "path": path})

    assert (reply.status, reply.kind) == (400, "usage")
