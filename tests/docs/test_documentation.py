"""The documentation names what there is, as it is."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import runtrack_jupyter
from runtrack_jupyter.cli.app import EXIT_CODES, root
from runtrack_jupyter.tracking.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(group: click.Command, path: str = "runtrack") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be typed, with the words to type."""
    for name, command in getattr(group, "commands", {}).items():
        yield f"{path} {name}", command
        yield from commands(command, f"{path} {name}")


COMMANDS = dict(commands(root))


def test_there_are_commands() -> None:
    """Otherwise the tests below would hold nothing to anything."""
    assert {"runtrack log", "runtrack show", "runtrack steps", "runtrack restore", "runtrack fsck"} <= set(
        COMMANDS
    )


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_and_option_is_documented(typed: str) -> None:
    """What cannot be found in the manual does not exist for those who need it."""
    text = page("commands.md")
    options = [
        option
        for parameter in COMMANDS[typed].params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
        if option.startswith("--")
    ]

    assert f"`{typed}" in text
    assert [option for option in options if f"`{option}" not in text] == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    documented = set(re.findall(r"^\| `(runtrack [a-z-]+)", page("commands.md"), re.MULTILINE))

    assert documented == set(COMMANDS)


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", page("commands.md"), re.MULTILINE)}

    assert documented == {0, *(code for _, code in EXIT_CODES)}


CALLABLE = [name for name in runtrack_jupyter.__all__ if callable(getattr(runtrack_jupyter, name))]


@pytest.mark.parametrize("name", runtrack_jupyter.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert f"`rt.{name}" in page("python-api.md")


def test_documented_calls_have_the_parameters_and_defaults_of_the_real_ones() -> None:
    """A signature on a page is a promise."""
    terms = "\n".join(re.findall(r"^`rt\..*$", page("python-api.md"), re.MULTILINE))  # not the examples
    documented = dict(re.findall(r"`rt\.([a-z_]+)(\([^`]*\))`", terms))
    shown = {name: _arguments(f"{name}{call}") for name, call in documented.items()}
    real = {
        name: [
            (parameter.name, None if parameter.default is parameter.empty else parameter.default)
            for parameter in inspect.signature(getattr(runtrack_jupyter, name)).parameters.values()
        ]
        for name in documented
    }

    assert shown == real
    assert set(documented) == set(CALLABLE)


def _arguments(call: str) -> list[tuple[str, Any]]:
    """The names and defaults in ``f(a, b=1)``; where a default is None or there is none, None."""
    parsed = ast.parse(call, mode="eval").body
    assert isinstance(parsed, ast.Call)
    return [(ast.unparse(argument), None) for argument in parsed.args] + [
        (str(keyword.arg), ast.literal_eval(keyword.value)) for keyword in parsed.keywords
    ]


ONLY_IN_THE_BROWSER = {"cell_hints"}  # kernels have nothing to do with them


def settings_of_the_front_end() -> dict[str, dict[str, Any]]:
    schema = json.loads((ROOT / "labextension" / "schema" / "plugin.json").read_text(encoding="utf-8"))
    return dict(schema["properties"])


def documented_settings() -> dict[str, str]:
    rows = re.findall(r"^\| `([a-z_]+)` \| `([^`]+)` \|", page("settings.md"), re.MULTILINE)
    return dict(rows)


def test_every_setting_is_documented_with_its_default() -> None:
    """Both those that JupyterLab shows and those that only the file has; and no other ones."""
    front_end = settings_of_the_front_end()
    assert documented_settings() == {
        **{name: json.dumps(getattr(Settings(), name)) for name in Settings.__struct_fields__},
        **{name: json.dumps(front_end[name]["default"]) for name in ONLY_IN_THE_BROWSER},
    }


def test_settings_have_one_name_and_default_in_the_browser_and_in_the_kernel() -> None:
    ours = Settings()

    for name, described in settings_of_the_front_end().items():
        assert name in ONLY_IN_THE_BROWSER or described["default"] == getattr(ours, name), name


def test_every_environment_variable_is_documented() -> None:
    package = Path(runtrack_jupyter.__file__).parent
    used = {
        name
        for source in package.rglob("*.py")
        for name in re.findall(r"[\"'](RUNTRACK_[A-Z_]+)[\"']", source.read_text(encoding="utf-8"))
    }

    assert used == set(re.findall(r"^\| `(RUNTRACK_[A-Z_]+)` \|", page("settings.md"), re.MULTILINE))
