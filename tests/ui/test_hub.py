"""On a hub, a link to a run leads every reader to their own server, past the hub's login."""

import contextlib
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import Lab, free_port

CONFIG = """
import sys
c.JupyterHub.bind_url = "http://127.0.0.1:{public}/school/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}/"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "secret"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {home!r}
c.Spawner.environment = {environment!r}
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.start_timeout = 120
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = [sys.executable, "-c", "from configurable_http_proxy.cli import main; main()"]
"""
KEPT = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


@pytest.fixture
def hub(lab: Lab, tmp_path: Path) -> Iterator[str]:
    """Start JupyterHub with its proxy; its users have the home of the other tests."""
    config = tmp_path / "jupyterhub_config.py"
    public = free_port()
    kept = {name: lab.environment[name] for name in KEPT}
    config.write_text(
        CONFIG.format(public=public, hub=free_port(), api=free_port(), home=str(lab.home), environment=kept)
    )
    log = tmp_path / "hub.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            env=lab.environment,
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{public}/school"
    try:
        _wait_until_ready(f"{url}/hub/health", process, log)
        yield url
    finally:
        process.terminate()  # and with it the proxy and the servers of the users
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).read()
            return
        time.sleep(0.2)
    raise AssertionError(f"JupyterHub did not start:\n{log.read_text()[-4000:]}")


def made_run(lab: Lab) -> str:
    """Run a notebook without any front end, and return the id of its run."""
    lab.write_notebook("at_school.ipynb", ["shared = 'by a link'"])

    def run(*command: str) -> bytes:
        return subprocess.run(
            command, cwd=lab.folder, env=lab.environment, check=True, timeout=120, stdout=subprocess.PIPE
        ).stdout

    run("jupyter", "execute", "at_school.ipynb")
    listed = run("runtrack", "log", "--all", "--json")
    return str(json.loads(listed)["runs"][0]["run_id"])


def test_a_link_through_the_hub_opens_the_run_on_ones_own_server(page: Page, lab: Lab, hub: str) -> None:
    """The query survives the login, the start of the server and the redirect; and the copied link is of that form."""
    run_id = made_run(lab)
    link = f"{hub}/hub/user-redirect/lab?runtrack={run_id}"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(link)
    page.locator("#username_input").fill("maya")
    page.locator("#password_input").fill("secret")
    page.locator("#login_submit").click()

    shown = page.locator(".rt-page")
    expect(shown).to_contain_text("shared = 'by a link'", timeout=120_000)
    expect(page).to_have_url(re.compile(re.escape(f"{hub}/user/maya/lab") + "$"))
    shown.get_by_role("button", name="Copy link").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == link
