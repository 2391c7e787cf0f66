"""Our own bare Git repository: one commit without parents for every run, readable with nothing but Git.

The ``git`` executable does it all, with an environment of our own: no hooks, no configuration of the user's or the
system's, no prompts, no signing, no filters, no housekeeping by itself (`docs/decisions/0001-git-by-its-executable.md`).
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from runtrack_jupyter.errors import GitError, NotFoundError, StoreUnavailableError, UsageError
from runtrack_jupyter.model import Author, RunId
from runtrack_jupyter.store.layout import git_folder, prepare_store, run_ref

__all__ = ["RunRepository"]

_COMMITTER = "Runtrack <runtrack@localhost>"
_SECONDS = 300
_MANY_LOOSE = 2000  # objects in files of their own
_OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.logAllRefUpdates=false",
    "core.fsync=all",
    "core.fsyncMethod=batch",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "fastimport.unpackLimit=10000",  # as single objects: those that runs share are then there once
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_DEFAULT_REF_FORMAT": "files",  # what received runs are looked for in, without running Git
    "LC_ALL": "C",
}


class RunRepository:
    """The repository ``runs.git`` of one store; it is made by the first `commit`."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self.path = git_folder(store)

    def commit(
        self, run_id: RunId, files: Mapping[str, bytes], *, when: datetime, author: Author, message: str
    ) -> str:
        """Make the commit of a run, durably, and return its name; one that is there already stays as it is.

        Raises
        ------
        GitError
            The ``git`` executable is missing, or refused.
        StoreUnavailableError
            The repository cannot be made.
        """
        known = self.commit_of(run_id)
        if known is not None:
            return known
        self._make()
        stream = b"".join(_import_stream(run_id, files, when, author, message))
        name = self._git("fast-import", "--quiet", "--done", "--date-format=raw", stdin=stream).strip()
        return name.decode("ascii")

    def commit_of(self, run_id: RunId) -> str | None:
        """Return the name of a run's commit; None when it has none. Raises GitError."""
        if not self._exists():
            return None
        done = self._run("rev-parse", "--verify", "--quiet", f"{run_ref(run_id)}^{{commit}}")
        return done.stdout.decode("ascii").strip() or None

    def run_ids(self) -> list[RunId]:
        """Return the runs that have a commit. Raises GitError."""
        if not self._exists():
            return []
        prefix = run_ref(RunId(""))
        lines = self._git("for-each-ref", "--format=%(refname)", prefix).decode().splitlines()
        return [RunId(line.removeprefix(prefix)) for line in lines]

    def read(self, run_id: RunId, path: str) -> bytes:
        """Return a file of a run's commit, as it was sealed.

        Raises
        ------
        NotFoundError
            There is no such run here, or no such file in it.
        GitError
            The ``git`` executable is missing, or the repository is damaged.
        """
        commit = self.commit_of(run_id)
        if commit is None:
            raise NotFoundError("sealed run", run_id)
        done = self._run("cat-file", "blob", f"{commit}:{path}")
        if done.returncode == 0:
            return done.stdout
        if path not in self.paths(run_id):
            raise NotFoundError("file of a run", f"{run_id}:{path}")
        raise _refused("cat-file", done)

    def paths(self, run_id: RunId) -> list[str]:
        """Return the files of a run's commit; raises as `read` does."""
        commit = self.commit_of(run_id)
        if commit is None:
            raise NotFoundError("sealed run", run_id)
        listed = self._git("ls-tree", "-r", "-z", "--name-only", commit)
        return [path.decode("utf-8", "replace") for path in listed.split(b"\0") if path]

    def check(self) -> str:
        """Return what Git finds wrong with the repository; "" when it is whole, or not there. Raises GitError."""
        if not self._exists():
            return ""
        done = self._run("fsck", "--full", "--no-dangling", "--no-progress")
        return "" if done.returncode == 0 else (done.stderr + done.stdout).decode("utf-8", "replace").strip()

    def remove(self, run_id: RunId) -> None:
        """Take a run's ref and commit out, and all that no other run shares; raises GitError."""
        if not self._exists():
            return
        if self.commit_of(run_id) is not None:
            self._git("update-ref", "-d", run_ref(run_id))
        for left in self.path.glob("fast_import_crash_*"):  # what Git leaves for itself when it dies
            left.unlink(missing_ok=True)
        self._git("repack", "-a", "-d", "-q")
        self._git("prune", "--expire=now")

    def pack(self) -> None:
        """Let Git store what it holds in less space, when that is much; nothing is lost. Raises GitError."""
        if not self._exists():
            return
        loose = sum(1 for folder in self.path.glob("objects/[0-9a-f][0-9a-f]") for _ in folder.iterdir())
        if loose > _MANY_LOOSE:
            self._git("repack", "-d", "-q", "--window-memory=64m", "--threads=1")

    def _exists(self) -> bool:
        return (self.path / "HEAD").exists()

    def _make(self) -> None:
        if self._exists():
            return
        prepare_store(self._store)
        # No template: hooks and attributes of the machine are no affair of ours.
        options = ("--bare", "--quiet", "--template=", "--object-format=sha1", "--initial-branch=main")
        done = self._call("git", *_with_options("init", *options, str(self.path)))
        if done.returncode:
            raise _refused("init", done)

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = self._run(*arguments, stdin=stdin)
        if done.returncode:
            raise _refused(arguments[0], done)
        return done.stdout

    def _run(self, *arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return self._call("git", f"--git-dir={self.path}", *_with_options(*arguments), stdin=stdin)

    def _call(self, *command: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name == "GIT_EXEC_PATH"
        }
        private: dict[str, Any] = {} if sys.platform == "win32" else {"umask": 0o077}
        try:
            return subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                check=False,
                cwd=self._store,
                env=kept | _ENVIRONMENT,
                timeout=_SECONDS,
                **private,
            )
        except FileNotFoundError as error:
            if not self._store.is_dir():
                raise StoreUnavailableError(f"the store {self._store} is gone") from error
            raise GitError("there is no git executable on the path") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitError(f"git did not run: {error}") from error


def _with_options(*arguments: str) -> list[str]:
    return [*(part for option in _OPTIONS for part in ("-c", option)), *arguments]


def _refused(what: str, done: "subprocess.CompletedProcess[bytes]") -> GitError:
    said = done.stderr.decode("utf-8", "replace").strip()
    return GitError(f"git {what} ended with {done.returncode}: {said}")


def _import_stream(
    run_id: RunId, files: Mapping[str, bytes], when: datetime, author: Author, message: str
) -> Iterator[bytes]:
    moment = f"{int(when.timestamp())} +0000"
    text = message.encode("utf-8", "replace")
    yield f"commit {run_ref(run_id)}\nmark :1\nauthor {_identity(author)} {moment}\n".encode()
    yield f"committer {_COMMITTER} {moment}\ndata {len(text)}\n".encode() + text + b"\n"
    for path, data in sorted(files.items()):
        mode = b"100755" if data.startswith(b"#!") else b"100644"  # Binder executes postBuild
        yield b"M " + mode + b" inline " + _quoted(path) + f"\ndata {len(data)}\n".encode()
        yield data
        yield b"\n"
    yield b"get-mark :1\ndone\n"


def _identity(author: Author) -> str:
    name = "".join(
        character for character in author.name if character.isprintable() and character not in "<>"
    )
    host = "".join(character for character in author.host if character.isalnum() or character in ".-")
    user = "".join(character for character in name if character.isalnum() or character in "._-")
    return f"{name.strip() or 'unknown'} <{user or 'unknown'}@{host or 'localhost'}>"


def _quoted(path: str) -> bytes:
    parts = path.split("/")
    if any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts) or "\0" in path:
        raise UsageError(f"{path!r} is no path in a commit")
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + escaped.encode("utf-8", "replace") + b'"'
