"""The user's choices: read, changed one by one, and never thrown away because we cannot read them."""

import json
from pathlib import Path

import pytest

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.tracking.settings import Settings, load_settings, save_settings, why_off


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "runtrack.json"


def test_without_a_file_the_defaults_hold_and_none_is_made(file: Path) -> None:
    assert load_settings(file) == Settings()
    assert not file.parent.exists()


def test_a_saved_setting_is_loaded_again(file: Path) -> None:
    saved = save_settings({"record_values": False}, file)

    assert saved == load_settings(file) == Settings(record_values=False)


def test_saving_one_setting_keeps_the_others_and_what_a_newer_version_wrote(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"enabled": false, "of_tomorrow": {"a": [1]}}')

    save_settings({"after_run_all": False}, file)

    assert json.loads(file.read_text()) == {
        "enabled": False,
        "of_tomorrow": {"a": [1]},
        "after_run_all": False,
    }


@pytest.mark.parametrize("damaged", ["{", "[]", '{"enabled": "yes"}', "\x80", ""])
def test_a_file_that_is_not_understood_is_said_and_left_alone(file: Path, damaged: str) -> None:
    """A user who wrote a file meant something by it."""
    file.parent.mkdir()
    file.write_bytes(damaged.encode("latin-1"))

    with pytest.raises(UsageError, match=r"runtrack\.json"):
        load_settings(file)
    with pytest.raises(UsageError, match=r"runtrack\.json"):
        save_settings({"enabled": True}, file)

    assert file.read_bytes() == damaged.encode("latin-1")
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_read_is_said(file: Path) -> None:
    """A folder in its place stands for whatever the system refuses."""
    file.mkdir(parents=True)

    with pytest.raises(UsageError, match=r"runtrack\.json"):
        load_settings(file)


def test_a_value_that_fits_no_setting_is_refused_and_nothing_is_written(file: Path) -> None:
    save_settings({"enabled": False}, file)
    before = file.read_bytes()

    with pytest.raises(UsageError):
        save_settings({"enabled": "no"}, file)

    assert file.read_bytes() == before


def test_a_file_that_is_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    """People keep their configuration in a repository and link to it."""
    target = tmp_path / "dotfiles.json"
    target.write_text("{}")
    file.parent.mkdir()
    file.symlink_to(target)

    save_settings({"enabled": False}, file)

    assert file.is_symlink()
    assert json.loads(target.read_text()) == {"enabled": False}


def _notebook(folder: Path, enabled: bool) -> Path:
    path = folder / "a.ipynb"
    metadata = {"runtrack": {"enabled": enabled}}
    path.write_text(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_the_environment_decides_first(tmp_path: Path) -> None:
    assert why_off({"RUNTRACK_DISABLE": "1"}, Settings(enabled=False), None) == "RUNTRACK_DISABLE is set"


@pytest.mark.parametrize("said", ["", "0"])
def test_an_environment_that_disables_nothing_leaves_it_on(said: str) -> None:
    assert why_off({"RUNTRACK_DISABLE": said}, Settings(), None) == ""


def test_the_settings_decide_before_the_notebook(tmp_path: Path) -> None:
    paused = _notebook(tmp_path, enabled=False)

    assert why_off({}, Settings(enabled=False), paused) == "switched off in the settings"
    assert why_off({}, Settings(), paused) == "paused for this notebook"


def test_a_notebook_that_says_nothing_against_it_is_recorded(tmp_path: Path) -> None:
    assert why_off({}, Settings(), _notebook(tmp_path, enabled=True)) == ""
    assert why_off({}, Settings(), tmp_path / "not-saved-yet.ipynb") == ""
