"""What a run's commit holds: files that anyone can read without Runtrack, and that Binder can start from."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runtrack_jupyter.model import DataFile, Environment, Run, Step

__all__ = ["run_files"]

_POST_BUILD = b"""#!/bin/sh
# The project's own modules, as the run imported them, where the notebook finds them.
cp -R -n environment/modules/. .
"""


def run_files(
    run: Run,
    *,
    steps: Sequence[Step],
    data: Sequence[DataFile],
    document: Mapping[str, Any],
    environment: Environment,
    files: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return the files of a run's commit by path.

    `files` are ``patch.diff`` and the sources of local modules, by path below ``environment/modules``.
    """
    tree = {
        "notebook.ipynb": _notebook(document),
        "run.json": _pretty(run),
        "steps.jsonl": b"".join(msgspec.json.encode(step) + b"\n" for step in steps),
        "data.json": _pretty(data),
        "environment/environment.json": _pretty(environment),
        "environment/requirements.txt": _requirements(environment).encode(),
        "binder/environment.yml": _binder(environment).encode(),
        "binder/requirements.txt": _requirements(environment).encode(),
    }
    for path, content in files.items():
        folder = "environment" if path in {"patch.diff", "requirements.txt"} else "environment/modules"
        tree[f"{folder}/{path}"] = content
    if any(path.startswith("environment/modules/") for path in tree):
        tree["binder/postBuild"] = _POST_BUILD
    return tree


def _pretty(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _notebook(document: Mapping[str, Any]) -> bytes:
    # As nbformat writes it, so that a diff between two runs shows what changed and nothing else.
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return text.encode("utf-8", "replace") + b"\n"


def _requirements(environment: Environment) -> str:
    lines = [f"# Python {environment.python} ({environment.implementation}) on {environment.platform}"]
    for package in environment.packages:
        if not package.source:
            lines.append(f"{package.name}=={package.version}")
        elif package.source.startswith("file:"):  # a folder of that machine: nobody else can install from it
            lines.append(f"# {package.name}=={package.version} from {package.source}")
        else:
            lines.append(f"{package.name} @ {package.source}")
    return "\n".join(lines) + "\n"


def _binder(environment: Environment) -> str:
    version = re.match(r"\d+\.\d+", environment.python)
    python = f"python={version[0]}" if version else "python"
    lines = ["channels:", "  - conda-forge", "dependencies:", f"  - {python}", "  - pip", "  - pip:"]
    return "\n".join([*lines, "      - -r requirements.txt"]) + "\n"
