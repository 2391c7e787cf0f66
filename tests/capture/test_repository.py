"""The user's repository is read as it is and left as it was."""

import os
import subprocess
from pathlib import Path

import pytest

from runtrack_jupyter.capture.repository import repository

IDENTITY = {
    "GIT_AUTHOR_NAME": "m",
    "GIT_AUTHOR_EMAIL": "m@x",
    "GIT_COMMITTER_NAME": "m",
    "GIT_COMMITTER_EMAIL": "m@x",
}


def git(cwd: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=os.environ | IDENTITY, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(name="work")
def _work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    (work / "a.py").write_text("one\n")
    (work / "sub").mkdir()
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "first")
    return work


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_commit_branch_and_root_are_read_from_below(work: Path) -> None:
    found = repository(work / "sub")

    assert found.repository is not None
    assert found.repository.commit == git(work, "rev-parse", "HEAD")
    assert (found.repository.root, found.repository.branch) == (str(work), "main")
    assert not found.repository.dirty
    assert (found.patch, found.gaps) == (b"", ())


def test_the_patch_makes_the_work_tree_again_from_the_commit(work: Path, tmp_path: Path) -> None:
    """Changed, staged, binary, deleted and new text files all come back by `git apply`."""
    (work / "gone.py").write_text("x\n")
    (work / "image.bin").write_bytes(bytes(range(256)))
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "second")
    (work / "a.py").write_text("two\r\nno end")
    (work / "gone.py").unlink()
    (work / "image.bin").write_bytes(bytes(reversed(range(256))))
    (work / "staged.py").write_text("s\n")
    git(work, "add", "staged.py")
    (work / "sub" / "née neu.py").write_text("new\n")

    found = repository(work)

    assert found.repository is not None
    assert found.repository.dirty
    assert found.gaps == ()
    again = tmp_path / "again"
    git(tmp_path, "clone", "-q", str(work), str(again))
    patch = tmp_path / "patch.diff"
    patch.write_bytes(found.patch)
    git(again, "apply", str(patch))
    for name in ("a.py", "image.bin", "staged.py", "sub/née neu.py"):
        assert (again / name).read_bytes() == (work / name).read_bytes()
    assert not (again / "gone.py").exists()


def test_reading_writes_nothing_and_runs_nothing_of_the_repository(work: Path, tmp_path: Path) -> None:
    """A racy index, hooks, a file system monitor, textconv and an external diff: all are left alone."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "diff.mine.textconv", "diff.mine.command", "core.pager"):
        git(work, "config", key, str(trap))
    (work / ".git" / "hooks" / "post-index-change").symlink_to(trap)
    (work / ".gitattributes").write_text("*.py diff=mine\n")
    (work / "a.py").write_text("two\n")
    os.utime(work / "a.py")
    before = everything(work)

    found = repository(work)

    assert b"+two" in found.patch
    assert everything(work) == before
    assert not (tmp_path / "sprung").exists()


def test_credentials_do_not_leave_with_the_remote(work: Path) -> None:
    git(work, "remote", "add", "origin", "https://maya:s3cr3t@example.org/a.git")

    found = repository(work)

    assert found.repository is not None
    assert found.repository.remote == "https://example.org/a.git"


def test_a_repository_without_a_commit_has_a_patch_of_everything(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("one\n")
    git(tmp_path, "add", "a.py")

    found = repository(tmp_path)

    assert found.repository is not None
    assert (found.repository.commit, found.repository.branch) == (None, "main")
    assert b"+one" in found.patch


def test_sha_256_linked_work_trees_detached_heads_and_submodules_are_read(work: Path, tmp_path: Path) -> None:
    git(work, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    (tmp_path / "wide").mkdir()
    git(tmp_path / "wide", "init", "-q", "--object-format=sha256")
    (tmp_path / "wide" / "a.py").write_text("one\n")
    git(tmp_path / "wide", "add", ".")
    git(tmp_path / "wide", "commit", "-q", "-m", "first")
    git(work, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(work / ".git"), "inner")

    linked, wide, inner, outer = (
        repository(path) for path in (tmp_path / "linked", tmp_path / "wide", work / "inner", work)
    )

    assert linked.repository is not None
    assert (linked.repository.root, linked.repository.branch) == (str(tmp_path / "linked"), "")
    assert wide.repository is not None
    assert len(wide.repository.commit or "") == 64
    assert inner.repository is not None
    assert inner.repository.root == str(work / "inner")
    assert outer.repository is not None
    assert outer.repository.dirty
    assert all(found.gaps == () for found in (linked, wide, inner, outer))


def test_no_repository_is_no_gap_but_an_unreadable_one_is(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "newer").mkdir()
    git(tmp_path / "newer", "init", "-q")
    git(tmp_path / "newer", "config", "core.repositoryFormatVersion", "1")
    git(tmp_path / "newer", "config", "extensions.fromTheFuture", "yes")
    (tmp_path / "pruned").mkdir()
    (tmp_path / "pruned" / ".git").write_text("gitdir: /nowhere\n")

    assert repository(tmp_path / "none") == (None, b"", ())
    for name in ("newer", "pruned"):
        found = repository(tmp_path / name)
        assert found.repository is None
        assert [gap.subject for gap in found.gaps] == ["repository"]


def test_no_git_on_the_path_is_a_gap(work: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    found = repository(work)

    assert found.repository is None
    assert found.gaps[0].reason == "there is no git on the path"


def test_large_and_strange_untracked_files_are_counted_not_kept(work: Path) -> None:
    (work / "data.csv").write_text("1\n" * 10)
    (work / "huge.py").write_text("x = 1\n" * 100_000)
    (work / "link.py").symlink_to("/etc/hostname")
    (work / ".env").write_text("TOKEN=s3cr3t\n")

    found = repository(work)

    assert found.patch == b""
    assert found.repository is not None
    assert found.repository.dirty
    assert found.gaps[0].reason.startswith("4 untracked files")


def test_variables_of_a_surrounding_git_command_do_not_lead_elsewhere(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel started from a hook inherits GIT_DIR."""
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))

    found = repository(work)

    assert found.repository is not None
    assert found.repository.commit is not None
