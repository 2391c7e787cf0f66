"""A sealed run is one commit with one number, readable with nothing but Git."""

import json
import multiprocessing
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runtrack_jupyter.errors import (
    GitError,
    NotFoundError,
    StoreLockedError,
    StoreUnavailableError,
    UsageError,
)
from runtrack_jupyter.model import (
    Author,
    DataFile,
    Digest,
    Environment,
    NotebookId,
    Package,
    Run,
    RunId,
    Step,
)
from runtrack_jupyter.store.frames import Recorded
from runtrack_jupyter.store.history import History
from runtrack_jupyter.store.layout import prepare_store
from runtrack_jupyter.store.lock import store_lock
from runtrack_jupyter.store.repository import RunRepository
from runtrack_jupyter.store.sealing import seal, unsealed
from tests.store.builder import Kernel
from tests.store.conftest import KEY, T0

DOCUMENT: dict[str, Any] = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
FILES = {"patch.diff": b"--- a\n+++ b\n", "lib/tools.py": b"def tool(): ...\n"}
ENVIRONMENT = Environment(
    python="3.11.7",
    implementation="CPython",
    executable="/usr/bin/python3",
    prefix="/usr",
    platform="Linux",
    machine="x86_64",
    processors=2,
    memory=1 << 30,
    captured_at=T0,
    packages=(
        Package(name="numpy", version="2.0.1"),
        Package(name="tool", version="1", source="git+https://example.org/tool@abc"),
        Package(name="mine", version="0", source="file:///home/ada/mine"),
    ),
)


def sealed(store: Path, run_id: RunId) -> Run:
    history = History([store], KEY)
    history.refresh()
    return seal(
        store,
        history.logged(run_id),
        history,
        document=DOCUMENT,
        origin="live",
        environment=ENVIRONMENT,
        files=FILES,
    )


def git(store: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={store / 'runs.git'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(name="kernel")
def _kernel(store: Path) -> Kernel:
    kernel = Kernel(store, notebook_id=NotebookId("01NOTEBOOK"))
    step_id = kernel.begin("rows = open(rt.input('a.csv'))")
    file = DataFile(path="a.csv", direction="read", digest=Digest("ab" * 32), size=3)
    kernel.writer.append(Recorded(step_id=step_id, what="file", file=file))
    kernel.show({"output_type": "stream", "name": "stdout", "text": "ok"})
    kernel.end()
    kernel.capture({"x": "1"})
    return kernel


def test_a_run_is_readable_with_nothing_but_git(store: Path, kernel: Kernel) -> None:
    run_id = kernel.checkpoint("The good one\n\nwith a reason").run_id
    sealed(store, run_id)

    assert (
        git(store, "log", "--all", "--format=%s|%an|%cn").strip() == "#1 The good one|Ada Lovelace|Runtrack"
    )
    assert json.loads(git(store, "show", f"runtrack/{run_id}:notebook.ipynb")) == DOCUMENT
    run = json.loads(git(store, "show", f"refs/runtrack/{run_id}:run.json"))
    assert (run["run_id"], run["message"], run["ordinal"]) == (run_id, "The good one\n\nwith a reason", 1)
    assert git(store, "ls-tree", "-r", "--name-only", f"runtrack/{run_id}").split() == [
        "binder/environment.yml",
        "binder/postBuild",
        "binder/requirements.txt",
        "data.json",
        "environment/environment.json",
        "environment/modules/lib/tools.py",
        "environment/patch.diff",
        "environment/requirements.txt",
        "notebook.ipynb",
        "run.json",
        "steps.jsonl",
    ]
    assert git(store, "show", f"runtrack/{run_id}:environment/patch.diff").encode() == FILES["patch.diff"]
    assert git(store, "rev-list", "--parents", f"runtrack/{run_id}").split() == [
        git(store, "rev-parse", f"runtrack/{run_id}").strip()
    ]


def test_the_record_in_git_is_the_record(store: Path, kernel: Kernel) -> None:
    run_id = kernel.checkpoint().run_id
    run = sealed(store, run_id)
    history = History([store], KEY)
    history.refresh()
    repository = RunRepository(store)

    assert msgspec.json.decode(repository.read(run_id, "run.json"), type=Run) == run == history.run(run_id)
    lines = repository.read(run_id, "steps.jsonl").splitlines()
    assert [msgspec.json.decode(line, type=Step) for line in lines] == history.steps(run_id=run_id)
    (file,) = msgspec.json.decode(repository.read(run_id, "data.json"), type=list[DataFile])
    assert (file.path, file.step_id) == ("a.csv", run.head_step)
    found = msgspec.json.decode(repository.read(run_id, "environment/environment.json"), type=Environment)
    assert found == ENVIRONMENT
    assert repository.paths(run_id)[-1] == "steps.jsonl"
    assert repository.check() == ""


def test_requirements_are_exact_and_installable_elsewhere(store: Path, kernel: Kernel) -> None:
    run_id = kernel.checkpoint().run_id
    sealed(store, run_id)

    text = git(store, "show", f"runtrack/{run_id}:environment/requirements.txt")
    wanted = [line for line in text.splitlines() if not line.startswith("#")]
    assert wanted == ["numpy==2.0.1", "tool @ git+https://example.org/tool@abc"]
    assert "python=3.11" in git(store, "show", f"runtrack/{run_id}:binder/environment.yml")
    assert "100755" in git(store, "ls-tree", "-r", f"runtrack/{run_id}", "binder/postBuild")


def test_sealing_twice_gives_one_commit_and_one_number(store: Path, kernel: Kernel) -> None:
    run_id = kernel.checkpoint().run_id
    first = sealed(store, run_id)
    commit = git(store, "rev-parse", f"runtrack/{run_id}")

    assert sealed(store, run_id) == first
    assert git(store, "rev-parse", f"runtrack/{run_id}") == commit
    assert len((store / "ordinals.jsonl").read_text().splitlines()) == 2


def test_a_sealer_that_died_between_commit_and_note_is_made_up_for(store: Path, kernel: Kernel) -> None:
    run_id = kernel.checkpoint().run_id
    first = sealed(store, run_id)
    ordinals = store / "ordinals.jsonl"
    ordinals.write_text(ordinals.read_text().splitlines(keepends=True)[0])

    assert sealed(store, run_id) == first
    assert len(ordinals.read_text().splitlines()) == 2


def test_a_sealer_that_died_after_giving_the_number_gives_the_same_again(store: Path, kernel: Kernel) -> None:
    one, two = kernel.checkpoint().run_id, kernel.checkpoint().run_id
    sealed(store, one)
    ordinals = store / "ordinals.jsonl"
    ordinals.write_text(ordinals.read_text().splitlines(keepends=True)[0])
    git(store, "update-ref", "-d", f"refs/runtrack/{one}")

    assert sealed(store, two).ordinal == 2
    assert sealed(store, one).ordinal == 1


def test_numbers_count_per_notebook_and_resolve(store: Path, kernel: Kernel) -> None:
    other = Kernel(store, notebook_id=NotebookId("01OTHER"))
    other.run_cell()
    runs = [kernel.checkpoint().run_id, kernel.checkpoint().run_id, other.checkpoint().run_id]

    assert [sealed(store, run_id).ordinal for run_id in runs] == [1, 2, 1]
    history = History([store], KEY)
    history.refresh()
    assert history.resolve("#2") == history.resolve(" 2 ") == runs[1]
    assert history.resolve("#1", NotebookId("01OTHER")) == runs[2]
    with pytest.raises(NotFoundError, match="fits 2"):
        history.resolve("#1")


def test_a_notebook_bound_late_takes_its_numbers_along(store: Path) -> None:
    kernel = Kernel(store)
    kernel.run_cell()
    headless = kernel.checkpoint().run_id
    assert sealed(store, headless).ordinal == 1
    kernel.bind("01NOTEBOOK", "/home/maya/a.ipynb")
    after = kernel.checkpoint().run_id

    assert sealed(store, after).ordinal == 2
    history = History([store], KEY)
    history.refresh()
    assert history.run(headless).ordinal == 1


def seal_in_child(arguments: tuple[Path, RunId]) -> int | None:
    return sealed(*arguments).ordinal


def test_sealers_that_run_at_once_take_turns(store: Path) -> None:
    jobs = []
    for _ in range(3):
        kernel = Kernel(store, notebook_id=NotebookId("01NOTEBOOK"))
        kernel.run_cell()
        jobs += [(store, kernel.checkpoint().run_id)] * 2
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        numbers = pool.map(seal_in_child, jobs, chunksize=1)

    assert sorted(filter(None, numbers)) == [1, 1, 2, 2, 3, 3]
    assert git(store, "for-each-ref", "--format=%(refname)").split() == sorted(
        {f"refs/runtrack/{run_id}" for _, run_id in jobs}
    )


def test_without_git_the_run_stays_unsealed_and_is_sealed_later(
    store: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run_id = kernel.checkpoint().run_id
    history = History([store], KEY)
    history.refresh()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        with pytest.raises(GitError, match="no git executable"):
            sealed(store, run_id)
    history.refresh()
    assert not history.run(run_id).sealed
    assert unsealed(store, history) == []  # its kernel runs, and has a sealer of its own
    assert [each.run.run_id for each in unsealed(store, history, living=True)] == [run_id]
    kernel.writer.close()
    history.refresh()
    assert [each.run.run_id for each in unsealed(store, history)] == [run_id]

    run = sealed(store, run_id)
    assert (run.sealed, run.ordinal, run.document_origin) == (True, 1, "live")
    history.refresh()
    assert unsealed(store, history) == []


def test_runs_that_came_by_git_alone_show_too(store: Path, kernel: Kernel, tmp_path: Path) -> None:
    run_id = kernel.checkpoint("shared").run_id
    run = sealed(store, run_id)
    colleague = tmp_path / "colleague"
    Kernel(colleague).run_cell()
    (colleague / "runs.git").mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(colleague / "runs.git")], check=True)
    git(colleague, "fetch", "--quiet", str(store / "runs.git"), "refs/runtrack/*:refs/runtrack/*")

    history = History([colleague], KEY)
    assert history.refresh()
    assert not history.refresh()
    assert history.run(run_id) == msgspec.structs.replace(run, ordinal=None)
    assert [step.source for step in history.steps(run_id=run_id)] == ["rows = open(rt.input('a.csv'))"]
    assert history.is_foreign(run_id)
    assert history.resolve(run_id[-8:]) == run_id
    git(colleague, "pack-refs", "--all")
    packed = History([colleague], KEY)
    packed.refresh()
    assert packed.run(run_id).message == "shared"


# ---- the repository and the user's Git


HOSTILE = """
[core]
    hooksPath = {hooks}
    attributesFile = {hooks}/attributes
[commit]
    gpgSign = true
[init]
    templateDir = {hooks}/template
    defaultObjectFormat = sha256
    defaultRefFormat = reftable
[filter "spoil"]
    clean = false
    required = true
[safe]
    bareRepository = explicit
"""


def test_nothing_of_the_users_git_configuration_reaches_us(
    store: Path, kernel: Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hooks, signing, filters, templates and variables of a hook's environment are theirs, not ours."""
    hooks = tmp_path / "hooks"
    (hooks / "template").mkdir(parents=True)
    (hooks / "template" / "planted").write_text("x")
    (hooks / "attributes").write_text("* filter=spoil\n")
    hook = hooks / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch fired\nexit 1\n")
    hook.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(HOSTILE.format(hooks=hooks))
    theirs = tmp_path / "theirs.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(theirs)], check=True)
    before = sorted(path for path in theirs.rglob("*"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, str(theirs))
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    run_id = kernel.checkpoint().run_id

    sealed(store, run_id)
    assert RunRepository(store).read(run_id, "notebook.ipynb")
    assert sorted(path for path in theirs.rglob("*")) == before
    assert not list(store.rglob("fired"))
    assert not list(store.rglob("planted"))
    assert all(not path.stat().st_mode & 0o077 for path in store.rglob("*"))


def test_a_commit_is_never_made_anew(store: Path) -> None:
    repository = RunRepository(store)
    facts: dict[str, Any] = {"when": T0, "author": Author(name="Ada")}
    first = repository.commit(RunId("01RUN"), {"a": b"1"}, message="one", **facts)

    assert repository.commit(RunId("01RUN"), {"a": b"2"}, message="two", **facts) == first
    assert repository.read(RunId("01RUN"), "a") == b"1"
    assert repository.run_ids() == ["01RUN"]


def test_any_bytes_and_names_survive(store: Path) -> None:
    repository = RunRepository(store)
    files = {'dir/we"ird\\ \n ünï': b"\x00\r\n\xff", "empty": b"", "big": os.urandom(2 << 20)}
    author = Author(name="A <b> \n c", host="h\n>x")
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    repository.commit(RunId("01RUN"), files, when=when, author=author, message="données\n\0done\n")

    assert {path: repository.read(RunId("01RUN"), path) for path in files} == files
    shown = git(store, "log", "--all", "--format=%an|%ae|%at|%cn").strip()
    assert shown == f"A b  c|Abc@hx|{int(when.timestamp())}|Runtrack"


@pytest.mark.parametrize("path", ["/a", "../a", "a/../b", ".git/config", "a/.GIT/b", "", "a//b"])
def test_a_path_that_could_leave_the_tree_is_refused(store: Path, path: str) -> None:
    with pytest.raises(UsageError):
        RunRepository(store).commit(RunId("01RUN"), {path: b""}, when=T0, author=Author(name="a"), message="")


def test_what_is_not_sealed_is_not_found(store: Path, kernel: Kernel) -> None:
    repository = RunRepository(store)
    assert repository.run_ids() == []
    assert repository.check() == ""
    with pytest.raises(NotFoundError):
        repository.read(RunId("01RUN"), "run.json")
    run_id = kernel.checkpoint().run_id
    sealed(store, run_id)
    with pytest.raises(NotFoundError):
        repository.read(run_id, "no such file")


# ---- lock


def test_a_store_that_is_not_there_is_not_made_by_its_lock(store: Path) -> None:
    """A disk was unplugged, and comes back: a folder in its place would be in its way."""
    with pytest.raises(StoreUnavailableError, match="not there"), store_lock(store):
        raise AssertionError("nobody holds it")
    assert not store.exists()


def test_the_lock_is_one_holders_at_a_time(store: Path) -> None:
    prepare_store(store)
    with store_lock(store), pytest.raises(StoreLockedError), store_lock(store, timeout=0.1):
        raise AssertionError("two hold it")
    with store_lock(store, timeout=0):
        pass
