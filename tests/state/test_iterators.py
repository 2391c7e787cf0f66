"""Iterators and generators, wherever they stand."""

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import Any

from runtrack_jupyter.state.kinds.iterators import by_referents
from tests.state.kinds import Kind, KindContract

KINDS = {
    "generators and coroutines before they begin": Kind(
        (
            "def g(n, *a, k=1, **kw):\n"
            "  yield n, a, k, kw\n"
            "def outer(z):\n"
            "  def inner(x):\n"
            "    yield x + z[0]\n"
            "  return inner\n"
            "z = [7]; x = g(3, 4, k=5, q=6); y = (i * 2 for i in z); w = outer(z)(1)\n"
            "async def co(v): return v\n"
            "async def ag(v): yield v\n"
            "c = co(z)"
        ),
        "z.append(1); c.close()",
        (
            "list(x), list(y), list(w)",
            "c.cr_frame.f_locals['v'] is z",
            "x.__name__, w.__qualname__",
            "c.close()",
        ),
    ),
    "generators that have ended": Kind(
        ("def g(n):\n  yield n\nx = g(1); list(x)\nasync def co(): pass\nc = co(); c.close()"),
        "x = None",
        (
            "list(x)",
            "x.gi_frame, c.cr_frame",
        ),
    ),
    "iterators": Kind(
        "l=[1,2,3]; a=iter(l); next(a); b=reversed(l); next(b); c=enumerate(l,5); next(c); d=zip(l,l); next(d); e=map(str,l); next(e); f=filter(None,l); next(f); g=iter(range(5)); next(g); h=iter('abc'); next(h); i=iter((1,2)); next(i); j=iter(b'ab'); next(j); k=iter({1:2,3:4}); next(k); m=iter({5,6}); n=iter(bytearray(b'xy')); o=iter(range(10**30)); next(o); p=reversed({1:2,3:4}); q=zip(a,c,strict=True)",
        "next(a)",
        (
            "list(q)",
            "list(b),list(d),list(e),list(f)",
            "list(g),list(h),list(i),list(j)",
            "list(k)",
            "sorted(m),list(n)",
            "next(o)",
            "list(p)",
        ),
    ),
    "iterators over dicts that grow": Kind(
        "d = {1: 2, 3: 4, 5: 6}; i = iter(d.items()); next(i); r = reversed(d.values()); e = iter(d); list(e)",
        "d[1] = 9",
        (
            "next(i), d.update({1: 7, 3: 8}), next(i)",
            "list(r)",
            "list(e)",
        ),
    ),
    "iterators over sequences and calls": Kind(
        (
            "class Q:\n"
            "  def __getitem__(s,i):\n"
            "    if i>3: raise IndexError\n"
            "    return i\n"
            "q=iter(Q()); next(q); n=[3,2,1]; c=iter(n.pop,3); next(c)"
        ),
        "next(q)",
        (
            "list(q)",
            "list(c),n",
        ),
    ),
    "iterators of itertools": Kind(
        (
            "import itertools as t\n"
            "n=[1,2,3]; a=t.count(3,2); next(a); b=t.cycle(n); next(b); c=t.repeat(5,3); next(c); d=t.accumulate(n); next(d); e=t.chain(n,[4]); next(e); f=t.compress(n,[1,0,1]); next(f); g=t.dropwhile(lambda x:x<2,n); next(g); h=t.takewhile(lambda x:x<3,n); next(h); i=t.islice(n,1,None); next(i); j=t.starmap(pow,[(2,3),(1,1)]); next(j); k=t.zip_longest(n,[1],fillvalue=0); next(k); l=t.product(n,repeat=2); next(l); m=t.permutations(n,2); next(m); o=t.combinations(n,2); next(o); p=t.combinations_with_replacement(n,2); next(p); q=t.filterfalse(None,[0,1,0]); next(q); r=t.chain.from_iterable([[1],[2]]); next(r); s=t.pairwise(n); next(s)"
        ),
        "next(a)",
        (
            "next(a),[next(b) for _ in range(7)],list(c)",
            "list(d),list(e),list(f),list(g)",
            "list(h),list(i),list(j),list(k)",
            "list(l),list(m),list(o),list(p)",
            "list(q),list(r)",
            "list(s)",
        ),
    ),
    "tee": Kind(
        ("import itertools as t\na,b=t.tee(iter([1,2,3])); next(a)"),
        "next(b)",
        ("list(a),list(b)",),
    ),
    "groupby": Kind(
        ("import itertools as t\ng=t.groupby('aabb'); k,s=next(g); next(s)"),
        "next(s)",
        (
            "list(s)",
            "[(k,list(v)) for k,v in g]",
        ),
    ),
    "counters": Kind(
        (
            "import itertools as t\n"
            "a = t.count(0.5, 0.25); next(a); b = t.count(); next(b); c = t.repeat([1]); d = t.count(10**30, 3)"
        ),
        "next(a)",
        ("next(a), next(b), next(c), next(d)",),
    ),
    "iterators over deques": Kind(
        ("from collections import deque\nd = deque([1, 2, 3]); i = iter(d); next(i); r = reversed(d)"),
        "d[0] = 5",
        ("list(i), list(r)",),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS


def test_what_itertools_holds_is_seen_without_its_help() -> None:
    """Python 3.14 took the pickling out of itertools; the collector still sees what most of them hold."""
    function = operator.mul
    cases: list[Callable[[], Iterator[Any]]] = [
        lambda: itertools.count(3, 2),
        lambda: itertools.count(),
        lambda: itertools.repeat([1], 3),
        lambda: itertools.chain([1], [2, 3]),
        lambda: itertools.chain(),
        lambda: itertools.compress([1, 2, 3], [1, 0, 1]),
        lambda: itertools.filterfalse(None, [0, 1, 0]),
        lambda: itertools.starmap(pow, [(2, 3), (1, 1), (3, 2)]),
        lambda: itertools.accumulate([1, 2, 3]),
        lambda: itertools.accumulate([1, 2, 3], function),
        lambda: itertools.accumulate([1, 2, 3], initial=7),
        lambda: itertools.accumulate([2, 3, 4], function, initial=7),
        lambda: itertools.pairwise([1, 2, 3, 4]),
        lambda: itertools.cycle([1, 2, 3]),
        lambda: itertools.zip_longest([1, 2, 3], "abc"),
    ]
    for make in cases:
        for steps in range(3):
            iterator, expected = make(), make()
            for _ in range(steps):
                next(iterator, None), next(expected, None)
            build, made_of = by_referents(iterator)
            found = build(*made_of)
            assert list(itertools.islice(found, 9)) == list(itertools.islice(expected, 9)), (make(), steps)
