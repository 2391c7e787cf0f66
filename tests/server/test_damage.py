"""A store that is damaged, foreign, away or new is answered for in words, never with a bug."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.asking import Ask
from tests.server.conftest import Record
from tests.server.recorder import Recorder

ROUTES = [
    "/status?path=a.ipynb",
    "/notebooks",
    "/runs?path=a.ipynb",
    "/now?path=a.ipynb",
    "/runs/{run}",
    "/runs/{run}/steps",
    "/runs/{run}/document",
    "/steps/{step}",
    "/steps/{step}/document",
    "/restore-plans/{run}",
]


def flip_a_byte(recorder: Recorder) -> None:
    data = bytearray(recorder.segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    recorder.segment.write_bytes(data)


def cut(recorder: Recorder) -> None:
    data = recorder.segment.read_bytes()
    recorder.segment.write_bytes(data[: len(data) * 2 // 3])


def empty(recorder: Recorder) -> None:
    recorder.segment.write_bytes(b"")


def noise(recorder: Recorder) -> None:
    recorder.segment.write_bytes(bytes(range(256)) * 100)


def a_folder(recorder: Recorder) -> None:
    segment = recorder.segment
    recorder.close()
    segment.unlink()
    segment.mkdir()


def broken_ordinals(recorder: Recorder) -> None:
    (recorder.store / "ordinals.jsonl").write_bytes(b'{"kind": "numb\xff')


def of_the_future(recorder: Recorder) -> None:
    (recorder.store / "format").write_text('{"format_version": 999}')


def a_broken_format(recorder: Recorder) -> None:
    (recorder.store / "format").write_text("?")


DAMAGES = [flip_a_byte, cut, empty, noise, a_folder, broken_ordinals, of_the_future, a_broken_format]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damage_is_reported_in_words_and_hides_no_other_store(
    ask: Ask, record: Record, damage: Callable[[Recorder], None]
) -> None:
    """`ask` holds each answer to the description; a bug would answer 500, or not at all."""
    recorder, sound = record(), record("sub/b.ipynb")
    step_id = recorder.step("a = 1", variables=["a"])
    run_id = recorder.run(variables=["a"])
    recorder.step("b = 1")
    recorder.run()
    sound.run("sound")
    damage(recorder)
    for route in ROUTES:
        path, _, query = route.format(run=run_id, step=step_id).partition("?")
        reply = await ask("GET", path, query=dict([query.split("=")]) if query else None)
        assert reply.status in {200, 404, 422, 501}, (route, reply.body)
    page = (await ask("GET", "/runs", query={"path": "sub/b.ipynb"})).json

    assert [run["message"] for run in page["runs"]] == ["sound"]


async def test_a_store_of_a_newer_runtrack_says_so(ask: Ask, record: Record) -> None:
    recorder = record()
    recorder.run()
    of_the_future(recorder)
    reply = await ask("GET", "/runs", query={"path": "a.ipynb"})

    assert (reply.status, reply.kind) == (501, "unsupported-format")


async def test_a_store_that_goes_away_and_comes_back_is_followed(
    ask: Ask, record: Record, root: Path
) -> None:
    """A disk is unplugged; its history is not forgotten, and not invented."""
    recorder = record("disk/a.ipynb")
    run_id = recorder.run()
    query = {"path": "disk/a.ipynb"}
    there = (await ask("GET", "/runs", query=query)).json
    (root / "disk").rename(root / "unplugged")
    away = (await ask("GET", "/runs", query=query)).json
    (root / "unplugged").rename(root / "disk")
    back = (await ask("GET", "/runs", query=query)).json

    assert [run["run_id"] for run in there["runs"]] == [run_id]
    assert away["total"] == 0
    assert back == there
