"""docs/objects.md is what is found when its objects are recorded and restored once more."""

from pathlib import Path

import pytest

from tests.objects.judging import judge
from tests.objects.page import PAGE, on_page, section, sections, version_of
from tests.objects.worker import shelves

SHELVES = {title: shelf for title, shelf in shelves().items() if version_of(shelf)}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("title", SHELVES)
def test_nothing_comes_back_silently_wrong_and_the_page_says_how_it_comes_back(
    title: str, tmp_path: Path
) -> None:
    """Rows of classes depend on the library's version; what is written by hand must hold for any."""
    shelf = SHELVES[title]
    outcomes = judge(shelf, tmp_path)
    assert [each for each in outcomes if each.kind == "silently wrong"] == []
    found = section(shelf, outcomes)
    heading, _, body = found.removeprefix("## ").partition("\n")
    page = sections(PAGE.read_text("utf8"))
    entries = {entry.name for entry in shelf.entries}
    told = next((text for line, text in page.items() if line.rpartition(" ")[0] == title), "")
    assert on_page(body, entries) == on_page(told, entries)
    if heading in page:
        assert body.strip() == page[heading].strip()
