"""Classes of every sort come back as they were defined, and as they were changed since."""

from tests.state.kinds import Kind, KindContract

KINDS = {
    "enumerations whose members hold something": Kind(
        (
            "import enum\n"
            "class E(enum.Enum):\n"
            "  A=1\n"
            "  B=2\n"
            "  def f(self): return 1\n"
            "  @property\n"
            "  def p(self): return self.value\n"
            "  z = enum.nonmember(5) if hasattr(enum,'nonmember') else 5\n"
            "list1=[E.A]; E.A.own=[1]"
        ),
        "E.A.own.append(2)",
        (
            "E.A.own, list(E), E.B.p",
            "E.__members__",
            "vars(E.A).keys()",
            "E.z",
            "E.A is list1[0]",
        ),
    ),
    "enumerations of all sorts": Kind(
        (
            "import enum\n"
            "class E(enum.IntFlag):\n"
            "  R=1\n"
            "  W=2\n"
            "  RW=3\n"
            "  @classmethod\n"
            "  def _missing_(cls,v): return super()._missing_(v)\n"
            "F=enum.Enum('F','a b c')\n"
            "class S(enum.StrEnum if hasattr(enum,'StrEnum') else enum.Enum):\n"
            "  X=enum.auto()\n"
            "class O(enum.Enum):\n"
            "  _ignore_=['q']\n"
            "  q=1\n"
            "  def __new__(cls, v, label):\n"
            "    o=object.__new__(cls); o._value_=v; o.label=label; return o\n"
            "  P=(1,'p')\n"
            "  Q=(2,'q')\n"
            "comb=E.R|E.W|8"
        ),
        "F=None",
        (
            "E.R|E.W",
            "E(3), E(5)",
            "list(F), F.a.value",
            "S.X, list(S)",
            "O.P.label, O(2), O.P.value",
            "comb, comb.value, E.RW is E(3)",
        ),
    ),
    "enumerations of values without a hash": Kind(
        ("import enum\nclass E(enum.Enum):\n  A=[1]\n  B={'k':1}\nv=E.A"),
        "E.A.value.append(2)",
        (
            "E([1]) is E.A",
            "E.B.value",
            "v is E.A",
        ),
    ),
    "dataclasses with all they know about their fields": Kind(
        (
            "from dataclasses import *\n"
            "import typing\n"
            "@dataclass\n"
            "class A:\n"
            "  x:int\n"
            "  y:list=field(default_factory=list, repr=False, metadata={'m':[1]})\n"
            "  z:typing.ClassVar[int]=3\n"
            "  w:InitVar[int]=4\n"
            "  k:int=field(default=5,kw_only=True) if hasattr(__import__('dataclasses'),'KW_ONLY') else 5\n"
            "@dataclass(frozen=True,slots=True)\n"
            "class B:\n"
            "  a:int=1\n"
            "  b:list=field(default_factory=list)\n"
            "@dataclass(order=True,unsafe_hash=True)\n"
            "class C(A):\n"
            "  q:int=9\n"
            "a=A(1); b=B(); c=C(2)"
        ),
        "a.y.append(1)",
        (
            "a,b,c",
            "[f.name for f in fields(A)]",
            "fields(A)[1].metadata['m']",
            "asdict(c)",
            "replace(a,x=2,w=1)",
            "A.__match_args__",
            "is_dataclass(a)",
            "fields(A)[0].default is MISSING",
            "A.__dataclass_params__",
            "[f._field_type for f in A.__dataclass_fields__.values()]",
            "__import__('inspect').signature(A)",
        ),
    ),
    "slots": Kind(
        (
            "class S:\n"
            "  __slots__=('a','b','__dict__')\n"
            "class T(S):\n"
            "  __slots__={'c':'doc of c'}\n"
            "class U:\n"
            "  __slots__='x'\n"
            "class Wk:\n"
            "  __slots__=('__weakref__','q')\n"
            "s=T(); s.a=1; s.c=[2]; s.free=3; u=U(); u.x=1; k=Wk(); k.q=u"
        ),
        "s.c.append(1)",
        (
            "s.a,s.c,s.free,hasattr(s,'b')",
            "u.x",
            "k.q is u",
            "T.__slots__, U.__slots__",
            "__import__('inspect').getdoc(T.c)",
        ),
    ),
    "properties": Kind(
        (
            "p=property(lambda s:1, doc='d')\n"
            "class C:\n"
            "  x=p\n"
            "  @property\n"
            "  def y(self):\n"
            "    'docy'\n"
            "    return 2\n"
            "c=C()"
        ),
        "p=None",
        (
            "c.x, p.__doc__",
            "C.x is p",
            "c.y, C.y.__doc__",
            "C.y.fget.__name__",
        ),
    ),
    "cached properties": Kind(
        (
            "import functools\n"
            "calls=[]\n"
            "class C:\n"
            "  @functools.cached_property\n"
            "  def v(self):\n"
            "    calls.append(1); return [1]\n"
            "c=C(); h=c.v"
        ),
        "c.v.append(2)",
        (
            "c.v is h",
            "calls",
            "vars(c)",
            "C.v.attrname",
        ),
    ),
    "descriptors": Kind(
        (
            "class D:\n"
            "  def __set_name__(self,o,n): self.n=n; self.o=o\n"
            "  def __get__(self,i,o=None): return self.n\n"
            "class C:\n"
            "  d=D()\n"
            "  e=D()\n"
            "c=C()"
        ),
        "C.d.__class__; vars(C)['d'].n='zz'",
        (
            "c.d,c.e",
            "vars(C)['d'].o is C",
        ),
    ),
    "metaclasses": Kind(
        (
            "class M(type):\n"
            "  def __prepare__(n,b,**k): return {}\n"
            "  def __new__(m,n,b,d,**k):\n"
            "    d['made']=[n]; return super().__new__(m,n,b,d)\n"
            "  def __init__(c,n,b,d,**k): c.k=k\n"
            "  def __call__(c,*a): o=super().__call__(*a); o.called=True; return o\n"
            "  @property\n"
            "  def pp(cls): return cls.__name__\n"
            "class C(metaclass=M, kw=[1]): pass\n"
            "c=C()"
        ),
        "C.k['kw'].append(2)",
        (
            "C.made,C.k,c.called,C.pp",
            "type(C) is M",
        ),
    ),
    "protocols and typed dicts": Kind(
        (
            "import typing\n"
            "@typing.runtime_checkable\n"
            "class Pr(typing.Protocol):\n"
            "  a:int\n"
            "  def go(self): ...\n"
            "class Im:\n"
            "  a=1\n"
            "  def go(self): pass\n"
            "class TD(typing.TypedDict, total=False):\n"
            "  x:int\n"
            "  y:str\n"
            "im=Im(); td=TD(x=1)"
        ),
        "im.b=1",
        (
            "isinstance(im,Pr)",
            "TD.__total__, TD.__annotations__, sorted(TD.__optional_keys__)",
            "td",
            "isinstance(3,Pr)",
            "Pr._is_protocol",
            "type(TD)",
        ),
    ),
    "abstract classes": Kind(
        (
            "import abc, collections.abc\n"
            "class A(abc.ABC):\n"
            "  @property\n"
            "  @abc.abstractmethod\n"
            "  def p(self): ...\n"
            "class B(A): p=1\n"
            "class M(collections.abc.Mapping):\n"
            "  def __getitem__(s,k): return 1\n"
            "  def __len__(s): return 1\n"
            "  def __iter__(s): return iter('a')\n"
            "class V: pass\n"
            "A.register(V); A.register(int)\n"
            "m=M(); b=B()"
        ),
        "b.x=1",
        (
            "A.__abstractmethods__",
            "isinstance(V(),A),isinstance(3,A)",
            "dict(m)",
            "m.get('a')",
            "b.p",
        ),
    ),
    "patched classes and instances": Kind(
        (
            "class C:\n"
            "  def m(self): return 1\n"
            "c=C(); old=C.m\n"
            "def new(self): return 2\n"
            "C.m=new\n"
            "import types\n"
            "d=C(); d.m=types.MethodType(lambda s: 3,d); d.__class__=type('D',(C,),{})"
        ),
        "C.m=old",
        (
            "c.m(),old(c),d.m(),type(d).__name__",
            "C.m is new",
        ),
    ),
    "named tuples": Kind(
        (
            "import collections,typing\n"
            "Pt=collections.namedtuple('Pt','x y',defaults=[5],module='m'); p=Pt(1)\n"
            "class N(Pt):\n"
            "  def s(self): return self.x\n"
            "n=N(2); n.z=[1]\n"
            "class Tn(typing.NamedTuple):\n"
            "  a:int=1\n"
            "  def q(self): return self.a\n"
            "t=Tn()"
        ),
        "n.z.append(2)",
        (
            "p,n.s(),n.z,t.q(),Pt._field_defaults,Pt.__module__",
            "Tn.__annotations__",
            "Pt.x.__doc__",
            "type(n) is N, Tn.__orig_bases__",
        ),
    ),
    "classes in functions": Kind(
        (
            "def mk(v):\n"
            "  class L:\n"
            "    def g(self): return v\n"
            "    def s(self): return super().__repr__()[:3]\n"
            "  return L\n"
            "A=mk(1);B=mk([2]);a=A();b=B()"
        ),
        "b.g().append(3)",
        ("a.g(),b.g(),A is not B,a.s()",),
    ),
    "renamed classes": Kind(
        (
            "class C:\n"
            "  'doc'\n"
            "  def __eq__(s,o): return True\n"
            "c=C(); C.__doc__='new'; C.__qualname__='Zed'; C.__name__='N'; C.__module__='elsewhere'"
        ),
        "C.__doc__='z'",
        ("C.__hash__,C.__doc__,C.__qualname__,C.__name__,C.__module__",),
    ),
    "classes that register their subclasses": Kind(
        (
            "import typing\n"
            "@typing.final\n"
            "class F: pass\n"
            "class R:\n"
            "  subs=[]\n"
            "  def __init_subclass__(cls,**k): R.subs.append(cls)\n"
            "class S(R): pass\n"
            "s=S()"
        ),
        "R.subs.append(1)",
        (
            "R.subs[0] is S",
            "F.__final__ if hasattr(F,'__final__') else 1",
            "R.__subclasses__()[-1] is S",
        ),
    ),
    "instances that are proxies": Kind(
        ("class P:\n  __class__ = property(lambda s: int)\n  def __init__(s): s.x = 1"),
        "P.x = 2",
        ("P.__dict__['__class__'].fget(0)",),
    ),
    "orders": Kind(
        (
            "import functools\n"
            "@functools.total_ordering\n"
            "class C:\n"
            "  def __init__(s,v): s.v=v\n"
            "  def __eq__(s,o): return s.v==o.v\n"
            "  def __lt__(s,o): return s.v<o.v\n"
            "a=C(1); kf=functools.cmp_to_key(lambda a,b:b-a)\n"
            "ob=kf(3)"
        ),
        "a.v=2",
        (
            "a>=C(0)",
            "sorted([1,2],key=kf)",
            "ob.obj",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS
