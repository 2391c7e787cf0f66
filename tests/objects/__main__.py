"""Write docs/objects.md: try every shelf whose library is installed, one after the other.

With titles, only those are tried, and their sections replaced.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.objects.judging import judge
from tests.objects.page import PAGE, section, sections, version_of, whole
from tests.objects.worker import shelves


def main() -> int:
    """Try the shelves; a section with something silently wrong in it is not written."""
    parser = argparse.ArgumentParser(prog="python -m tests.objects", description=__doc__)
    parser.add_argument("titles", nargs="*", help="only these")
    titles = parser.parse_args().titles
    known = sections(PAGE.read_text("utf8")) if PAGE.exists() else {}
    parts = {heading.rpartition(" ")[0]: (heading, body) for heading, body in known.items()}
    failed = False
    for title, shelf in shelves().items():
        if (titles and title not in titles) or not version_of(shelf):
            continue
        with tempfile.TemporaryDirectory() as folder:
            outcomes = judge(shelf, Path(folder))
        wrong = [each for each in outcomes if each.kind == "silently wrong"]
        heading, _, body = section(shelf, outcomes).removeprefix("## ").partition("\n")
        if not wrong:
            parts[title] = (heading, body)
        failed |= bool(wrong)
        lines = [
            f"{heading}: {body.strip().splitlines()[0]}",
            *(f"  {each.row}: {each.words}" for each in wrong),
        ]
        sys.stderr.write("\n".join(lines) + "\n")
    PAGE.write_text(whole(dict(parts[title] for title in shelves() if title in parts)), "utf8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
