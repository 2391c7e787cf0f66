"""Write docs/objects.md: try every shelf whose library is installed, one after the other."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.objects.judging import judge
from tests.objects.page import PAGE, section, version_of, whole
from tests.objects.trial import Outcome
from tests.objects.worker import shelves


def main() -> int:
    """Try all shelves, or those named; write the page only when all were tried and nothing is silently wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.objects", description=__doc__)
    parser.add_argument("titles", nargs="*", help="only these, printed instead of written")
    titles = parser.parse_args().titles
    parts: dict[str, str] = {}
    found: dict[str, list[Outcome]] = {}
    for title, shelf in shelves().items():
        if (titles and title not in titles) or not version_of(shelf):
            continue
        with tempfile.TemporaryDirectory() as folder:
            found[title] = judge(shelf, Path(folder))
        parts[title] = section(shelf, found[title])
        sys.stderr.write(parts[title].split("\n\n", 2)[0] + ": " + parts[title].split("\n\n", 2)[1] + "\n")
    wrong = [
        f"{each.row}: {each.words}"
        for rows in found.values()
        for each in rows
        if each.kind == "silently wrong"
    ]
    if titles:
        sys.stdout.write("\n".join(parts.values()))
    elif not wrong:
        PAGE.write_text(whole(parts, found), "utf8")
    sys.stderr.write("".join(f"silently wrong: {row}\n" for row in wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
