"""Functions of every sort, and what wraps them."""

from tests.state.kinds import Kind, KindContract

KINDS = {
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
}


class TestKinds(KindContract):
    kinds = KINDS
