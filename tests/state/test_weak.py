"""Weak references, proxies and containers: they are saved with what they look at."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "weak containers": Kind(
        (
            "import weakref\n"
            "class W: pass\n"
            "a=W();b=W(); wv=weakref.WeakValueDictionary(x=a,y=b); wk=weakref.WeakKeyDictionary({a:1,b:[2]}); ws=weakref.WeakSet([a,b]); gone=W(); wv['z']=gone; del gone"
        ),
        "wk[a]=5; wv.pop('x')",
        (
            "wv['x'] is a, sorted(wv)",
            "wk[a],wk[b],len(wk)",
            "a in ws,len(ws)",
            "'z' in wv",
        ),
    ),
    "weak references that call": Kind(
        ("import weakref\nclass W: pass\na=W(); log=[]; r=weakref.ref(a,log.append)"),
        "del a",
        (
            "r() is a",
            "r.__callback__ is not None",
            "r.__callback__.__self__ is log",
        ),
    ),
    "weak references that are one": Kind(
        ("import weakref\nclass W: pass\na=W(); rs=[weakref.ref(a), weakref.ref(a)]; r=weakref.ref(a)"),
        "a.x=1",
        (
            "rs[0] is r",
            "rs[0]() is a",
        ),
    ),
    "weak references of a class of their own": Kind(
        (
            "import weakref\n"
            "class R(weakref.ref):\n"
            "  def __init__(s,o,cb=None): super().__init__(o,cb); s.tag='t'\n"
            "class W: pass\n"
            "a=W(); r=R(a)"
        ),
        "r.tag='u'",
        (
            "type(r) is R",
            "r.tag",
            "r() is a",
        ),
    ),
    "weak methods and proxies": Kind(
        (
            "import weakref\n"
            "class W:\n"
            "  v = 1\n"
            "  def m(self): return 7\n"
            "a = W(); wm = weakref.WeakMethod(a.m); px = weakref.proxy(a)\n"
            "dead = weakref.proxy(W())"
        ),
        "a.v = 3",
        (
            "wm()()",
            "px.v",
            "type(px)",
            "wm().__self__ is a",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS
