"""`openapi.yaml` is the norm: every route is in it, every route answers as it says, and nothing else is in it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate
from tornado.web import HTTPError

from runtrack_jupyter import errors
from runtrack_jupyter.errors import AmbiguousIdError
from runtrack_jupyter.server import messages
from runtrack_jupyter.server.answering import STATUS_OF, problem_of
from runtrack_jupyter.server.routes import ROUTES
from runtrack_jupyter.tracking.handover import listen_for_documents
from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.description import described
from tests.server.recorder import Recorder, ulid

VERBS = {"get", "put", "post", "patch", "delete"}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def operations() -> set[tuple[str, str]]:
    return {
        (verb.upper(), path) for path, item in described()["paths"].items() for verb in VERBS & item.keys()
    }


def test_the_description_is_a_valid_one() -> None:
    validate(described())


def test_every_route_and_verb_is_described_and_no_others() -> None:
    """A handler that nobody described cannot be built upon, and a description without a handler is a lie."""
    handled = {
        (verb.upper(), path) for path, handler in ROUTES.items() for verb in VERBS if verb in dir_of(handler)
    }
    assert handled == operations()


def dir_of(handler: type) -> set[str]:
    """Return the verbs that a handler defines itself or inherits from another of ours."""
    ours = [base for base in handler.__mro__ if base.__module__.startswith("runtrack_jupyter")]
    return {name for base in ours for name in vars(base)}


def test_every_schema_is_the_type_that_is_sent() -> None:
    """The schemas are written out for readers; this holds them to the records and messages of the code."""
    types = [getattr(messages, name) for name in messages.__all__]
    _, made = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    written = described()["components"]["schemas"]

    assert {name: bare(schema) for name, schema in made.items()} == {
        name: bare(schema) for name, schema in written.items() if name not in {"Ulid", "Document"}
    }


def bare(schema: Any) -> Any:
    """Return a schema without what is for readers only."""
    if isinstance(schema, dict):
        dropped = {"description", "format", "title"}
        found = {
            key: bare(value) for key, value in schema.items() if key not in dropped or isinstance(value, dict)
        }
        if "enum" in found:
            found["enum"] = sorted(found["enum"])
        return found
    return [bare(each) for each in schema] if isinstance(schema, list | tuple) else schema


def test_every_error_has_a_status_and_its_kind_is_described() -> None:
    """A new kind of error must not reach the browser as a bug."""
    text = described()["components"]["responses"]["Problem"]["description"]
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE)
    kinds = {(int(status), kind) for status, listed in rows for kind in re.findall(r"`([\w-]+)`", listed)}
    found = [getattr(errors, name) for name in errors.__all__]

    assert set(found) == set(STATUS_OF)
    assert {(STATUS_OF[error], error.kind) for error in found} <= kinds


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (PermissionError(13, "Permission denied", "/store"), 503, "unavailable"),
        (HTTPError(403), 403, "forbidden"),
        (HTTPError(404, "no %s here", "cat"), 404, "not-found"),
        (ValueError("our insides"), 500, "internal"),
        (AmbiguousIdError("1", ("a", "b")), 409, "ambiguous"),
    ],
)
def test_what_goes_wrong_is_told_without_our_insides(error: Exception, status: int, kind: str) -> None:
    found, problem = problem_of(error, getattr(error, "status_code", 500))

    assert (found, problem.kind) == (status, kind)
    assert "insides" not in problem.message
    assert "%" not in problem.message


Example = tuple[str, dict[str, str], object, int]


def examples(recorder: Recorder, run_id: str) -> dict[tuple[str, str], Example]:
    """Return for every operation a request that is answered in full: path, query, body, status."""
    step_id, command_id, path = str(recorder.head), ulid(), {"path": "a.ipynb"}
    command = {"command_id": command_id, "kind": "restore-document", "path": "a.ipynb", "id": run_id}
    return {
        ("GET", "/status"): ("/status", path, None, 200),
        ("GET", "/settings"): ("/settings", {}, None, 200),
        ("PUT", "/settings"): ("/settings", {}, {"after_run_all": False}, 200),
        ("GET", "/notebooks"): ("/notebooks", {}, None, 200),
        ("GET", "/runs"): ("/runs", path | {"limit": "1"}, None, 200),
        ("GET", "/found-runs"): ("/found-runs", path | {"term": "nowhere"}, None, 200),
        ("GET", "/runs/{run_id}"): (f"/runs/{run_id}", {}, None, 200),
        ("GET", "/runs/{run_id}/steps"): (f"/runs/{run_id}/steps", {}, None, 200),
        ("GET", "/runs/{run_id}/document"): (f"/runs/{run_id}/document", {}, None, 200),
        ("POST", "/runs/{run_id}/annotations"): (
            f"/runs/{run_id}/annotations",
            {},
            {"labels": {"kind": "baseline", "seed": 3}, "note": "as shown on Monday"},
            200,
        ),
        ("GET", "/steps/{step_id}"): (f"/steps/{step_id}", {}, None, 200),
        ("GET", "/steps/{step_id}/document"): (f"/steps/{step_id}/document", {}, None, 200),
        ("GET", "/now"): ("/now", path, None, 200),
        ("GET", "/space"): ("/space", path, None, 200),
        ("POST", "/space"): ("/space", path, {"free": ["steps"]}, 200),
        ("GET", "/last-runs"): ("/last-runs", path, None, 200),
        ("GET", "/restore-plans/{id}"): (f"/restore-plans/{run_id}", {}, None, 200),
        ("POST", "/documents/{id}"): (f"/documents/{run_id}", {}, {"live": NOTEBOOK}, 200),
        ("POST", "/copies"): ("/copies", {}, {"id": run_id, "path": "a.ipynb"}, 201),
        ("PUT", "/sessions/{session_id}/documents/{run_id}"): (
            f"/sessions/{recorder.session_id}/documents/{run_id}",
            {},
            NOTEBOOK,
            202,
        ),
        ("POST", "/commands"): ("/commands", {}, command, 202),
        ("POST", "/commands/{command_id}/claim"): (f"/commands/{command_id}/claim", {}, None, 200),
        ("POST", "/commands/{command_id}/acknowledge"): (
            f"/commands/{command_id}/acknowledge",
            {},
            None,
            204,
        ),
    }


@pytest.mark.parametrize("sealed", [False, True])
async def test_every_operation_answers_in_full_as_it_is_described(
    ask: Ask, record: Record, root: Path, sealed: bool
) -> None:
    """`ask` checks each answer; the websocket and bundles have tests of their own."""
    recorder = record()
    recorder.step("a = 1", variables=["a"])
    first = recorder.run("first")
    recorder.step("b = 1", variables=["b"], cell_id="b")
    run_id = recorder.run("second", variables=["a", "b"], metrics={"accuracy": 0.9})
    if sealed:
        recorder.seal(first)
        recorder.seal(run_id)
    asked = examples(recorder, run_id)
    stop_listening = listen_for_documents(recorder.session_id, lambda *_: None)

    elsewhere = {("GET", "/events"), ("GET", "/bundles"), ("POST", "/trusted-bundles")}
    assert asked.keys() | elsewhere == operations()
    for (method, _), (path, query, body, status) in asked.items():
        reply = await ask(method, path, query=query, body=body)
        assert reply.status == status, (method, path, reply.body)
    await asyncio.sleep(0.2)  # until the document has been handed over
    stop_listening()


async def test_an_answer_that_is_not_described_is_noticed(ask: Ask) -> None:
    """Else the tests above could not fail."""
    from openapi_core.validation.response.exceptions import InvalidData

    from tests.server.description import check_answer

    with pytest.raises(InvalidData):
        check_answer("GET", "/settings", 200, {"Content-Type": "application/json"}, b'{"enabled": true}')
    known = b'{"enabled": true, "after_run_all": true, "record_values": true, "more": 1}'
    with pytest.raises(InvalidData):
        check_answer("GET", "/settings", 200, {"Content-Type": "application/json"}, known)
