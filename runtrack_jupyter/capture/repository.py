"""The user's Git repository at the moment of a checkpoint: commit, branch, remote and what is not committed.

It is only read, through the ``git`` executable: no lock is taken, no index refreshed on disk, and no hook, file
system monitor, text conversion or external diff is run. Clean filters are: what they make of a file is what Git
compares.
"""

import os
import re
import subprocess
from functools import partial
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from runtrack_jupyter.errors import GitError
from runtrack_jupyter.model import Digest, Gap, Repository

__all__ = ["Found", "repository"]

_TIMEOUT = 20.0  # seconds for one command; large work trees on network disks are slow
_LARGEST_PATCH = 32 << 20  # bytes
_LARGEST_UNTRACKED = 256 << 10  # bytes of one file
_MOST_UNTRACKED = 200  # files
_HARMLESS = (
    "--no-optional-locks", "--no-pager", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=keep",
    "-c", "core.quotePath=true", "-c", "diff.external=", "-c", "submodule.recurse=false", "-c", "color.ui=false",
    "-c", "gc.auto=0", "-c", "maintenance.auto=false",
)  # fmt: skip
_DIFF = (
    "diff", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames",
    "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty",
)  # fmt: skip
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_TEXT = frozenset(
    ".py .ipynb .md .rst .txt .toml .yaml .yml .json .cfg .ini .sql .r .jl .sh .js .ts .css .html .tex .c .h .cpp".split()  # noqa: SIM905 # a list of twenty lines says no more
)


class Found(NamedTuple):
    """The repository, its uncommitted changes as a patch for ``git apply``, and what could not be read."""

    repository: Repository | None
    patch: bytes
    gaps: tuple[Gap, ...]


def repository(cwd: str | os.PathLike[str]) -> Found:
    """Read the repository around `cwd`. No repository is no gap; one that cannot be read is."""
    run = partial(_git, Path(cwd))
    try:
        inside = run("rev-parse", "--is-inside-work-tree", fails="")
        if inside != b"true\n":
            return Found(
                None, b"", () if inside or not _is_around(Path(cwd)) else (_gap("git does not know it"),)
            )
        root = _line(run("rev-parse", "--show-toplevel"))
    except GitError as error:
        return Found(None, b"", (_gap(str(error)),))
    run = partial(_git, Path(root))
    gaps: list[Gap] = []
    try:
        commit = _line(run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", fails="")) or None
        branch = _line(run("symbolic-ref", "--quiet", "--short", "HEAD", fails=""))
        remote = _remote(run)
    except GitError as error:
        return Found(None, b"", (_gap(str(error)),))
    patch, dirty = _changes(run, Path(root), commit, gaps)
    return Found(
        Repository(
            root=root,
            commit=commit,
            branch=branch,
            dirty=dirty,
            remote=remote,
            patch=Digest(blake3(patch).hexdigest()) if patch else None,
        ),
        patch,
        tuple(gaps),
    )


def _is_around(cwd: Path) -> bool:
    """Whether a folder says that there is a repository here: a damaged one, if git does not see it."""
    return any(os.path.lexists(folder / ".git") for folder in (cwd.resolve(), *cwd.resolve().parents))


def _changes(run: "partial[bytes]", root: Path, commit: str | None, gaps: list[Gap]) -> tuple[bytes, bool]:
    """Return the patch against HEAD, small untracked text files included, and whether anything is changed."""
    try:
        base = commit or _line(
            run("hash-object", "-t", "tree", "--stdin", given=b"")
        )  # nothing is committed yet
        patch = run(*_DIFF, base, "--")
        untracked = [
            name for name in run("ls-files", "--others", "--exclude-standard", "-z").split(b"\0") if name
        ]
    except GitError as error:
        gaps.append(_gap(str(error)))
        return b"", True
    kept = [name for name in untracked if _is_small_text(root / os.fsdecode(name))][:_MOST_UNTRACKED]
    added = [_added(run, name, gaps) for name in kept]
    left = len(untracked) - len(kept)
    if left:
        reason = f"{left} untracked files are not in the patch: they are large, not text, or too many"
        gaps.append(Gap(subject="repository", kind="not-kept", reason=reason))
    whole = patch + b"".join(added)
    if len(whole) > _LARGEST_PATCH:
        reason = f"the uncommitted changes are {len(whole):,} bytes, more than the {_LARGEST_PATCH:,} that are kept"
        gaps.append(Gap(subject="repository", kind="too-large", reason=reason))
        return b"", True
    return whole, bool(patch or untracked)


def _added(run: "partial[bytes]", name: bytes, gaps: list[Gap]) -> bytes:
    try:  # with --no-index, 1 says that there is a difference
        return run(*_DIFF, "--no-index", "--", os.devnull, os.fsdecode(name), allowed=(0, 1))
    except GitError as error:
        gaps.append(_gap(str(error)))
        return b""


def _is_small_text(path: Path) -> bool:
    try:
        return (
            path.suffix.lower() in _TEXT
            and not path.is_symlink()
            and path.is_file()
            and path.stat().st_size <= _LARGEST_UNTRACKED
        )
    except OSError:
        return False


def _remote(run: "partial[bytes]") -> str:
    names = run("remote", fails="").decode(errors="replace").split()
    if not names:
        return ""
    name = "origin" if "origin" in names else names[0]
    # The address as configured: `remote get-url` would apply insteadOf rules, which may add a token.
    url = _line(run("config", "--get", f"remote.{name}.url", fails=""))
    return _CREDENTIALS.sub("", url)


def _line(answer: bytes) -> str:
    return os.fsdecode(answer).rstrip("\r\n")


def _gap(reason: str) -> Gap:
    return Gap(subject="repository", kind="failed", reason=reason)


def _git(
    cwd: Path,
    *arguments: str,
    fails: str | None = None,
    given: bytes | None = None,
    allowed: tuple[int, ...] = (0,),
) -> bytes:
    """Run git and return what it prints; with `fails`, a refusal is that answer and no error."""
    kept = ("GIT_CONFIG", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(kept)
    }
    environ |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(
            ["git", *_HARMLESS, *arguments],
            cwd=cwd,
            env=environ,
            input=b"" if given is None else given,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("there is no git on the path") from error
    except subprocess.TimeoutExpired as error:
        raise GitError(f"git {arguments[0]} took longer than {_TIMEOUT:.0f} s") from error
    except OSError as error:
        raise GitError(f"git cannot be started: {error}") from error
    if done.returncode in allowed:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip()
    if fails is not None and (not said or "not a git repository" in said):
        return fails.encode()
    raise GitError(f"git {arguments[0]} failed: {said.splitlines()[0] if said else done.returncode}")
