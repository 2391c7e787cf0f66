"""The environment that the tests run in is one that a user would have."""

import json
import subprocess
import sys
from pathlib import Path

from jupyter_client.manager import start_new_kernel

import runtrack_jupyter


def test_what_is_tested_is_what_is_installed() -> None:
    """A file that the wheel forgot must not be found in the tree."""
    assert Path(runtrack_jupyter.__file__).is_relative_to(sys.prefix)


def test_a_fresh_kernel_has_it_loaded_before_the_first_cell() -> None:
    """Nobody has to remember `%load_ext`."""
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        reply = client.execute_interactive(
            "",
            user_expressions={
                "loaded": "'runtrack_jupyter' in get_ipython().extension_manager.loaded",
                "magics": "sorted({'checkpoint', 'runtrack'} & set(get_ipython().magics_manager.magics['line']))",
            },
            timeout=60,
            output_hook=lambda _: None,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    told = {name: value["data"]["text/plain"] for name, value in reply["content"]["user_expressions"].items()}

    assert told == {"loaded": "True", "magics": "['checkpoint', 'runtrack']"}


def test_jupyter_lists_both_extensions_as_sound() -> None:
    """The two commands that everybody is asked to run when something is amiss."""
    lab = _told("jupyterlab.labextensions", "list")
    server = _told("jupyter_server.extension.serverextension", "list")

    assert "runtrack-jupyter v0.1.0" in lab
    assert "enabled" in lab.split("runtrack-jupyter v0.1.0")[1].splitlines()[0]
    assert "runtrack_jupyter 0.1.0" in server
    assert "OK" in server.split("runtrack_jupyter 0.1.0")[1].splitlines()[0]


def test_the_parts_agree_on_the_version() -> None:
    """The browser, the package and the wheel are one release."""
    package = Path(sys.prefix, "share", "jupyter", "labextensions", "runtrack-jupyter", "package.json")

    assert json.loads(package.read_text(encoding="utf-8"))["version"] == runtrack_jupyter.__version__


def _told(module: str, word: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, word],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout
