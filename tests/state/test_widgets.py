"""Widgets come back with their values, links and observers, and with a new connection to the page."""

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
    "linked widgets": Kind(
        "import ipywidgets as w\nseen = []\ns = w.IntSlider(3, description='n'); t = w.IntText(); link = w.link((s, 'value'), (t, 'value'))\n"
        "s.observe(lambda change: seen.append(change.new), 'value'); box = w.VBox([s, t]); s.value = 4",
        "s.value = 9",
        (
            "s.value, t.value, s.description, seen",
            "box.children[0] is s, box.layout is not None, s.comm is not None, s.model_id in box.get_state()['children'][0]",
            "setattr(s, 'value', 7), t.value, seen[-1]",
            "setattr(t, 'value', 5), s.value",
            "setattr(s, 'max', 6), setattr(s, 'value', 90), s.value",
        ),
    ),
    "buttons": Kind(
        "import ipywidgets as w\nhits = []\nb = w.Button(description='go')\n@b.on_click\ndef go(button): hits.append(button)",
        "b.description = 'gone'",
        ("b.description, b.click(), hits[0] is b",),
    ),
    "interact": Kind(
        "import ipywidgets as w\ncalls = []\ndef f(x, y): calls.append((x, y)); return x\n"
        "i = w.interactive(f, x=(0, 10), y=['a', 'b'])\nx = i.children[0]",
        "x.value = 1",
        (
            "x.value, i.kwargs, calls",
            "setattr(x, 'value', 8), calls[-1], i.result",
            "i.children[0] is x, i.f is f",
        ),
    ),
    "classes with traits": Kind(
        "import traitlets as t\nclass A(t.HasTraits):\n  v = t.Int(3); l = t.List()\n  @t.observe('v')\n  def _v(self, change): self.l = [*self.l, change.new]\n"
        "  @t.validate('v')\n  def _check(self, p): return min(p['value'], 9)\na = A(); a.v = 5; heard = []; a.observe(heard.append)",
        "a.v = 6",
        (
            "a.v, a.l, heard",
            "setattr(a, 'v', 12), a.v, a.l, len(heard)",
            "A.class_trait_names(), A().v, type(a) is A",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS


def test_a_widget_says_that_it_is_to_be_displayed_again() -> None:
    """The view on the page belongs to the widget of before."""
    world = World()
    world.run("import ipywidgets\nx = ipywidgets.IntSlider()")
    assert world.engine.rebuilt("x") == "a widget with a new connection to the page: display it again"


def test_the_one_instance_of_a_class_stays_the_one() -> None:
    """``ip = get_ipython()`` is in many notebooks."""
    world = World()
    world.run(
        "from traitlets.config import SingletonConfigurable\nimport ipykernel.kernelapp as k\n"
        "x = k.IPKernelApp.instance()"
    )
    fresh = world.fresh()
    assert fresh.restore(world.moment()).gaps == ()
    assert fresh.value("x is k.IPKernelApp.instance()")
    world.run("k.IPKernelApp.clear_instance()")
