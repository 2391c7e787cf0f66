"""Whether and how to record: the environment, one configuration file, and the notebook's own switch."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from jupyter_core.paths import jupyter_config_dir

from runtrack_jupyter.errors import UsageError
from runtrack_jupyter.tracking.notebookfile import marks_in

if TYPE_CHECKING:
    from runtrack_jupyter.state import Limits

__all__ = ["Settings", "load_settings", "save_settings", "settings_file", "why_off"]

_MEGABYTE = 1 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user configuration file may say; unknown keys are kept for newer versions."""

    enabled: bool = True
    after_run_all: bool = True
    record_values: bool = True
    pending_megabytes: int = 512  # copies that may wait for the disk before a cell waits too
    check_round_trips: bool = True  # load what may come back different in another process, to find out
    variable_megabytes: int = 2048  # a larger variable is a gap
    step_megabytes: int = 16384  # what a cell changed beyond that is a gap
    variable_seconds: float = 10  # for code of the user's while one variable is saved or comes back
    step_seconds: float = 30  # likewise, for all that one cell touched
    store_megabytes: Annotated[int, msgspec.Meta(ge=0)] = 0  # 0: 20 GB, or a tenth of the free disk
    steps_days: Annotated[int, msgspec.Meta(ge=0)] = 30  # how long each step's values are kept
    automatic_days: Annotated[int, msgspec.Meta(ge=0)] = 180  # and those of runs that were made by themselves

    def limits(self) -> "Limits":
        """Return what of this binds the state engine."""
        from runtrack_jupyter.state import (
            Limits,  # server and sealer read settings too, and need nothing of it
        )

        return Limits(
            variable=self.variable_megabytes * _MEGABYTE,
            step=self.step_megabytes * _MEGABYTE,
            variable_seconds=self.variable_seconds,
            step_seconds=self.step_seconds,
        )


def settings_file() -> Path:
    """Return the one file that holds a user's choices, whether or not it exists."""
    return Path(jupyter_config_dir()) / "runtrack.json"


def load_settings(path: Path | None = None) -> Settings:
    """Return the user's settings, or the defaults where there is no file.

    Raises
    ------
    UsageError
        The file is there but cannot be read or understood; it is left as it is.
    """
    path = settings_file() if path is None else path
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not understood ({error}); correct it or delete it") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def save_settings(changes: Mapping[str, Any], path: Path | None = None) -> Settings:
    """Change some settings in the file, keep the rest of it, and return what now holds.

    Raises
    ------
    UsageError
        A value does not fit its setting, or the file was damaged before: it is then left as it is.
    """
    path = (settings_file() if path is None else path).resolve()  # a link stays one
    load_settings(path)
    known: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    known.update(changes)
    try:
        settings = msgspec.convert(known, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"that is not a setting: {error}") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
    partial.replace(path)
    return settings


def why_off(environ: Mapping[str, str], settings: Settings, notebook: Path | None) -> str:
    """Return what switches recording off, in words for people; "" when it is on.

    In this order: `RUNTRACK_DISABLE`, the configuration file, the metadata of the notebook's file.
    """
    if environ.get("RUNTRACK_DISABLE", "") not in {"", "0"}:
        return "RUNTRACK_DISABLE is set"
    if not settings.enabled:
        return "switched off in the settings"
    if notebook is not None and not marks_in(notebook).enabled:
        return "paused for this notebook"
    return ""
