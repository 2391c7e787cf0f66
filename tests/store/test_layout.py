"""The store is found where people expect it, without running Git and without making anything."""

import multiprocessing
import os
import stat
import subprocess
from pathlib import Path

import pytest

from runtrack_jupyter.errors import DamagedStoreError, StoreUnavailableError, UnsupportedFormatError
from runtrack_jupyter.model import SessionId
from runtrack_jupyter.store.layout import (
    check_format,
    prepare_store,
    register_store,
    registered_stores,
    resolve_store,
    sealer_address,
    user_folder,
    user_key,
)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A Git work tree with a commit and a folder in it."""
    project = tmp_path / "project"
    (project / "deep" / "er").mkdir(parents=True)
    git(project, "init", "--quiet")
    git(project, "commit", "--quiet", "--allow-empty", "-m", "first")
    return project


def test_in_a_work_tree_the_store_is_in_its_git_folder(project: Path) -> None:
    """``git clean -fdx`` deletes anything in the work tree itself."""
    expected = project / ".git" / "runtrack"

    assert resolve_store(project / "deep" / "er" / "a.ipynb", Path("/"), {}) == expected
    assert resolve_store(None, project / "deep", {}) == expected
    assert resolve_store(Path("er/a.ipynb"), project / "deep", {}) == expected
    assert not expected.exists()


def test_linked_work_trees_share_the_store(project: Path, tmp_path: Path) -> None:
    git(project, "worktree", "add", "--quiet", str(tmp_path / "linked"))

    assert resolve_store(tmp_path / "linked" / "a.ipynb", Path("/"), {}) == project / ".git" / "runtrack"


def test_a_submodule_has_a_store_of_its_own(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    git(other, "submodule", "--quiet", "add", str(project), "part")

    found = resolve_store(other / "part" / "a.ipynb", Path("/"), {})
    assert found == other / ".git" / "modules" / "part" / "runtrack"


def test_git_variables_of_the_environment_change_nothing(project: Path, tmp_path: Path) -> None:
    """A kernel started from a Git hook has GIT_DIR set, to somebody else's repository."""
    environ = {"GIT_DIR": str(tmp_path / "elsewhere"), "GIT_COMMON_DIR": "/nowhere"}

    assert resolve_store(None, project, environ) == project / ".git" / "runtrack"


@pytest.mark.parametrize("content", ["gitdir: /nowhere/at/all\n", "nonsense"])
def test_a_broken_git_file_is_no_work_tree(tmp_path: Path, content: str) -> None:
    """A work tree mounted into a container has lost the folder that its file names."""
    (tmp_path / ".git").write_text(content)

    assert resolve_store(None, tmp_path, {}) == tmp_path / ".runtrack"


def test_without_git_the_nearest_store_upwards_is_used(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".runtrack").mkdir()
    (tmp_path / "a" / ".runtrack").mkdir()

    assert resolve_store(tmp_path / "a" / "b" / "n.ipynb", Path("/"), {}) == tmp_path / "a" / ".runtrack"


def test_else_the_store_lies_beside_the_notebook(tmp_path: Path) -> None:
    notebook = tmp_path / "new" / "n.ipynb"

    assert resolve_store(notebook, Path("/"), {}) == tmp_path / "new" / ".runtrack"
    assert resolve_store(None, tmp_path, {}) == tmp_path / ".runtrack"


def test_the_variable_goes_before_everything(project: Path) -> None:
    assert resolve_store(None, project, {"RUNTRACK_STORE": "/data/store"}) == Path("/data/store")
    assert resolve_store(None, project, {"RUNTRACK_STORE": "here"}) == project / "here"
    assert resolve_store(None, project, {"RUNTRACK_STORE": "~/s"}) == Path("~/s").expanduser()
    assert resolve_store(None, project, {"RUNTRACK_STORE": ""}) == project / ".git" / "runtrack"


def test_a_store_made_before_git_init_is_not_swept_into_the_repository(tmp_path: Path) -> None:
    prepare_store(tmp_path / ".runtrack")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")

    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files"], capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""


def test_a_format_file_says_what_can_read_the_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    check_format(store)
    prepare_store(store)
    assert (store / "format").read_text() == '{"format_version":1}\n'
    (store / "format").write_text('{"format_version":99}')
    with pytest.raises(UnsupportedFormatError, match="99"):
        check_format(store)
    (store / "format").write_text("")
    with pytest.raises(DamagedStoreError):
        check_format(store)


# ---- key


def test_the_key_is_made_once_for_its_owner_only() -> None:
    assert user_key(create=False) is None
    assert not user_folder().exists()
    key = user_key()

    assert key == user_key() == user_key(create=False)
    assert key is not None
    assert len(key) == 32
    assert stat.S_IMODE((user_folder() / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(user_folder().stat().st_mode) == 0o700
    assert [path.name for path in user_folder().iterdir()] == ["key"]


def test_kernels_that_start_together_get_one_key() -> None:
    with multiprocessing.get_context("fork").Pool(8) as pool:
        keys = pool.map(user_key, [True] * 8)

    assert len(set(keys)) == 1


def test_a_damaged_key_is_not_replaced_in_silence() -> None:
    """With another key nothing of the past could be restored: somebody has to know."""
    user_key()
    (user_folder() / "key").write_bytes(b"short")

    assert user_key(create=False) is None
    with pytest.raises(StoreUnavailableError, match="damaged"):
        user_key()


# ---- list of stores


def test_stores_that_are_away_are_left_out_and_come_back(tmp_path: Path) -> None:
    here, away = tmp_path / "here", tmp_path / "away"
    here.mkdir()
    away.mkdir()
    for store in (here, away, here):
        register_store(store)
    assert registered_stores() == [here, away]
    away.rename(tmp_path / "unplugged")
    assert registered_stores() == [here]
    (tmp_path / "unplugged").rename(away)
    assert registered_stores() == [here, away]


def test_a_line_that_was_cut_short_costs_no_other(tmp_path: Path) -> None:
    register_store(tmp_path)
    with (user_folder() / "stores.jsonl").open("a") as file:
        file.write('{"path":"/half')
    (tmp_path / "next").mkdir()
    register_store(tmp_path / "next")

    assert registered_stores() == [tmp_path, tmp_path / "next"]


def test_kernels_may_register_at_once(tmp_path: Path) -> None:
    stores = [tmp_path / str(number) for number in range(24)]
    for store in stores:
        store.mkdir()
    with multiprocessing.get_context("fork").Pool(8) as pool:
        pool.map(register_store, stores)

    assert set(registered_stores()) == set(stores)


# ---- sealer's address


def test_the_sealers_address_is_short_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    address = Path(sealer_address(SessionId("01ARZ3NDEKTSV4RRFFQ69G5FAV")))

    assert len(str(address)) <= 100
    assert stat.S_IMODE(address.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    short = Path("/tmp") / f"rt-test-{os.getpid()}"
    short.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(short))
    folder = short / f"runtrack-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o755)
    try:
        with pytest.raises(StoreUnavailableError, match="only this user"):
            sealer_address(SessionId("01A"))
    finally:
        folder.rmdir()
        short.rmdir()
