"""What is lost in a pickle is found attribute by attribute, for classes made at random."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.state.checks import findings

ATTRIBUTES = ("a", "b", "c", "d")
VALUES = {
    "number": ("1", "2"),
    "text": ("'x'", "'y'"),
    "list": ("[1, 2]", "[1, 3]"),
    "dict": ("{'k': [1]}", "{'k': [1.0]}"),
    "set": ("{'p', 'q'}", "{'p'}"),
    "object": ("Other(1)", "Other(2)"),
    "tuple": ("(1, [2])", "(1, [3])"),
}
FATES = ("kept", "copied", "lost", "changed")


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, set[str]]:
    """A class whose state is kept or not, attribute by attribute, and the attributes that do not come back."""
    kinds = {name: draw(st.sampled_from(sorted(VALUES))) for name in ATTRIBUTES}
    fates = {name: draw(st.sampled_from(FATES)) for name in ATTRIBUTES}
    through = draw(st.sampled_from(["getstate", "reduce", "setstate", "copyreg"]))
    was = {name: VALUES[kind][0] for name, kind in kinds.items()}
    saved = {
        name: {"kept": f"self.{name}", "copied": was[name], "changed": VALUES[kinds[name]][1]}[fate]
        for name, fate in fates.items()
        if fate != "lost"
    }
    state = "{" + ", ".join(f"{name!r}: {value}" for name, value in saved.items()) + "}"
    methods = {
        "getstate": f"    def __getstate__(self): return {state}",
        "reduce": f"    def __reduce__(self): return made, ({state},)",
        "setstate": f"    def __reduce__(self): return object.__new__, (Made,), {state}\n"
        "    def __setstate__(self, state): vars(self).update(state)",
        "copyreg": "    pass",
    }
    lines = [
        "import copyreg",
        "class Other:",
        "    def __init__(self, value): self.value = value",
        "class Made:",
        "    def __init__(self):",
        *(f"        self.{name} = {value}" for name, value in was.items()),
        methods[through],
        "def made(state, made_of=Made):",  # its globals are not there yet
        "    new = object.__new__(made_of)",
        "    vars(new).update(state)",
        "    return new",
    ]
    if through == "copyreg":
        lines.append(f"copyreg.pickle(Made, lambda self: (made, ({state},)))")
    lines.append("t = Made()")
    return "\n".join(lines), {name for name, fate in fates.items() if fate in {"lost", "changed"}}


@settings(max_examples=60, deadline=None)
@given(cells())
def test_exactly_what_is_lost_is_found(cell: tuple[str, set[str]]) -> None:
    """Attribute by attribute, whichever way the class says how it is saved."""
    source, expected = cell

    assert {words.split("`")[1] for words in findings(source)} == expected
