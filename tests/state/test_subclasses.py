"""Containers and values of classes with code of their own, which must not run while they are made again."""

from tests.state.kinds import Kind, KindContract

KINDS = {
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
}


class TestKinds(KindContract):
    kinds = KINDS
