"""docs/objects.md: what came of every object of the catalogue, as the page says it."""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.objects.entry import Shelf
from tests.objects.trial import Outcome

__all__ = ["PAGE", "kinds_of", "section", "sections", "shown", "version_of", "whole"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "objects.md"

_HEAD = """# Which objects come back, and how

Written by `make objects`, which makes every object below, records it, changes it, restores it in the same kernel and
in another process, and compares what can be seen of it with an object that was never recorded. `make test` does the
same with the libraries it has and compares the rows with this page.

- **exact**: it comes back as it was, shared parts shared.
- **rebuilt**: it is not saved but made anew; the words say how. They are also shown with the variable and before a restore.
- **gap**: it cannot come back. The reason is known when it is recorded, and shown before a restore.

No row is *silently wrong*: the test fails for one. Classes are the public ones of each library. Those of which no
instance could be made (most are abstract, or need a server, a display or a file of a certain format) say nothing, and
are listed for completeness.

{counts}
"""


def version_of(shelf: Shelf) -> str:
    """Return the installed version of a shelf's library; "" where it is missing."""
    if not shelf.distribution:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        return version(shelf.distribution)
    except PackageNotFoundError:
        return ""


def section(shelf: Shelf, outcomes: list[Outcome]) -> str:
    """Return one library's part of the page."""
    kinds = Counter(each.kind for each in outcomes)
    told = ", ".join(
        f"{kinds[kind]} {kind}" for kind in ("exact", "rebuilt", "gap", "silently wrong") if kinds[kind]
    )
    lines = [f"## {shelf.title} {version_of(shelf)}", "", told or "nothing could be made", ""]
    entries = {entry.name for entry in shelf.entries}
    told_apart = [
        each for each in outcomes if each.row in entries or (each.kind != "not made" and each.kind != "exact")
    ]
    told_apart += [
        each for each in outcomes if each.kind == "exact" and each.words and each not in told_apart
    ]
    if told_apart:
        lines += ["| object | comes back | how, or why not |", "|---|---|---|"]
        lines += [
            f"| {_shown(each.row, entries)} | {each.kind} | {shown(each.words)} |" for each in told_apart
        ]
        lines.append("")
    exact = [each.row for each in outcomes if each.kind == "exact" and each not in told_apart]
    lines += _names("Exact", exact) + _names(
        "Not made here", [e.row for e in outcomes if e.kind == "not made"]
    )
    return "\n".join(lines)


def _shown(row: str, entries: set[str]) -> str:
    return shown(row) if row in entries else f"`{row}`"


def shown(text: str) -> str:
    """Return a text as a cell of a table shows it."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _names(title: str, rows: list[str]) -> list[str]:
    if not rows:
        return []
    return [f"{title}: {', '.join(f'`{row}`' for row in rows)}", ""]


def whole(parts: Mapping[str, str]) -> str:
    """Return the page, from the heading and the body of each section."""
    kinds: Counter[str] = Counter()
    for body in parts.values():
        kinds.update(
            {kind: int(count) for count, kind in re.findall(r"(\d+) ([a-z]+)", body.strip().split("\n")[0])}
        )
    counts = f"{len(parts)} sections: {kinds['exact']:,} exact, {kinds['rebuilt']:,} rebuilt, {kinds['gap']:,} gaps."
    body = "\n".join(f"## {heading}\n{text.rstrip()}\n" for heading, text in parts.items())
    return f"{_HEAD.format(counts=counts)}\n{body}"


def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their title line."""
    found = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def kinds_of(text: str) -> dict[str, str]:
    """Return how each row of a section comes back; those that were not made say nothing."""
    table = re.findall(r"^\| (.*?) \| (exact|rebuilt|gap|silently wrong) \|", text, flags=re.MULTILINE)
    exact = "".join(re.findall(r"^Exact: (.*)$", text, flags=re.MULTILINE))
    return {
        **{row.strip("`"): kind for row, kind in table},
        **dict.fromkeys(re.findall(r"`(.+?)`", exact), "exact"),
    }
