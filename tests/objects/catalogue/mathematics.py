"""Symbols and graphs."""

import re

from tests.objects.entry import Entry, Shelf

__all__ = ["SHELVES"]

SHELVES = (
    Shelf(
        "networkx",
        "networkx",
        entries=(
            Entry(
                "a graph",
                "import networkx as nx\ng = nx.path_graph(4); g.add_edge(0, 3, w=[1]); e = g.edges[0, 3]; v = g.subgraph([0, 3]); d = g.degree",
                (
                    "list(g.edges(data=True)), g.edges[0, 3] is e, list(v.edges), dict(d)",
                    "(g.add_edge(1, 3), dict(d), list(nx.shortest_path(g, 0, 2)))",
                ),
                "g.add_edge(7, 8); e['w'].append(2)",
            ),
            Entry(
                "a view of a graph",
                "import networkx as nx\ng = nx.path_graph(4); v = g.edges; f = nx.freeze(nx.path_graph(2)); r = g.to_directed(as_view=True)",
                ("list(v), (g.add_edge(1, 3), list(v), list(r.edges))[1:]", "nx.is_frozen(f)"),
                "g.add_node(9)",
            ),
        ),
        modules=("networkx", "networkx.classes"),
        prelude="import networkx as nx\ng = nx.path_graph(4)",
        arguments={"": "g", "G": "g", "graph": "g", "viewer": "g.edges"},
        ignored=re.compile(r"\.(adj|nodes|edges|degree|succ|pred)\b"),  # made at first use
    ),
    Shelf(
        "sympy",
        "sympy",
        entries=(
            Entry(
                "expressions",
                "import sympy as sp\nx, y = sp.symbols('x y', positive=True); e = sp.integrate(sp.sin(x) * x, x) + y; m = sp.Matrix([[x, 1], [2, y]]); d = sp.Dummy('d')",
                ("e, e.diff(x), m.det(), e.free_symbols == {x, y}, x.is_positive, d == d + 0",),
                "m[0, 0] = 5",
            ),
            Entry(
                "functions",
                "import sympy as sp\nf = sp.Function('f'); x = sp.Symbol('x'); q = sp.Eq(f(x).diff(x), f(x)); l = sp.lambdify(x, x**2)",
                ("q, sp.dsolve(q), l(3)",),
                "f = None",
            ),
        ),
        modules=(
            "sympy",
            "sympy.stats",
            "sympy.geometry",
            "sympy.vector",
            "sympy.combinatorics",
            "sympy.physics.units",
            "sympy.tensor",
        ),
        prelude="import sympy as sp\nx, y = sp.symbols('x y')",
        arguments={"": "x", "n": "3", "symbol": "x"},
        ignored=re.compile(r"\._mhash$|dummy_index$|\._hash$|__hash$"),
    ),
)
