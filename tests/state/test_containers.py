"""Containers, aliases and what happens to names."""

import pytest

from tests.state.world import World


@pytest.fixture(name="world")
def _world() -> World:
    return World()


def both(world: World, change: str) -> list[World]:
    """Return the world gone back to before `change`, and a fresh one at the same moment."""
    moment = world.moment()
    world.run(change)
    world.restore(moment)
    fresh = world.fresh()
    fresh.restore(moment)
    return [world, fresh]


def test_a_list_shared_by_two_names_is_one_list_after_a_restore(world: World) -> None:
    """Saving names one by one would give two lists."""
    world.run("a = [1]\nb = {'k': a}")
    for each in both(world, "a.append(2); b = None"):
        assert each.value("b['k'] is a")
        assert each.value("a") == [1]


def test_a_list_in_a_tuple_ties(world: World) -> None:
    """A tuple cannot change, what it holds can."""
    world.run("t = ([], 1)\nu = t[0]")
    for each in both(world, "u.append(1)"):
        assert each.value("t[0] is u and u == []")


def test_names_that_share_only_atoms_are_separate_components(world: World) -> None:
    """A false tie would store everything again when one name changes."""
    world.run(
        "s = 'text' * 10\na = [s]\nb = [s]\nimport math\nc = [math]\nd = [math]\nt = (1, 2)\ne = [t]\nf = [t]"
    )
    assert {len(each.roots) for each in world.engine.live().values()} == {1}


def test_cycles_come_back(world: World) -> None:
    world.run("a = []\na.append(a)\nd = {}\nd['self'] = d\nd['a'] = a")
    for each in both(world, "a.clear(); d.clear()"):
        assert each.value("a[0] is a and d['self'] is d and d['a'] is a")


def test_what_is_untouched_keeps_its_identity(world: World) -> None:
    """A restore costs what differs, and references held elsewhere stay good."""
    world.run("a = [1]\nb = [2]")
    kept, moment = world.names["a"], world.moment()
    world.run("b.append(3)")
    restored = world.restore(moment)
    assert world.names["a"] is kept
    assert (restored.kept, restored.loaded) == (("a",), ("b",))


def test_new_names_go_and_deleted_names_come_back(world: World) -> None:
    world.run("a = [1]")
    moment = world.moment()
    world.run("b = 2\ndel a")
    assert world.restore(moment).removed == ("b",)
    assert world.value("a") == [1]
    assert "b" not in world.names


def test_an_alias_made_later_joins_the_components(world: World) -> None:
    """The cell names only `b`; the component of `a` must be pulled into the pass."""
    world.run("a = [1]\nb = [1]")
    world.run("b = a", suspects={"b"})
    assert world.engine.live()["a"] is world.engine.live()["b"]
    for each in both(world, "b = 1"):
        assert each.value("a is b")


def test_names_that_part_are_separate_again(world: World) -> None:
    world.run("a = [1]\nb = a")
    capture = world.run("b = [1]", suspects={"b"})
    assert world.engine.live()["a"] is not world.engine.live()["b"]
    assert capture.changed == ()
    assert set(capture.bound) == {"a", "b"}


def test_only_the_changed_name_of_a_component_is_reported(world: World) -> None:
    """`a` shares a list with `b`, but what `b` alone holds is not a change of `a`."""
    world.run("shared = []\na = [shared]\nb = {'s': shared}")
    assert world.run("b['more'] = 1").changed == ("b",)


def test_the_live_namespace_is_a_cut_point(world: World) -> None:
    """``g = globals()`` must not save everything a second time, and must be the live one afterwards."""
    world.run("g = globals()\nbig = list(range(1000))")
    assert world.engine.live()["g"].roots == ("g",)
    for each in both(world, "g = None"):
        assert each.value("g is globals()")


def test_atoms_that_compare_equal_are_told_apart(world: World) -> None:
    """1 equals True and 0.0 equals -0.0; a capture by ``==`` would miss these."""
    world.run("a = [1, 0.0]")
    assert world.run("a[0] = True").changed == ("a",)
    assert world.run("a[1] = -0.0").changed == ("a",)


def test_hidden_names_are_left_alone(world: World) -> None:
    world.run("a = [1]\n_ = a")
    moment = world.moment()
    world.run("a = None\n_ = 'later'")
    world.restore(moment)
    assert world.names["_"] == "later"


def test_the_dict_of_an_instance_that_a_name_holds_is_still_its_dict(world: World) -> None:
    """Pickle would make the instance another one, and a write through the name would be lost."""
    world.run("class A: pass\no, p = A(), A()\no.x, d = [1], vars(o)\np.me = vars(p)")
    assert dict(world.capture().bound) == {}
    for each in both(world, "d['x'] = 2; p.me['y'] = 1"):
        assert each.value("d is vars(o) and p.me is vars(p) and o.x == [1]")
        assert dict(each.capture().bound) == {}
