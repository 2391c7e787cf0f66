"""History is a tree: nothing of it is lost by going back, and every way through it is known."""

from hypothesis import given, settings
from hypothesis import strategies as st

from runtrack_jupyter.lineage.tree import Way, ancestors_of, children_of, rail, steps_to, way_between
from runtrack_jupyter.model import RunId, StepId
from tests.lineage.records import run, step

# 1 ← 2 ← 3 ← 6 (now), 2 ← 4 ← 5
RUNS = [run(6, 3), run(5, 4), run(4, 2), run(3, 2), run(2, 1), run(1)]


def test_ancestors_are_nearest_first_and_end_where_nothing_is_known() -> None:
    assert ancestors_of(RunId("r6"), RUNS) == ("r6", "r3", "r2", "r1")
    assert ancestors_of(RunId("r6"), RUNS[:3]) == ("r6",)
    assert ancestors_of(None, RUNS) == ()


def test_children_are_told() -> None:
    assert children_of(RUNS)[RunId("r2")] == ("r4", "r3")


def test_the_branch_that_leads_to_now_is_lane_0_and_others_stay_beside_it() -> None:
    lanes = {entry.run_id: entry.lane for entry in rail(RUNS, RunId("r6"))}

    assert lanes == {"r6": 0, "r5": 1, "r4": 1, "r3": 0, "r2": 0, "r1": 0}
    by_id = {entry.run_id: entry for entry in rail(RUNS, RunId("r6"))}
    assert by_id[RunId("r2")].is_fork
    assert by_id[RunId("r3")].through == (1,)  # the other branch passes on its way down to 2
    assert by_id[RunId("r2")].through == ()


def test_restoring_makes_the_other_branch_the_straight_one() -> None:
    lanes = {entry.run_id: entry.lane for entry in rail(RUNS, RunId("r5"))}

    assert lanes == {"r6": 1, "r5": 0, "r4": 0, "r3": 1, "r2": 0, "r1": 0}


def test_a_lane_is_used_again_when_its_branch_has_ended() -> None:
    runs = [run(7, 4), run(6, 4), run(4, 1), run(3, 2), run(2, 1), run(1)]

    lanes = {entry.run_id: entry.lane for entry in rail(runs, RunId("r7"))}

    assert (lanes[RunId("r6")], lanes[RunId("r3")]) == (1, 1)


@settings(max_examples=80, deadline=None)
@given(parents=st.lists(st.integers(0, 30), min_size=1, max_size=25), head=st.integers(0, 30))
def test_no_two_branches_share_a_lane_where_both_are_drawn(parents: list[int], head: int) -> None:
    runs = [run(i, *([parent % i] if i else [])) for i, parent in enumerate(parents)][::-1]

    entries = rail(runs, RunId(f"r{head % len(runs)}"))

    assert [entry.run_id for entry in entries] == [each.run_id for each in runs]
    for entry in entries:
        assert entry.lane not in entry.through or entry.lane == 0
        assert (entry.lane == 0) == entry.on_path


STEPS = {
    each.step_id: each
    for each in [step(1), *(step(n, parent=p) for n, p in ((2, 1), (3, 2), (4, 2), (5, 4)))]
}


def test_the_way_between_two_steps_goes_through_where_they_meet() -> None:
    assert steps_to(StepId("s5"), STEPS) == ("s1", "s2", "s4", "s5")
    assert way_between(StepId("s3"), StepId("s5"), STEPS) == Way(
        StepId("s2"), (StepId("s3"),), (StepId("s4"), StepId("s5"))
    )
    assert way_between(None, StepId("s2"), STEPS) == Way(None, (), (StepId("s1"), StepId("s2")))
    assert way_between(StepId("s5"), StepId("s5"), STEPS) == Way(StepId("s5"), (), ())
