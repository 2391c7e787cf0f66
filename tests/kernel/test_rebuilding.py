"""What cannot be saved is made again on restore, where the record says how and nothing else happens by it."""

import time
from pathlib import Path
from typing import Any

from tests.kernel.conftest import ReadRecord, StartKernel
from tests.kernel.livekernel import LiveKernel

CELLS = (
    "import contextvars, hashlib, re\nbuffer = bytearray(b'xyz')",
    "view = memoryview(buffer)",
    "def hashed(text, kind='sha256'):\n    made = hashlib.new(kind, text)\n    return made\nprint('defined')",
    "digest = hashed(b'abc'); same = digest\nprint('made')",
    "found = re.finditer('.', 'ab')",
    (
        "class Half:\n    def __init__(self, data):\n        self.data = data\n        self.view = memoryview(data)\n"
        "half = Half(buffer)"
    ),
    "pair = (digest, [buffer])",
    "variable = contextvars.ContextVar('variable', default=5)",
    "print(view, type(digest)); digest",
)
# All of them cannot be saved. Where one can be by now, another one has to be found for these tests.
GAPS = ["digest", "found", "half", "pair", "same", "variable", "view"]


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
    assert [gap["subject"] for gap in run["gaps"]] == GAPS
    kernel = start_kernel()
    kernel.run("unrelated = 1")

    result = restored(kernel, next(number), run)

    assert (sorted(result["rebuilt"]), result["gaps"]) == (GAPS, [])
    assert result["rebuilt"]["view"] == "made again by running cell [2]"
    assert result["rebuilt"]["pair"] == "made again by running cells [4] and [7]"
    kernel.run("buffer[0] = 65")
    assert kernel.value("[bytes(view).decode(), bytes(half.view).decode(), half.data is buffer]") == [
        "Ayz", "Ayz", True,
    ]  # fmt: skip
    assert kernel.value("[isinstance(half, Half), [m[0] for m in found]]") == [True, ["a", "b"]]
    assert kernel.value("[digest is same, pair[0] is digest, pair[1][0] is buffer, variable.get()]") == [
        True, True, True, 5,
    ]  # fmt: skip
    assert kernel.value("digest.hexdigest()[:8]") == "ba7816bf"


def test_what_may_be_another_value_by_now_is_left_out_and_says_why(
    start_kernel: StartKernel, folder: Path
) -> None:
    """Nothing with an effect runs a second time: no print, no file, no random number, no value used up."""
    first, number = start_kernel(), ids("B")
    first.run("import hashlib, random, re\ntaken = re.finditer('.', 'ab')")
    first.run("next(taken)")
    first.run("def loud():\n    print('made')\n    return hashlib.sha256(b'a')\ntold = loud()")
    first.run("chance = hashlib.sha256(random.randbytes(4))")
    first.run(
        "out = open('out.txt', 'w'); written = hashlib.sha256(bytes([out.write('x')])); out.close(); del out"
    )
    first.run("def take():\n    return next(used)\nused = re.finditer('.', 'ab')")
    first.run("take()")
    run = run_of(first, next(number))
    (folder / "out.txt").unlink()
    kernel = start_kernel()
    kernel.run("unrelated = 1")

    answer = kernel.run("__import__('runtrack_jupyter').restore('" + run["run_id"] + "', document=False)")

    assert answer.status == "ok"
    assert "\nmade\n" not in answer.text
    for text in (
        "not made again: cell [2] may have changed it: next(taken)",
        "not made again: cell [3] cannot be run again: an expression that binds no name in a function is not run",
        "not made again: cell [4] cannot be run again: nobody knows what random.randbytes does",
        "not made again: cell [5] cannot be run again: nobody knows what out.write does",
        "not made again: cell [7] may have changed it: take()",
    ):
        assert text in answer.text
    assert not (folder / "out.txt").exists()
    assert (
        kernel.value("[name for name in ('taken', 'told', 'chance', 'written', 'used') if name in dir()]")
        == []
    )


def test_it_can_be_left_out(start_kernel: StartKernel) -> None:
    first, number = start_kernel(), ids("C")
    first.run("import hashlib\na = hashlib.sha256(); b = hashlib.md5()")
    run = run_of(first, next(number))
    kernel = start_kernel()
    kernel.run("unrelated = 1")

    without = restored(kernel, next(number), run, rebuild=False)
    assert (without["rebuilt"], [gap["subject"] for gap in without["gaps"]]) == ({}, ["a", "b"])
    some = restored(kernel, next(number), run, rebuild=["b"])
    assert (list(some["rebuilt"]), [gap["subject"] for gap in some["gaps"]]) == (["b"], ["a"])
    assert kernel.value("['a' in dir(), b.name]") == [False, "md5"]


def test_an_object_that_nobody_touched_since_stays_the_same_one(kernel: LiveKernel) -> None:
    number = ids("D")
    kernel.run("g = memoryview(bytearray(b'abc')); h = memoryview(bytearray(b'abc')); was = id(g)")
    run = run_of(kernel, next(number))
    kernel.run("x = 1; h[0] = 65")

    result = restored(kernel, next(number), run)

    assert kernel.value("[id(g) == was, bytes(g) == bytes(h), 'x' in dir()]") == [True, True, False]
    assert list(result["rebuilt"]) == ["h"]
    assert result["gaps"] == []


def test_undo_makes_again_what_the_cell_changed(kernel: LiveKernel) -> None:
    number = ids("E")
    kernel.run("import hashlib\ndigest = hashlib.sha256(b'abc')")
    kernel.run("digest.update(b'd'); items = 1")

    answer = kernel.ask("undo", request_id=next(number))["result"]

    assert answer["rebuilt"] == {"digest": "made again by running cell [1]"}
    assert kernel.value("[digest.hexdigest()[:8], 'items' in dir()]") == ["ba7816bf", False]


def test_what_was_made_again_says_so_and_can_be_gone_back_to(kernel: LiveKernel, record: ReadRecord) -> None:
    number = ids("F")
    kernel.run("import hashlib\ntext = b'abc'")
    kernel.run("digest = hashlib.sha256(text)")
    first = run_of(kernel, next(number))
    kernel.run("del digest; text = b'other'")
    restored(kernel, next(number), first)
    kernel.run("y = 2")
    second = run_of(kernel, next(number))
    kernel.run("digest.update(b'd')")

    again = restored(kernel, next(number), second)

    assert again["rebuilt"] == {"digest": "made again by running cell [2]"}
    assert kernel.value("[digest.hexdigest()[:8], y]") == ["ba7816bf", 2]
    marked = {each.name: each.rebuilt for each in record().run(second["run_id"]).variables}
    assert marked["digest"] == "made again by running cell [2]"
    assert marked["text"] == ""


def test_a_restore_says_what_was_made_again(kernel: LiveKernel) -> None:
    kernel.run("import runtrack_jupyter as rt\nimport hashlib\ndigest = hashlib.sha256(b'a')")
    kernel.run("run = rt.checkpoint('x')")
    kernel.run("del digest; text = b'other'")

    shown = kernel.run("rt.restore(rt.runs()[0], document=False)").text

    assert "digest was made again by running cell [1]." in shown
    deadline = time.monotonic() + 10
    while kernel.value("'digest' in dir()") is not True:
        assert time.monotonic() < deadline
