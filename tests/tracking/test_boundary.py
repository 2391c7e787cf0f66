"""Nothing of ours leaves the boundary: a failure becomes a gap, and a Ctrl-C is told to the caller."""

import pytest

from runtrack_jupyter.model import Gap
from runtrack_jupyter.tracking.boundary import never_break_the_cell


def give_up(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("bad"), "ValueError: bad"),
        (MemoryError(), "MemoryError"),
        (RecursionError("deep"), "RecursionError: deep"),
        (StopIteration(), "StopIteration"),
    ],
)
def test_a_failure_becomes_a_gap(error: Exception, reason: str) -> None:
    gaps: list[Gap] = []

    with never_break_the_cell("looking", gaps.append) as outcome:
        give_up(error)

    assert gaps == [Gap(subject="looking", kind="failed", reason=reason)]
    assert not outcome.interrupted


def test_an_interrupt_becomes_a_gap_and_is_told() -> None:
    """The caller stops the queued cells, as the user meant."""
    gaps: list[Gap] = []

    with never_break_the_cell("looking", gaps.append) as outcome:
        give_up(KeyboardInterrupt())

    assert outcome.interrupted
    assert [gap.kind for gap in gaps] == ["interrupted"]


def test_a_report_that_fails_leaves_the_boundary_neither() -> None:
    told: list[Gap] = []

    def refuse(gap: Gap) -> None:
        told.append(gap)
        raise OSError("no front end")

    with never_break_the_cell("looking", refuse):
        give_up(ValueError())

    assert len(told) == 1


def test_the_end_of_the_process_is_let_through() -> None:
    """``sys.exit()`` is meant: nobody but the interpreter decides about it."""
    with pytest.raises(SystemExit), never_break_the_cell("looking", print):
        give_up(SystemExit(3))


def test_where_nothing_fails_nothing_is_told() -> None:
    gaps: list[Gap] = []

    with never_break_the_cell("looking", gaps.append) as outcome:
        pass

    assert (gaps, outcome.interrupted) == ([], False)
