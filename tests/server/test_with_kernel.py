"""Server, kernel and sealer together, as they are under JupyterLab."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection

from tests.server.asking import Ask, Fetch
from tests.server.recorder import ulid

ANSWER = '__import__("runtrack_jupyter.kernel.requests", fromlist=["answer"]).answer({!r})'


@pytest.fixture
def tracked(jp_environ: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of this server load Runtrack by themselves, as where it is installed."""
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    config = {"InteractiveShellApp": {"extra_extensions": ["runtrack_jupyter"]}}
    (profile / "ipython_kernel_config.json").write_text(json.dumps(config))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


class Tab:
    """A notebook open in a browser, with its kernel."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def run(self, code: str, **content: Any) -> dict[str, Any]:
        request = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        return await self._send("execute_request", request | content, {"cellId": "one"})

    async def ask(self, **request: Any) -> dict[str, Any]:
        expression = ANSWER.format(json.dumps(request))
        content = {"silent": True, "store_history": False, "user_expressions": {"runtrack": expression}}
        reply = await self.run("", **content)
        answer: dict[str, Any] = reply["user_expressions"]["runtrack"]["data"]["application/json"]
        return answer

    def say_hello(self, path: str, notebook_id: str) -> None:
        data = {"protocol": 1, "path": path, "notebook_id": notebook_id}
        message = self._client.session.msg(
            "comm_open", {"comm_id": ulid(), "target_name": "runtrack", "data": data}
        )
        self._client.shell_channel.send(message)

    async def _send(self, kind: str, content: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
        message = self._client.session.msg(kind, content)
        message["metadata"] = metadata
        self._client.shell_channel.send(message)
        while True:
            reply = await self._client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                found: dict[str, Any] = reply["content"]
                return found


@pytest.mark.usefixtures("tracked")
async def test_a_checkpoint_in_a_tab_becomes_a_run_with_the_document_of_the_tab(
    jp_fetch: Fetch, jp_ws_fetch: Any, jp_serverapp: Any, ask: Ask, root: Path
) -> None:
    """Unsaved edits are part of the run, and the browser hears of it without asking."""
    notebook_id = ulid()
    document = {
        "cells": [{"id": "m", "cell_type": "markdown", "metadata": {}, "source": "unsaved"}],
        "metadata": {"runtrack": {"id": notebook_id}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / "nb.ipynb").write_text(json.dumps({**document, "cells": []}))
    events: WebSocketClientConnection = await jp_ws_fetch(
        "runtrack", "api", "events", params={"path": "nb.ipynb"}
    )
    body = {"path": "nb.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    session = json.loads((await jp_fetch("api", "sessions", method="POST", body=json.dumps(body))).body)
    client = jp_serverapp.kernel_manager.get_kernel(session["kernel"]["id"]).client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    tab = Tab(client)
    tab.say_hello("nb.ipynb", notebook_id)
    await tab.run("x = 1")
    now = (await ask("GET", "/now", query={"path": "nb.ipynb"})).json
    assert now["alive"] is True
    assert [step["source"] for step in now["steps"]] == ["x = 1"]

    run_id = ulid()
    answer = await tab.ask(request="checkpoint", request_id=run_id, message="from the tab")
    assert answer["ok"], answer
    put = await ask("PUT", f"/sessions/{now['session_id']}/documents/{run_id}", body=document)
    assert put.status == 202
    run: dict[str, Any] = {}
    async with asyncio.timeout(60):
        while not run.get("sealed"):
            await asyncio.wait_for(events.read_message(), 30)
            page = (await ask("GET", "/runs", query={"path": "nb.ipynb"})).json
            run = page["runs"][0] if page["runs"] else {}

    assert (run["run_id"], run["ordinal"], run["document_origin"]) == (run_id, 1, "live")
    shown = (await ask("GET", f"/runs/{run_id}/document")).json
    assert [cell["source"] for cell in shown["cells"]] == ["unsaved"]
    client.stop_channels()
    await jp_fetch("api", "sessions", session["id"], method="DELETE")
