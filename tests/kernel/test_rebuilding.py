"""What cannot be saved is made again on restore, where the record says how and nothing else happens by it."""

import time
from pathlib import Path
from typing import Any

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel

CELLS = (
    "import csv, hashlib, re, contextvars\nfactor = 2\nrows = ['a,b', 'c']",
    "reader = csv.reader(rows)",
    "def scaled(values):\n    for value in values:\n        yield value * factor\nprint('defined')",
    "numbers = scaled([1, 2, 3]); pairs = enumerate(numbers)\nprint('made')",
    "digest = hashlib.sha256(b'abc')",
    "found = re.match('(.)b', 'ab')",
    (
        "class Half:\n    def __init__(self, rows):\n        self.rows = rows\n        self.reader = csv.reader(rows)\n"
        "half = Half(rows)"
    ),
    "view = memoryview(bytearray(b'xyz'))\nsame = view",
    "variable = contextvars.ContextVar('variable', default=5)",
    "print(reader, type(numbers)); digest",
)
GAPS = ["digest", "found", "half", "numbers", "pairs", "reader", "same", "variable", "view"]


def ids(letter: str) -> Any:
    """Return request ids, each another one."""
    return (f"01JD0000000000000000000{letter}{number:02}" for number in range(10, 99))


def run_of(kernel: LiveKernel, request_id: str) -> dict[str, Any]:
    run: dict[str, Any] = kernel.ask("checkpoint", request_id=request_id)["result"]["run"]
    return run


def restored(kernel: LiveKernel, request_id: str, run: dict[str, Any], **choice: Any) -> dict[str, Any]:
    answer = kernel.ask("restore", request_id=request_id, id=run["run_id"], **choice)
    assert answer["ok"], answer
    result: dict[str, Any] = answer["result"]
    return result


def test_what_follows_from_the_record_comes_back_in_a_fresh_kernel(start_kernel: StartKernel) -> None:
    """Also what they share: with each other, with saved variables, and with the namespace they look names up in."""
    first, number = start_kernel(), ids("A")
    for cell in CELLS:
        assert first.run(cell).status == "ok"
    run = run_of(first, next(number))
    assert [gap["subject"] for gap in run["gaps"]] == GAPS  # where one can be saved by now, try another
    kernel = start_kernel()
    kernel.run("unrelated = 1")

    result = restored(kernel, next(number), run)

    assert (sorted(result["rebuilt"]), result["gaps"]) == (GAPS, [])
    assert result["rebuilt"]["reader"] == "made again by running cell [2]"
    assert result["rebuilt"]["pairs"] == "made again by running cell [4]"
    kernel.run("rows.append('d,e'); factor = 10; view[0] = 65")
    assert kernel.value("[list(reader), half.rows is rows, list(half.reader)[2], isinstance(half, Half)]") == [
        [["a", "b"], ["c"], ["d", "e"]], True, ["d", "e"], True,
    ]  # fmt: skip
    assert kernel.value("[next(pairs), list(numbers), list(pairs)]") == [[0, 10], [20, 30], []]
    assert kernel.value("[same is view, bytes(same).decode(), found.group(1), variable.get()]") == [
        True, "Ayz", "a", 5,
    ]  # fmt: skip
    assert kernel.value("digest.hexdigest()[:8]") == "ba7816bf"


def test_what_may_be_another_value_by_now_is_left_out_and_says_why(
    start_kernel: StartKernel, folder: Path
) -> None:
    """Nothing with an effect runs a second time: no print, no file, no random number, no value used up."""
    first, number = start_kernel(), ids("B")
    first.run("import random, itertools\ntaken = (n for n in range(5))")
    first.run("next(taken)")
    first.run("def loud():\n    print('made')\n    return (n for n in [1])\ntold = loud()")
    first.run("chance = (n for n in [random.random()])")
    first.run(
        "out = open('out.txt', 'w'); written = (line for line in [out.write('x')]); out.close(); del out"
    )
    first.run("def take():\n    return next(used)\nused = (n for n in range(3))")
    first.run("take()")
    run = run_of(first, next(number))
    (folder / "out.txt").unlink()
    kernel = start_kernel()
    kernel.run("unrelated = 1")
    state = kernel.value("__import__('random').getstate()[1][:3]")

    answer = kernel.run("__import__('runtrack_jupyter').restore('" + run["run_id"] + "', document=False)")

    assert answer.status == "ok"
    assert "\nmade\n" not in answer.text
    for text in (
        "taken did not come back: a generator: cannot be saved; not made again: cell [2] may have changed it: next(taken)",
        "told did not come back: a generator: cannot be saved; not made again: cell [3] cannot be run again",
        "chance did not come back: a generator: cannot be saved; not made again: cell [4] cannot be run again",
        "used did not come back: a generator: cannot be saved; not made again: cell [7] may have changed it: take()",
    ):
        assert text in answer.text
    assert not (folder / "out.txt").exists()
    assert (
        kernel.value("[name for name in ('taken', 'told', 'chance', 'written', 'used') if name in dir()]")
        == []
    )
    del state


def test_it_can_be_left_out(start_kernel: StartKernel) -> None:
    first, number = start_kernel(), ids("C")
    first.run("a = (n for n in [1]); b = (n for n in [2])")
    run = run_of(first, next(number))
    kernel = start_kernel()
    kernel.run("unrelated = 1")

    without = restored(kernel, next(number), run, rebuild=False)
    assert (without["rebuilt"], [gap["subject"] for gap in without["gaps"]]) == ({}, ["a", "b"])
    some = restored(kernel, next(number), run, rebuild=["b"])
    assert (list(some["rebuilt"]), [gap["subject"] for gap in some["gaps"]]) == (["b"], ["a"])
    assert kernel.value("['a' in dir(), list(b)]") == [False, [2]]


def test_an_object_that_nobody_touched_since_stays_the_same_one(kernel: LiveKernel) -> None:
    number = ids("D")
    kernel.run("g = (n for n in range(3)); h = (n for n in range(3)); was = id(g)")
    run = run_of(kernel, next(number))
    kernel.run("x = 1; next(h)")

    result = restored(kernel, next(number), run)

    assert kernel.value("[id(g) == was, list(g), list(h), 'x' in dir()]") == [
        True,
        [0, 1, 2],
        [0, 1, 2],
        False,
    ]
    assert list(result["rebuilt"]) == ["h"]
    assert result["gaps"] == []


def test_undo_makes_again_what_the_cell_used_up(kernel: LiveKernel) -> None:
    number = ids("E")
    kernel.run("g = (n for n in range(3))")
    kernel.run("items = list(g)")

    answer = kernel.ask("undo", request_id=next(number))["result"]

    assert answer["rebuilt"] == {"g": "made again by running cell [1]"}
    assert kernel.value("[list(g), 'items' in dir()]") == [[0, 1, 2], False]


def test_what_was_made_again_says_so_and_can_be_gone_back_to(kernel: LiveKernel, record: ReadRecord) -> None:
    number = ids("F")
    kernel.run("import csv\nrows = ['a']")
    kernel.run("reader = csv.reader(rows)")
    first = run_of(kernel, next(number))
    kernel.run("del reader")
    restored(kernel, next(number), first)
    kernel.run("y = 2")
    second = run_of(kernel, next(number))
    kernel.run("list(reader)")

    again = restored(kernel, next(number), second)

    assert again["rebuilt"] == {"reader": "made again by running cell [2]"}
    assert kernel.value("[list(reader), y]") == [[["a"]], 2]
    marked = {each.name: each.rebuilt for each in record().run(second["run_id"]).variables}
    assert marked["reader"] == "made again by running cell [2]"
    assert marked["rows"] == ""


def test_a_restore_says_what_was_made_again(kernel: LiveKernel) -> None:
    kernel.run("import runtrack_jupyter as rt\nimport csv\nreader = csv.reader(['a'])")
    kernel.run("run = rt.checkpoint('x')")
    kernel.run("del reader")

    shown = kernel.run("rt.restore(rt.runs()[0], document=False)").text

    assert "reader was made again by running cell [1]." in shown
    deadline = time.monotonic() + 10
    while kernel.value("'reader' in dir()") is not True:
        assert time.monotonic() < deadline
