"""JupyterLab as a newcomer starts it, and Debian's Chromium."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.server.recorder import Recorder

TOKEN = "token-of-the-browser-tests"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the system's Chromium: no browser is downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium is not None, "no Chromium found: .ci/need-chromium installs Debian's"
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Use the size of the pictures that the screens were designed at."""
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "device_scale_factor": 1}


@dataclass
class Lab:
    """A running JupyterLab."""

    url: str
    folder: Path
    home: Path
    environment: dict[str, str]

    def address(self, notebook: str) -> str:
        """Return where a notebook opens, in a workspace that remembers nothing."""
        return f"{self.url}/lab/tree/{notebook}?token={TOKEN}&reset"

    def write_notebook(self, name: str, cells: list[str]) -> None:
        """Put a notebook with these code cells into the folder."""
        document = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for number, source in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.folder / name).write_text(json.dumps(document))


@pytest.fixture
def record(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Recorder]]:
    """Write histories as kernels would, without the time that kernels take."""
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, lab.environment[name])  # with the key and in the registry of that user
    made: list[Recorder] = []

    def start(name: str) -> Recorder:
        lab.write_notebook(name, ["x = 1"])
        began = datetime.now(timezone.utc) + timedelta(minutes=1)  # the file is not newer than its record
        made.append(
            Recorder(lab.folder / ".runtrack", notebook=lab.folder / name, cwd=lab.folder, began=began)
        )
        return made[-1]

    yield start
    for recorder in made:
        recorder.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_quiet_settings(folder: Path) -> None:
    place = folder / "@jupyterlab" / "apputils-extension"
    place.mkdir(parents=True)
    (place / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/api?token={TOKEN}", timeout=5).read()
            return
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab in an empty home, under a base URL such as a hub gives."""
    home = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("work")
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY", "PYTEST", "RUNTRACK"))
    }
    environment["HOME"] = str(home)
    for name in ("CONFIG", "DATA", "RUNTIME"):
        environment[f"JUPYTER_{name}_DIR"] = str(home / name.lower())
    environment["IPYTHONDIR"] = str(home / "ipython")
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    settings = home / "settings"
    _write_quiet_settings(settings)
    log = home / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
                *(f"--port={port}", "--ServerApp.port_retries=0", "--ServerApp.base_url=/user/maya/"),
                *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"),
                *("--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"),
                "--JupyterNotebookApp.expose_app_in_browser=True",  # the same server has Notebook 7's pages
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                f"--LabApp.workspaces_dir={home / 'workspaces'}",
                f"--LabApp.user_settings_dir={settings}",
            ],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/user/maya"
    try:
        _wait_until_ready(url, process, log)
        yield Lab(url, folder, home, environment)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()


class Notebook:
    """One open notebook, worked in with mouse and keyboard."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"{error}\n{error.stack}"))

    def open(self) -> None:
        """Open it and wait until its kernel is ready."""
        self.page.goto(self.lab.address(self.name))
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait for the kernel: the indicator alone says idle before it is connected."""
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)

    @property
    def cells(self) -> Any:
        """The notebook's cells, in document order."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

    def run(self, number: int) -> None:
        """Click into a cell, press Ctrl Enter and wait until it has run."""
        cell = self.cells.nth(number)
        prompt = cell.locator(".jp-InputPrompt").first
        before = prompt.inner_text()
        cell.locator(".cm-content").first.click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)

    def type_into(self, number: int, source: str) -> None:
        """Replace the text of a cell by typing."""
        self.cells.nth(number).locator(".cm-content").first.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def menu(self, *path: str) -> None:
        """Choose from the main menu."""
        self.page.locator("#jp-MainMenu").get_by_text(path[0], exact=True).click()
        for item in path[1:]:
            self.page.locator(".lm-Menu").last.get_by_text(item, exact=True).click()

    def command(self, name: str, **arguments: Any) -> None:
        """Execute a command as the palette does, without waiting for the dialogs that it may open."""
        self.page.evaluate(
            "([name, arguments]) => { void window.jupyterapp.commands.execute(name, arguments); }",
            [name, arguments],
        )


@pytest.fixture
def notebook(page: Page, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook of the test's own, with the cells (or the name and the cells) that it asks for."""
    given = getattr(request, "param", ["x = 1"])
    name, cells = given if isinstance(given, tuple) else (f"{request.node.originalname}.ipynb", given)
    lab.write_notebook(name, cells)
    notebook = Notebook(page, lab, name)
    notebook.open()
    yield notebook
    assert notebook.problems == []
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
