"""Where a figure was taken: machine, versions, date, load."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

__all__ = ["described", "python_with_peers"]

_PEERS = Path(__file__).resolve().parent / ".peers" / "bin" / "python"
_PACKAGES = (
    *("runtrack_jupyter", "dill", "kishu", "ipykernel", "ipython", "numpy", "pandas"),
    *("scikit-learn", "torch", "zstandard", "xxhash"),
)
_VERSIONS = """
import importlib.metadata, json, platform, sys
found = {"Python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def python_with_peers() -> str:
    """Return the Python that ``make bench-peers`` set up, else this one."""
    return str(_PEERS) if _PEERS.exists() else sys.executable


def described(python: str, absent: Mapping[str, str], scale: float) -> str:
    """Return a paragraph that says what the figures below it were taken on."""
    done = subprocess.run([python, "-c", _VERSIONS, *_PACKAGES], capture_output=True, text=True, check=True)
    versions = ", ".join(f"{name} {version}" for name, version in json.loads(done.stdout).items())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    machine = f"{os.cpu_count()} processors, {memory:.0f} GB, {platform.system()} {platform.release()}"
    when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = [f"{when}, {machine}, load {os.getloadavg()[0]:.1f} at the start; {versions}; scale {scale:g}."]
    lines += [f"Not measured: {name} ({why})." for name, why in absent.items()]
    return "\n".join(lines)
