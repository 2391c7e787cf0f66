"""``runtrack doctor``: what is installed, what is recorded, and why not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Literal

import click
import msgspec

from runtrack_jupyter.cli.options import Scope, as_json_option, print_json
from runtrack_jupyter.cli.reading import store_of
from runtrack_jupyter.cli.wording import many, plain, size
from runtrack_jupyter.errors import RuntrackError, UsageError
from runtrack_jupyter.store.layout import check_format, user_folder, user_key
from runtrack_jupyter.version import __version__

__all__ = ["doctor"]

_OURS = "runtrack_jupyter"
_MARK = {"ok": "✓", "note": "·", "warning": "!", "error": "✗"}
_LIBRARIES = ("ipykernel", "IPython", "jupyter_server", "jupyterlab", "notebook")
_LITTLE = 1 << 30  # bytes of free disk


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "note", "warning", "error"]
    found: str
    advice: str = ""


@click.command()
@click.option(
    "--notebook", type=click.Path(path_type=Path), metavar="PATH", help="Say whether this one is recorded."
)
@click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="Look at this store.")
@as_json_option
def doctor(notebook: Path | None, store: Path | None, as_json: bool) -> None:
    """Look whether everything is in place: versions, front end, server, kernel hook, settings, store, disk.

    It looks at the Python environment that it is started in. Exit code 1 means that something is wrong.
    """
    scope = Scope(notebook, store, everywhere=False)
    checks = [*_versions(), *_parts(), *_recording(notebook), *_store(store_of(scope))]
    if as_json:
        print_json({"healthy": not _is_ill(checks), "checks": checks})
    else:
        for check in checks:
            click.echo(f"{_MARK[check.state]} {check.what:<18} {plain(check.found)}")
            if check.advice:
                click.echo(f"  {'':<18} → {plain(check.advice)}")
    if _is_ill(checks):
        raise click.exceptions.Exit(1)


def _is_ill(checks: list[Check]) -> bool:
    return any(check.state == "error" for check in checks)


def _versions() -> Iterator[Check]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check(what="Runtrack", state="ok", found=f"{__version__}, Python {python} at {sys.executable}")
    for name in _LIBRARIES:
        try:
            yield Check(what=name, state="ok", found=metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Check(what=name, state="note", found="not installed in this environment")
    git = shutil.which("git")
    if git is None:
        advice = "install Git: without it runs are recorded, but not sealed"
        yield Check(what="git", state="error", found="no executable on the path", advice=advice)
        return
    told = subprocess.run([git, "--version"], capture_output=True, text=True, check=False).stdout
    yield Check(what="git", state="ok", found=told.strip().removeprefix("git version "))


def _parts() -> Iterator[Check]:
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    again = "install Runtrack again in the environment of JupyterLab: pip install --force-reinstall runtrack-jupyter"
    package = _first(jupyter_path("labextensions", "runtrack-jupyter"), "package.json")
    yield _part("front end", package, _version_in(package), advice=again)
    server = _first(jupyter_config_path(), "jupyter_server_config.d", f"{_OURS}.json")
    yield _part("server extension", server, _enabled_in(server), advice=again)
    folders = [os.path.join(sys.prefix, "etc", "ipython"), "/usr/local/etc/ipython", "/etc/ipython"]  # noqa: PTH118 # texts, as the paths above
    hook = _first(folders, "ipython_kernel_config.json")
    advice = "install Runtrack in the environment of the kernel; until then: %load_ext runtrack_jupyter"
    yield _part("kernel hook", hook, _hooked_in(hook), advice=advice)


def _first(folders: list[str], *names: str) -> Path | None:
    return next((path for folder in folders if (path := Path(folder, *names)).is_file()), None)


def _part(what: str, path: Path | None, trouble: str, *, advice: str) -> Check:
    if path is None:
        return Check(what=what, state="error", found="not installed", advice=advice)
    if trouble:
        return Check(what=what, state="error", found=f"{trouble}: {path}", advice=advice)
    return Check(what=what, state="ok", found=str(path))


def _read(path: Path) -> object:
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}


def _version_in(path: Path | None) -> str:
    found = _read(path) if path is not None else {}
    version = found.get("version", "?") if isinstance(found, dict) else "?"
    return "" if version == __version__ else f"version {version}, not {__version__}"


class _Server(msgspec.Struct):
    jpserver_extensions: dict[str, bool] = {}


class _ServerConfig(msgspec.Struct):
    ServerApp: _Server = msgspec.field(default_factory=_Server)


def _enabled_in(path: Path | None) -> str:
    try:
        found = msgspec.convert(_read(path) if path is not None else {}, _ServerConfig)
    except msgspec.ValidationError:
        return "not understood"
    return "" if found.ServerApp.jpserver_extensions.get(_OURS) else "switched off"


def _hooked_in(path: Path | None) -> str:
    return "" if path is None or _OURS in path.read_text(encoding="utf-8") else "without Runtrack"


def _recording(notebook: Path | None) -> Iterator[Check]:
    from runtrack_jupyter.tracking.settings import load_settings, settings_file, why_off

    try:
        settings = load_settings()
    except UsageError as error:
        advice = "nothing is recorded until it is mended"
        yield Check(what="settings", state="error", found=str(error), advice=advice)
        return
    file = settings_file()
    yield Check(
        what="settings", state="ok", found=f"{file}{'' if file.exists() else ' (not there: defaults)'}"
    )
    off = why_off(os.environ, settings, notebook)
    what = str(notebook) if notebook else "kernels started here"
    if off:
        yield Check(what="recording", state="warning", found=f"{what}: off, {off}", advice="runtrack on")
    else:
        values = "" if settings.record_values else ", without values"
        yield Check(what="recording", state="ok", found=f"{what}: on{values}")


def _store(path: Path) -> Iterator[Check]:
    from runtrack_jupyter.store.usage import usage
    from runtrack_jupyter.tracking.keeping import rules_of
    from runtrack_jupyter.tracking.settings import Settings, load_settings

    key = user_key(create=False)
    if key is None and (user_folder() / "key").exists():
        advice = "bring it back from a backup: without it values on record are not loaded"
        yield Check(what="key", state="error", found=f"{user_folder() / 'key'} is damaged", advice=advice)
    if not path.is_dir():
        yield Check(what="store", state="note", found=f"{path} (made by the first recorded cell)")
        return
    try:
        check_format(path)
    except RuntrackError as error:
        yield Check(what="store", state="error", found=str(error))
        return
    yield _writable(path)
    yield from _health(path, key)
    try:
        limit = rules_of(load_settings()).limit
    except UsageError:
        limit = rules_of(Settings()).limit
    found = usage(path, limit)
    full = found.size > found.limit
    yield Check(
        what="space",
        state="warning" if full else "ok",
        found=f"{size(found.size)} of {size(found.limit)}",
        advice="runtrack gc --dry-run says what can be freed" if full else "",
    )
    yield Check(
        what="disk",
        state="warning" if found.free < _LITTLE else "ok",
        found=f"{size(found.free)} free",
        advice="values are not saved when it is full" if found.free < _LITTLE else "",
    )


def _writable(path: Path) -> Check:
    if os.access(path, os.W_OK | os.X_OK):
        return Check(what="store", state="ok", found=str(path))
    advice = "cells run, and nothing is recorded here"
    return Check(what="store", state="error", found=f"{path} cannot be written", advice=advice)


def _health(path: Path, key: bytes | None) -> Iterator[Check]:
    """Say what reading the record once shows; `fsck` looks at every byte."""
    from runtrack_jupyter.store.history import History

    history = History([path], key, received=False)
    history.refresh()
    sessions = history.folded_sessions()
    damaged = [each for each in sessions if each.damage or each.problems]
    if damaged:
        found = f"{many(len(damaged), 'session')} not as written"
        yield Check(what="record", state="error", found=found, advice="runtrack fsck says what and where")
    else:
        runs, steps = len(history.runs()), len(history.steps())
        alive = sum(each.alive for each in sessions)
        kernels = f", {many(alive, 'kernel')} at work" if alive else ""
        yield Check(what="record", state="ok", found=f"{many(runs, 'run')}, {many(steps, 'step')}{kernels}")
    if waiting := len(history.unsealed(path)):
        yield Check(what="sealing", state="note", found=f"{many(waiting, 'run')} not sealed yet")
    if foreign := sum(each.foreign for each in sessions):
        yield Check(what="trust", state="note", found=f"{many(foreign, 'session')} not made with your key")
