"""Python's own kinds of objects: unchanged they are unchanged, and they come back as they were."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "scalars": Kind(
        "a, b, c, d, e, f = 1, 2.5, 'é', b'x', None, 1j\nbig = 10**40\nlong = 'x' * 10000",
        "a = True; c = long = None; del e",
        ("a, b, c, d, e, f, big, len(long)", "type(a)"),
    ),
    "ordered dict and friends": Kind(
        "from collections import *\nd = defaultdict(lambda: [0]); d['a'].append(1); o = OrderedDict(b=1, a=2)\n"
        "q = deque([1, 2], maxlen=3); cm = ChainMap({'a': d}, {'b': 1}); n = Counter('hello')",
        "d['z']; o.move_to_end('b'); q.append(4); cm['a'] = 1; n['h'] = 9",
        ("dict(d)", "d['new']", "list(o.items())", "q", "q.maxlen", "cm['a'] is d", "cm.maps[1]", "n"),
    ),
    "sets": Kind(
        "s = {1, 'a', (2, 3)}\nfs = frozenset([s and 1, 'x'])\nalias = s",
        "s.add(9)",
        ("sorted(map(repr, s))", "sorted(map(repr, fs))", "alias is s"),
    ),
    "bytearray": Kind("b = bytearray(b'abc')\nc = [b]", "b[0] = 1", ("b", "c[0] is b")),
    "function": Kind(
        "import math\nk = 3\ndef f(x, y=[1], *, z={'a': 1}) -> int:\n  'doc'\n  return x + k + len(y) + math.floor(1.5)\n"
        "f.extra = [1]\nalias = f",
        "f.extra.append(2); f.__defaults__[0].append(2); k = 100",
        (
            "f(1)",
            "f.extra, f.__doc__, f.__defaults__, f.__kwdefaults__, f.__annotations__, f.__qualname__",
            "f is alias",
            "f.__globals__ is globals()",
            "f.__module__",
        ),
    ),
    "recursive functions": Kind(
        "def outer():\n  def fact(n): return 1 if n < 2 else n * fact(n - 1)\n  return fact\nfact = outer()\n"
        "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n > 0 and even(n - 1)",
        "fact = even = odd = None",
        ("fact(5)", "even(10), odd(10)", "fact.__closure__[0].cell_contents is fact"),
    ),
    "closures that share a cell": Kind(
        "def make():\n  n = 0\n  def up():\n    nonlocal n\n    n += 1\n    return n\n  def get(): return n\n  return up, get\n"
        "up, get = make(); up()",
        "up(); up()",
        ("get()", "up.__closure__[0] is get.__closure__[0]", "(up(), get())[1]"),
    ),
    "an empty cell": Kind(
        "def make():\n  def f(): return late\n  if 0: late = 1\n  return f\nf = make()",
        "f = None",
        ("len(f.__closure__)", "f.__name__"),
    ),
    "generator functions and coroutines functions": Kind(
        "def g(n):\n  yield from range(n)\nasync def c(): return 7\nasync def ag():\n  yield 1",
        "g = c = ag = None",
        ("list(g(3))", "__import__('asyncio').run(c())", "__import__('inspect').isasyncgenfunction(ag)"),
    ),
    "decorated": Kind(
        "import functools\ncalls = []\ndef deco(f):\n  @functools.wraps(f)\n  def w(*a):\n    calls.append(a)\n    return f(*a)\n  return w\n"
        "@deco\ndef h(x): return x * 2\n@functools.lru_cache\ndef cached(x): return x + 1\n"
        "part = functools.partial(h, 4)\n",
        "h(1); part = None",
        ("h(3)", "calls", "h.__wrapped__(1)", "part()", "h.__name__"),
    ),
    "methods": Kind(
        "class K:\n  def __init__(self): self.v = 1\n  def m(self): return self.v\n"
        "  @staticmethod\n  def s(): return 5\n  @classmethod\n  def c(cls): return cls.__name__\n"
        "  @property\n  def p(self): return self.v + 1\n  @p.setter\n  def p(self, v): self.v = v\n"
        "k = K(); m = k.m; lam = lambda: k\nbound = [].append",
        "k.p = 50",
        ("m()", "m.__self__ is k", "k.s(), k.c(), k.p", "lam() is k", "m.__func__ is K.m", "K.s()"),
    ),
    "class with everything": Kind(
        "class Base:\n  made = []\n  def __init_subclass__(cls, tag=None): Base.made.append((cls.__name__, tag))\n"
        "class Sub(Base, tag='x'):\n  __slots__ = ('a', '__hidden')\n  'doc'\n  def __init__(self): super().__init__(); self.a = 1; self.__hidden = 2\n"
        "  def who(self): return __class__, self.__hidden\ns = Sub()",
        "s.a = 2; Base.made.append('later')",
        (
            "Base.made",
            "s.a, s.who()[0] is Sub, s.who()[1]",
            "type(s) is Sub and isinstance(s, Base)",
            "Sub.__mro__ == (Sub, Base, object)",
            "Sub.__slots__",
            "hasattr(Sub.__new__(Sub), 'a')",
            "Sub.__qualname__, Sub.__module__",
        ),
    ),
    "dataclasses": Kind(
        "from dataclasses import dataclass, field, replace\n@dataclass(order=True)\nclass P:\n  x: int\n  y: list = field(default_factory=list)\n"
        "@dataclass(frozen=True, slots=True)\nclass Q:\n  a: int = 1\np = P(1); q = Q(2)",
        "p.y.append(1); q = Q(3)",
        (
            "p, q",
            "P(1) < P(2)",
            "replace(q, a=9)",
            "P(1).y",
            "isinstance(p, P)",
            "P.__dataclass_fields__.keys()",
        ),
    ),
    "enums": Kind(
        "import enum\nclass Color(enum.Enum):\n  RED = 1\n  CRIMSON = 1\n  BLUE = 'b'\n  def shout(self): return self.name + '!'\n"
        "class Perm(enum.Flag):\n  R = enum.auto()\n  W = enum.auto()\n"
        "class Planet(enum.Enum):\n  EARTH = (5.9, 6.3)\n  def __init__(self, m, r): self.m = m; self.r = r\n"
        "class L(str, enum.Enum):\n  A = 'a'\nc = Color.RED; held = [Color.BLUE, Perm.R | Perm.W]",
        "c = Color.BLUE; held.append(1)",
        (
            "c is Color.RED",
            "Color.CRIMSON is Color.RED",
            "held[0] is Color.BLUE",
            "Color('b').shout()",
            "held[1] == (Perm.R | Perm.W)",
            "Planet.EARTH.m, Planet.EARTH.value",
            "L.A == 'a' and L('a') is L.A",
            "list(Color), list(Color.__members__)",
        ),
    ),
    "named tuples": Kind(
        "import collections, typing\nPt = collections.namedtuple('Pt', 'x y', defaults=[5])\n"
        "class Tn(typing.NamedTuple):\n  a: int\n  b: str = 'q'\np = Pt(1); t = Tn(2); inner = Pt([], 0)",
        "p = t = None; inner.x.append(3)",
        ("p", "t", "p._replace(x=3)", "isinstance(p, Pt)", "Tn(1)", "inner.x", "Tn._field_defaults"),
    ),
    "ABCs, metaclasses, generics, protocols": Kind(
        "import abc, typing\nclass A(abc.ABC):\n  @abc.abstractmethod\n  def f(self): ...\nclass B(A):\n  def f(self): return 1\n"
        "class V: pass\nA.register(V)\n"
        "class Meta(type):\n  registry = {}\n  def __new__(m, n, b, d):\n    c = super().__new__(m, n, b, d); m.registry[n] = c; return c\n  def hello(cls): return cls.__name__\n"
        "class M(metaclass=Meta): pass\nT = typing.TypeVar('T')\nclass G(typing.Generic[T]):\n  def __init__(self, v: T): self.v = v\n"
        "g = G[int](3); b = B()\nclass Pr(typing.Protocol):\n  def go(self): ...",
        "b = None; g.v = 4; Meta.registry['x'] = 1",
        (
            "b.f()",
            "isinstance(b, A), issubclass(V, A)",
            "A.__abstractmethods__",
            "M.hello(), Meta.registry == {'M': M}",
            "g.v, G[int], isinstance(g, G)",
            "G.__parameters__ == (T,)",
        ),
    ),
    "classes that refer to each other": Kind(
        "class A:\n  def make(self): return B()\nclass B:\n  home = A\n  peer = None\nA.peer = B; B.peer = B\nx = A(); y = B()",
        "B.home = None",
        ("type(x.make()) is B", "B.home is A", "A.peer is B", "B.peer is B", "isinstance(y, A.peer)"),
    ),
    "nested and local classes": Kind(
        "class Outer:\n  class In:\n    def __init__(self): self.v = [1]\ndef make():\n  class Local:\n    n = 1\n  return Local\n"
        "L = make(); o = Outer.In(); l = L()",
        "o.v.append(2); L.n = 7",
        ("o.v", "type(o) is Outer.In", "Outer.In.__qualname__", "L.n, l.n, type(l) is L"),
    ),
    "changed class attributes": Kind(
        "class C:\n  n = 1\nc = C(); C.added = lambda self: self.n + 1\nc.patched = lambda: 9",
        "C.n = 5; del C.added",
        ("c.n, c.added(), c.patched()",),
    ),
    "instances with hooks": Kind(
        "class H:\n  def __init__(self): self.a = [1]; self.skip = 2\n  def __getstate__(self): return {'a': self.a}\n  def __setstate__(self, s): self.a = s['a']; self.skip = 'again'\n"
        "class R:\n  def __init__(self, v): self.v = v\n  def __reduce__(self): return (R, (self.v,))\nh = H(); r = R([1]); v = r.v",
        "h.a.append(1); r.v.append(2)",
        ("h.a", "r.v, r.v is v"),
    ),
    "subclasses of builtins": Kind(
        "class D(dict): pass\nclass L(list): pass\nclass S(str): pass\nclass E(Exception): pass\n"
        "d = D(a=1); d.x = d; l = L([d]); l.tag = 't'; s = S('q'); s.y = [1]; e = E('m', 2); e.z = 3",
        "d['b'] = 2; l.tag = None; s.y.append(3)",
        ("d['a'], d.x is d, len(d)", "l[0] is d, l.tag", "s, s.y", "e.args, e.z, type(e) is E"),
    ),
    "weak references": Kind(
        "import weakref\nclass W: pass\nw = W(); r = weakref.ref(w); dead = weakref.ref(W())",
        "w.x = 1",
        ("r() is w", "dead() is None", "hasattr(w, 'x')"),
    ),
    "standard values": Kind(
        "import datetime, decimal, fractions, uuid, pathlib, re, array, zoneinfo, types, random\n"
        "dt = datetime.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo('UTC')); de = decimal.Decimal('1.10'); fr = fractions.Fraction(1, 3)\n"
        "p = pathlib.Path('a/b'); rx = re.compile('a+', re.I); ar = array.array('d', [1, 2]); ns = types.SimpleNamespace(a=1)\n"
        "rng = random.Random(4); mv = types.MappingProxyType({'a': 1}); sl = slice(1, 2); ra = range(3); kv = {'k': 1}.keys()\n"
        "pr = print; mo = datetime; el = ...; ni = NotImplemented; tn = type(None); ga = list[int]; un = int | str",
        "ar.append(3); ns.a = 2; rng.random(); p = None",
        (
            "dt, de, fr, p, ar, ns, dict(mv), sl, ra, list(kv)",
            "rx.pattern, rx.flags",
            "rng.random()",
            "pr is print, mo is datetime, el is ..., ni is NotImplemented, tn is type(None)",
            "ga, un",
        ),
    ),
    "half consumed iterators": Kind(
        "i = iter([1, 2, 3]); next(i); src = [5, 6]; j = iter(src); e = enumerate('ab'); next(e); import itertools\n"
        "z = zip([1, 2], [3, 4]); next(z); r = reversed([1, 2, 3]); next(r); m = map(str, [1, 2]); next(m)",
        "next(i); src.append(7)",
        ("list(i)", "list(j)", "list(e), list(z), list(r), list(m)"),
    ),
    "modules": Kind(
        "import os, collections.abc as cabc, types\nhand = types.ModuleType('hand'); hand.v = [1]; holds = [os]",
        "os = None; hand.v.append(2)",
        ("os.sep", "cabc.__name__", "hand.v", "holds[0] is __import__('os')"),
    ),
    "by-value functions with globals of their own": Kind(
        "space = {'k': 5}\nexec('def f(): return k', space)\nf = space['f']",
        "space['k'] = 6",
        ("f()", "f.__globals__ is space"),
    ),
    "type variables of functions": Kind(
        "def outer(a: 'int', b: list[int] = None) -> str: pass\nann = outer.__annotations__",
        "ann['c'] = 1",
        ("outer.__annotations__ is ann, ann",),
    ),
    "loggers": Kind(
        "import logging\nlog = logging.getLogger('x.y')", "log = None", ("log is logging.getLogger('x.y')",)
    ),
}


class TestKinds(KindContract):
    kinds = KINDS
