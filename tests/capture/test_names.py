"""What a cell can touch is read from its code, and what cannot be read is said."""

import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from runtrack_jupyter import capture
from runtrack_jupyter.capture.names import names_in_code, names_of, opaque_among
from runtrack_jupyter.model import Names


def names(cell: str) -> Names:
    return names_of(TransformerManager().transform_cell(cell))


@pytest.mark.parametrize(
    ("cell", "read", "written", "deleted"),
    [
        ("x = f(y)", {"f", "y"}, {"x"}, set()),
        ("import numpy as np\nfrom a.b import c as d", set(), {"np", "d"}, set()),
        ("del x", set(), set(), {"x"}),
        ("x += 1", {"x"}, {"x"}, set()),
        ("df['a'] = df.b.fillna(0)", {"df"}, set(), set()),
        ("def f():\n    global total\n    total = base\n    local = 1", {"base"}, {"f", "total"}, set()),
        ("[a for a in rows if keep(a)]", {"rows", "keep"}, set(), set()),
        ("g = lambda v: v * scale", {"scale"}, {"g"}, set()),
        (
            "r = await fetch(url)\nasync with pool as p:\n    p.go()",
            {"fetch", "url", "pool", "p"},
            {"r", "p"},
            set(),
        ),
        ("for i in rows:\n    last = i", {"rows", "i"}, {"i", "last"}, set()),
        ("if (n := size) > 3: print(n)", {"size", "n", "print"}, {"n"}, set()),
    ],
)
def test_a_cell_touches_the_names_its_code_says(
    cell: str, read: set[str], written: set[str], deleted: set[str]
) -> None:
    found = names(cell)

    assert set(found.read) == read
    assert set(found.written) == written
    assert set(found.deleted) == deleted
    assert found.opaque == ""


def test_a_class_body_stores_attributes_and_not_globals() -> None:
    """`k` of a class is no variable of the notebook, but what its methods and `global` touch is."""
    found = names(
        "class A(B):\n    global seen\n    seen = 1\n    k = start\n    def m(self):\n        return outer"
    )

    assert {"B", "start", "outer"} <= set(found.read)
    assert set(found.written) == {"A", "seen"}


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("eval('x')", "eval"),
        ("exec(code)", "exec"),
        ("globals()['x'] = 1", "globals"),
        ("def f():\n    return vars()", "vars"),
        ("import __main__", "import __main__"),
        ("import sys\nsys.modules['__main__'].x = 1", "__main__"),
        ("__import__('__main__')", "__main__"),
        ("from os import *", "import *"),
        ("%run other.py", "%run"),
        ("%load_ext something", "%load_ext"),
        ("%%bash --out listing\nls", "%%bash"),
        ("%%time\n%run x.py", "%%time"),
        ("%prun -r f(x)", "%prun"),
        ("%timeit -v kept f(x)", "%timeit"),
        ("get_ipython().user_ns['x'] = 1", "user_ns"),
        ("ip = get_ipython()\nip.push({'x': 1})", "get_ipython"),
        ("get_ipython().run_line_magic(which, '')", "get_ipython"),
        ("import sys\nsys._getframe().f_globals['x'] = 1", "f_globals"),
        ("breakpoint()", "breakpoint"),
        ("x = (", "syntax"),
        ("x = '\0'", "syntax"),
    ],
)
def test_code_that_cannot_be_known_says_why(cell: str, why: str) -> None:
    assert names(cell).opaque == why


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "!pip list",
        "files = !ls",
        "%%bash\nls",
        "%%writefile a.txt\nx",
        "%cd ..",
        '%checkpoint "good"',
        "model.eval()",
        "if __name__ == '__main__':\n    main()",
        "df.query('a > 1')",
    ],
)
def test_what_leaves_the_namespace_alone_is_not_suspect(cell: str) -> None:
    """A false alarm costs the user a look at every variable."""
    assert names(cell).opaque == ""


@pytest.mark.parametrize(
    ("cell", "read", "written"),
    [
        ("%time r = f(x)", {"f", "x"}, {"r"}),
        ("%%time\nr = f(x)", {"f", "x"}, {"r"}),
        ("%timeit -n 10 -r3 f(x)", {"f", "x"}, set()),
        ("%timeit -qo -n10 -f(x)", {"f", "x"}, set()),
        ("%%timeit -n 3 y = g()\nf(y)", {"f", "g", "y"}, {"y"}),
        ("%prun f(x)", {"f", "x"}, set()),
        ("%%capture out\nr = f(x)", {"f", "x"}, {"r", "out"}),
        ("!ls {folder} $name", {"folder", "name"}, set()),
    ],
)
def test_the_python_inside_a_magic_is_read(cell: str, read: set[str], written: set[str]) -> None:
    found = names(cell)

    assert (set(found.read), set(found.written), found.opaque) == (read, written, "")


def test_operands_beyond_a_byte_are_read() -> None:
    """Code with more than 256 names prefixes its instructions."""
    found = names("\n".join(f"a{i} = b{i}" for i in range(700)))

    assert set(found.read) == {f"b{i}" for i in range(700)}
    assert set(found.written) == {f"a{i}" for i in range(700)}


def test_the_names_in_a_function_include_its_nested_code() -> None:
    code = compile(
        "def outer():\n    def inner():\n        return nested\n    return [inner for _ in listed]\n",
        "",
        "exec",
    )
    scope: dict[str, Any] = {}
    exec(code, scope)

    assert names_in_code(scope["outer"].__code__) == {"nested", "listed"}


@pytest.mark.parametrize(
    ("body", "opaque"),
    [
        ("exec(text)", "exec"),
        ("import __main__; __main__.x = 1", "exec"),
        ("get_ipython().run_line_magic('run', 'a.py')", "exec"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", ""),
        ("print(len(text))", ""),
    ],
)
def test_a_function_that_cannot_be_known_is_told_from_its_names(body: str, opaque: str) -> None:
    """A later cell that only calls it must make everything suspect."""
    scope: dict[str, Any] = {}
    exec(f"def f(text):\n    {body}\n", scope)

    assert opaque_among(names_in_code(scope["f"].__code__)) == opaque


def test_reading_a_cell_leaves_the_user_s_warnings_as_they_were() -> None:
    """Changing filters by the functions of `warnings` makes shown warnings show again: cells would print more."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        before, version = list(warnings.filters), getattr(warnings, "_filters_version", 0)
        names("x = '\\d'\nassert (x, 'always')")
        after = list(warnings.filters), getattr(warnings, "_filters_version", 0)

    assert seen == []
    assert after == (before, version)


def test_nothing_heavy_is_imported_by_what_the_kernel_loads() -> None:
    """The kernel may start at most 150 ms later."""
    modules = [path.stem for path in Path(capture.__path__[0]).glob("[a-z]*.py")]
    code = f"""
import sys
for name in {modules!r}: __import__("runtrack_jupyter.capture." + name)
print(sorted(set(sys.modules) & {{"git", "nbformat", "numpy", "pandas", "rich", "click", "tornado", "IPython"}}))
"""
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": root}
    )

    assert done.stdout.strip() == "[]"
