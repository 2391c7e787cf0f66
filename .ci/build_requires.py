"""Print what pyproject.toml's ``[build-system]`` requires, a line each."""

import ast
import re
from pathlib import Path

# Python 3.10 has no tomllib, and this runs before anything is installed. The array is one line of plain strings.
found = re.search(r"^requires = (\[.*\])$", Path("pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
if found is None:
    raise SystemExit("pyproject.toml: [build-system] requires is not on one line")
print("\n".join(ast.literal_eval(found[1])))  # noqa: T201
