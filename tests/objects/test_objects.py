"""docs/objects.md is what is found when its objects are recorded and restored once more."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.objects.judging import judge
from tests.objects.page import PAGE, kinds_of, section, sections, shown, version_of
from tests.objects.worker import shelves

PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
SHELVES = {title: shelf for title, shelf in shelves().items() if version_of(shelf)}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("title", SHELVES)
def test_nothing_comes_back_silently_wrong_and_the_page_says_how_it_comes_back(
    title: str, tmp_path: Path
) -> None:
    """Every kind written down by hand is on the page, whatever is installed.

    Of its classes, those that could be made here and there: that depends on what else is installed.
    """
    shelf = SHELVES[title]
    outcomes = judge(shelf, tmp_path)
    assert [each for each in outcomes if each.kind == "silently wrong"] == []
    heading, _, body = section(shelf, outcomes).removeprefix("## ").partition("\n")
    page = sections(PAGE.read_text("utf8"))
    told = kinds_of(next((text for line, text in page.items() if line.rpartition(" ")[0] == title), ""))
    found = kinds_of(body)
    entries = {shown(entry.name) for entry in shelf.entries}
    assert {row: found.get(row) for row in entries} == {row: told.get(row) for row in entries}
    if heading in page and PYTHON in page:
        both = found.keys() & told.keys()
        assert {row: found[row] for row in both} == {row: told[row] for row in both}


def test_the_page_counts_what_it_lists() -> None:
    """And has no row that is silently wrong."""
    text = PAGE.read_text("utf8")
    kinds = Counter(kind for body in sections(text).values() for kind in kinds_of(body).values())
    assert set(kinds) == {"exact", "rebuilt", "gap"}
    assert f"{kinds['exact']:,} exact, {kinds['rebuilt']:,} rebuilt, {kinds['gap']:,} gaps." in text
    assert len(sections(text)) >= 40
