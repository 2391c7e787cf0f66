"""What a run ran in: interpreter, packages, hardware, and the names of the environment variables.

Only facts are read: nothing is imported, and no value of an environment variable is kept.
"""

import json
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from runtrack_jupyter.model import Environment, Gap, Package, Repository

__all__ = ["environment", "requirements_txt"]

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def environment(
    environ: Mapping[str, str] | None = None,
    *,
    local_modules: Iterable[str] = (),
    repository: Repository | None = None,
    gaps: Iterable[Gap] = (),
    redact: Callable[[str], str] = str,
) -> Environment:
    """Describe this process's environment now. Takes some tens of milliseconds: every distribution is looked at."""
    found: list[Gap] = list(gaps)
    return Environment(
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        executable=sys.executable or "",
        prefix=sys.prefix,
        platform=platform.platform(),
        machine=platform.machine(),
        processors=_processors(),
        memory=_memory(),
        captured_at=datetime.now(timezone.utc),
        packages=_packages(found, redact),
        local_modules=tuple(local_modules),
        variables=tuple(sorted(os.environ if environ is None else environ)),
        repository=repository,
        gaps=tuple(found),
    )


def requirements_txt(environment: Environment) -> str:
    """Return what pip needs to install these packages exactly; a package of a local folder is left as a comment."""
    lines = [f"# Python {environment.python} ({environment.implementation}) on {environment.platform}"]
    for package in environment.packages:
        if not package.source:
            lines.append(f"{package.name}=={package.version}")
        elif package.source.startswith("file:"):
            lines.append(f"# {package.name}=={package.version} from {package.source}")
        else:
            lines.append(f"{package.name} @ {package.source}")
    return "\n".join(lines) + "\n"


def _packages(gaps: list[Gap], redact: Callable[[str], str]) -> tuple[Package, ...]:
    found: dict[str, Package] = {}
    for distribution in metadata.distributions():
        package = _package(distribution, gaps, redact)
        if package is not None:  # the first on the path is the one that is imported
            found.setdefault(_normal(package.name), package)
    return tuple(found[name] for name in sorted(found))


def _package(
    distribution: metadata.Distribution, gaps: list[Gap], redact: Callable[[str], str]
) -> Package | None:
    try:
        fields = distribution.metadata
        # Typed as always there, but a half-removed distribution has neither.
        name: str | None = fields["Name"]
        version: str | None = fields["Version"]
        if name and version:
            return Package(name=name, version=version, source=redact(_source(distribution)))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        gaps.append(Gap(subject="environment", kind="failed", reason=f"a package cannot be read: {error}"))
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


def _source(distribution: metadata.Distribution) -> str:
    """Return where a distribution came from when that was no index, in the form pip takes (PEP 610)."""
    text = distribution.read_text("direct_url.json")
    if not text:
        return ""
    try:
        direct: Any = json.loads(text)
        url = _CREDENTIALS.sub("", str(direct["url"]))
    except (ValueError, KeyError, TypeError):
        return ""
    version_control = direct.get("vcs_info") or {}
    if version_control.get("vcs"):
        commit = version_control.get("commit_id", "")
        url = f"{version_control['vcs']}+{url}" + (f"@{commit}" if commit else "")
    if direct.get("subdirectory"):
        url = f"{url}#subdirectory={direct['subdirectory']}"
    return url


def _processors() -> int:
    # What this process may use: in a container that is less than what the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 0


def _memory() -> int:
    """Return the bytes of memory this process may use, 0 where the system does not say."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
    limits = map(_limit, ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"))
    return min(total, *(limit for limit in limits if limit), total)


def _limit(path: str) -> int:
    """Return what a control group allows, 0 where it sets no limit."""
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
