"""What the language offers: classes, functions, iterators and exceptions of every sort come back as they were."""

import pytest

from tests.state.kinds import Kind, comes_back, is_seen_to_change, stays_unchanged

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
    "type variables": Kind(
        (
            "import typing\n"
            "T=typing.TypeVar('T',bound=int); U=typing.TypeVar('U',int,str); P=typing.ParamSpec('P'); N=typing.NewType('N',int); Ts=getattr(typing,'TypeVarTuple',lambda n:n)('Ts')\n"
            "class G(typing.Generic[T]): pass\n"
            "class PG(typing.Generic[P]): pass\n"
            "x=G[int]; y=typing.Optional[G[T]]; l=typing.List[int]; cb=typing.Callable[[int],str]; an=typing.Annotated[int,'m']; lit=typing.Literal['a',1]; un=typing.Union[int,str]; n=N(4); fr=typing.ForwardRef('X')\n"
            "ds=[T,P,N]"
        ),
        "N=None",
        (
            "x,y,l,cb,an,lit,un,n",
            "T.__bound__, U.__constraints__, P.__name__",
            "ds[0] is T, ds[1] is P, ds[2] is N",
            "N.__supertype__, N.__module__",
            "G.__parameters__[0] is T",
            "x.__origin__ is G",
            "fr",
            "Ts",
            "PG.__parameters__[0] is P",
            "y.__args__[0].__args__[0] is T",
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
            "TD.__total__, TD.__annotations__, TD.__optional_keys__",
            "td",
            "isinstance(3,Pr)",
            "Pr._is_protocol",
            "type(TD)",
        ),
    ),
    "generic aliases": Kind(
        (
            "import typing\n"
            "a=typing.Any; b=typing.ClassVar[int]; c=typing.Final; d=typing.Type[int]; e=typing.Tuple[int,...]; f=typing.get_type_hints; g=typing.Dict[str,typing.List[int]]; h=typing.IO[str]; i=typing.NoReturn; j=getattr(typing,'Self',None); k=typing.Concatenate[int, typing.ParamSpec('Q')]"
        ),
        "a=None",
        ("a,b,c,d,e,g,h,i,j",),
    ),
    "aliases of classes of the notebook": Kind(
        (
            "import typing, collections.abc as ca\n"
            "T=typing.TypeVar('T')\n"
            "class L(list[T] if 0 else typing.List[T]): pass\n"
            "x=L[int]([1]); y=ca.Callable[[int],str]; z=ca.Sequence[int]; w=dict[str,T]"
        ),
        "x.append(2)",
        (
            "x,y,z,w",
            "x.__orig_class__ if hasattr(x,'__orig_class__') else 0",
            "w[int]",
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
    "partial functions and methods": Kind(
        (
            "import functools\n"
            "def f(*a,**k): return a,k\n"
            "p=functools.partial(f,1,[2],k=3); p.note='n'; q=functools.partial(p,4)\n"
            "class C:\n"
            "  pm=functools.partialmethod(f,5)\n"
            "  sd=functools.singledispatchmethod(lambda s,x:'o')\n"
            "  @sd.register\n"
            "  def _(self,x:int): return 'i'\n"
            "c=C()"
        ),
        "p.args[1].append(9)",
        (
            "p(0)",
            "p.note",
            "q(1)",
            "c.pm(1)[0][1:]",
            "p.keywords, q.func is f",
            "c.sd(1),c.sd('')",
        ),
    ),
    "cached functions": Kind(
        (
            "import functools\n"
            "n=[]\n"
            "@functools.lru_cache(maxsize=2)\n"
            "def f(x): n.append(x); return x\n"
            "f(1)\n"
            "@functools.cache\n"
            "def g(x): return x\n"
            "class C:\n"
            "  @functools.lru_cache\n"
            "  def m(self): return 1\n"
            "c=C()"
        ),
        "n.append(5)",
        (
            "f.cache_parameters()",
            "f(3), f.__name__, f.__wrapped__.__name__",
            "c.m()",
        ),
    ),
    "functions that dispatch": Kind(
        (
            "import functools\n"
            "@functools.singledispatch\n"
            "def f(x): return 'o'\n"
            "@f.register\n"
            "def _(x:int): return 'i'\n"
            "@f.register(list)\n"
            "def g(x): return 'l'\n"
            "class Q: pass\n"
            "@f.register(Q)\n"
            "def h(x): return 'q'\n"
            "f(1)"
        ),
        "f.register(str,lambda x:'s')",
        (
            "f(1),f([]),f(''),f(Q())",
            "f.registry.keys()",
            "f.dispatch(int)(1)",
            "f.__wrapped__(1)",
        ),
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
    "containers": Kind(
        (
            "from collections import *\n"
            "dd=defaultdict(lambda:[0]); dd['a'].append(1); dd2=defaultdict(dd.__getitem__); q=deque([1,[2]],maxlen=3); cm=ChainMap({'a':1},dd); od=OrderedDict(b=1,a=2); od.tag='t'; c=Counter('hello'); c.note=1; ud=UserDict(a=[1]); ul=UserList([1]); us=UserString('x'); ud.t=1"
        ),
        "q[1].append(3)",
        (
            "dict(dd),dd['q']",
            "dd2.default_factory.__self__ is dd",
            "q,q.maxlen",
            "cm.maps[1] is dd",
            "list(od.items()),od.tag",
            "c,c.note",
            "ud,ud.t,ul,us",
        ),
    ),
    "views of mappings": Kind(
        "d={'a':[1]}; k=d.keys(); v=d.values(); i=d.items(); import types; mp=types.MappingProxyType(d); from collections import OrderedDict; od=OrderedDict(z=1); ok=od.keys()",
        "d['b']=2",
        (
            "(d.__setitem__('n',1), list(k), list(v), list(i), dict(mp))[1:]",
            "list(ok), (od.__setitem__('y',1), list(ok))[1]",
            "mp.copy() == d",
            "type(k),type(ok)",
        ),
    ),
    "a dict that is its own attributes": Kind(
        (
            "class A(dict):\n"
            "  def __init__(s,*a,**k): super().__init__(*a,**k); s.__dict__=s\n"
            "a=A(x=1,y=[2])\n"
            "class B(dict):\n"
            "  __getattr__=dict.__getitem__\n"
            "  __setattr__=dict.__setitem__\n"
            "b=B(q=1)"
        ),
        "a.z=3; b.w=1",
        (
            "a.x",
            "a.__dict__ is a",
            "(setattr(a,'n',5),a['n'])[1]",
            "b.q,dict(b)",
        ),
    ),
    "subclasses of containers with hooks": Kind(
        (
            "class D(dict):\n"
            "  def __init__(s,log): s.log=log\n"
            "  def __setitem__(s,k,v): s.log.append(k); super().__setitem__(k,v*2)\n"
            "log=[]; d=D(log); d['a']=1\n"
            "class L(list):\n"
            "  def append(s,x): super().append(x+1)\n"
            "  def extend(s,x): raise ValueError\n"
            "l=L(); l.append(1); l.n='t'\n"
            "class S(set):\n"
            "  def __init__(s,name): s.name=name\n"
            "t=S('nm'); t.add(3)\n"
            "class T(tuple):\n"
            "  def __new__(c,a,b): return super().__new__(c,(a,b))\n"
            "u=T(1,2)\n"
            "class I(int):\n"
            "  def __new__(c,a,b): return super().__new__(c,a+b)\n"
            "i=I(1,2); i.z=4\n"
            "class St(str):\n"
            "  def __new__(c,*,v): return super().__new__(c,v)\n"
            "st=St(v='k')\n"
            "from collections import *\n"
            "class DD(defaultdict):\n"
            "  def __init__(s): super().__init__(list)\n"
            "dd=DD(); dd['a'].append(1); dd.note=1\n"
            "class Q(deque):\n"
            "  def __init__(s,n): super().__init__(maxlen=n)\n"
            "q=Q(3); q.extend('abcd'); q.t=1\n"
            "class O(OrderedDict):\n"
            "  def __init__(s,need): super().__init__(); s.need=need\n"
            "o=O(1); o['k']=2\n"
            "class C(Counter):\n"
            "  pass\n"
            "c=C('aab'); c.tag=1"
        ),
        "d['b']=1; l.append(4); t.name='x'; dd['q']; q.append(1); o['z']=1; c['z']=1",
        (
            "d,log",
            "l,l.n",
            "t,t.name",
            "u,type(u)",
            "i,i.z",
            "st,type(st)",
            "dd,dd.note,dd['new']",
            "q,q.maxlen,q.t",
            "o,o.need",
            "c,c.tag",
        ),
    ),
    "subclasses of values with constructors": Kind(
        (
            "class F(frozenset):\n"
            "  def __new__(c,n): return super().__new__(c,range(n))\n"
            "f=F(3); f.t=1\n"
            "class B(bytes):\n"
            "  def __new__(c,n): return super().__new__(c,n)\n"
            "b=B(b'x')\n"
            "class BA(bytearray):\n"
            "  def __init__(s,a,b): super().__init__(a)\n"
            "ba=BA(b'q',1)\n"
            "class Fl(float):\n"
            "  def __new__(c,a,b): return super().__new__(c,a)\n"
            "fl=Fl(1.5,2); fl.x=[1]"
        ),
        "fl.x.append(2); ba[0]=1",
        (
            "f,f.t",
            "b",
            "ba,type(ba)",
            "fl,fl.x",
        ),
    ),
    "the one object of a library": Kind(
        (
            "import dataclasses, inspect\n"
            "@dataclasses.dataclass\n"
            "class A:\n"
            "  x:int\n"
            "  y:int=2\n"
            "a=A(1); m=dataclasses.MISSING; s=inspect.Parameter.empty"
        ),
        "a.x=2",
        (
            "m is dataclasses.MISSING",
            "dataclasses.fields(A)[0].default is dataclasses.MISSING",
            "dataclasses.dataclass(type('B',(A,),{'__annotations__':{'z':int},'z':3}))(5)",
        ),
    ),
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
    "exceptions": Kind(
        (
            "try:\n"
            "  try: 1/0\n"
            "  except ZeroDivisionError as e: raise ValueError('m',[1]) from e\n"
            "except ValueError as e2: x=e2\n"
            "if hasattr(x,'add_note'): x.add_note('n')\n"
            "x.own=1\n"
            "y=KeyError('a'); y.__context__=x; y.__suppress_context__=True\n"
            "class E(Exception):\n"
            "  def __init__(s,a,b): super().__init__(f'{a}{b}'); s.a=a; s.b=b\n"
            "e=E(1,2)"
        ),
        "x.own=2",
        (
            "x.args,x.own,type(x.__cause__)",
            "getattr(x,'__notes__',None)",
            "y.__context__ is x, y.__suppress_context__",
            "e.a,e.b,e.args,str(e)",
            "x.__traceback__ is not None",
        ),
    ),
    "exceptions of Python": Kind(
        "o=OSError(2,'no','file'); u=UnicodeDecodeError('utf-8',b'x',0,1,'r'); s=SyntaxError('m',('f',1,2,'t')); st=StopIteration(3); ie=ImportError('m',name='n',path='p'); ne=NameError('x',name='q'); ae=AttributeError('z',name='n',obj=[1]); se=SystemExit(3); eg=ExceptionGroup('g',[ValueError(1)]) if 'ExceptionGroup' in dir(__builtins__) or (isinstance(__builtins__,dict) and 'ExceptionGroup' in __builtins__) else None; k=KeyError('k'); w=UserWarning('w')",
        "o=None",
        (
            "o.errno,o.filename,o.args",
            "u.reason,u.object",
            "s.lineno,s.text",
            "st.value",
            "ie.name,ie.path",
            "ne.name",
            "ae.name,ae.obj",
            "se.code",
            "eg and eg.exceptions",
            "k,w",
        ),
    ),
    "modules made by hand": Kind(
        (
            "import types,sys\n"
            "m=types.ModuleType('hand','doc'); m.x=[1]; exec('def f(): return x',m.__dict__); sys.modules['hand2']=types.ModuleType('hand2'); h2=sys.modules['hand2']; h2.v=[1]"
        ),
        "m.x.append(2); h2.v.append(2)",
        (
            "m.f(),m.__doc__",
            "m.f.__globals__ is m.__dict__",
            "h2.v",
        ),
    ),
    "types of the interpreter": Kind(
        (
            "import types\n"
            "ce = types.CellType([1]); me = types.MethodType(print, ce.cell_contents); md = str.join; mw = [].__len__\n"
            "sm = staticmethod(len); clm = classmethod(len); sl = slice(1, [2]); dk = object.__init__"
        ),
        "ce.cell_contents.append(2)",
        (
            "ce.cell_contents is me.__self__",
            "md is str.join, mw(), sm.__func__, clm.__func__, sl, dk",
        ),
    ),
    "super": Kind(
        (
            "class A:\n"
            "  def f(s): return 1\n"
            "class B(A):\n"
            "  def f(s): return 2\n"
            "b=B(); s=super(B,b); u=super(B)"
        ),
        "b.x=1",
        (
            "s.f()",
            "s.__self__ is b",
            "u.__thisclass__ is B",
        ),
    ),
    "functions with attributes": Kind(
        (
            "def f(a:int,*,b=[1]): 'd'\n"
            "f.x=f; g=f.__get__(5); f.__kwdefaults__; w=type(f)(f.__code__,{'__builtins__':{}},'w')"
        ),
        "f.__kwdefaults__['b'].append(2)",
        (
            "f.x is f,f.__kwdefaults__",
            "g.__self__",
            "w.__globals__.keys()",
            "f.__annotations__",
            "f.__code__.co_firstlineno",
            "f.__builtins__ is __builtins__ or f.__builtins__ is __builtins__.__dict__",
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
    "instances that answer to every name": Kind(
        (
            "class P:\n"
            "  def __init__(s): object.__setattr__(s,'d',{'a':1})\n"
            "  def __getattr__(s,n): return s.d[n]\n"
            "p=P()"
        ),
        "p.d['b']=1",
        ("p.a",),
    ),
    "instances that are proxies": Kind(
        ("class P:\n  __class__ = property(lambda s: int)\n  def __init__(s): s.x = 1"),
        "P.x = 2",
        ("P.__dict__['__class__'].fget(0)",),
    ),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_it_comes_back(kind: Kind) -> None:
    """In the same kernel and in a fresh one."""
    comes_back(kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_unchanged_it_is_unchanged(kind: Kind) -> None:
    """However often one looks, before and after a restore."""
    stays_unchanged(kind)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_change_is_seen(kind: Kind) -> None:
    """The fingerprint covers what the probes see."""
    is_seen_to_change(kind)
