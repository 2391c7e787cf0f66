"""Exceptions come back with all they hold, without their constructor."""

import traceback

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
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
    "an exception of two kinds": Kind(
        "class E(TypeError, OSError):\n  def __init__(self, *a): OSError.__init__(self, *a)\nx = E(2, 'no', 'f')",
        "x.errno = 3",
        ("x.args, x.errno, x.filename, type(x) is E",),
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
}


class TestKinds(KindContract):
    kinds = KINDS


def test_a_traceback_keeps_its_lines() -> None:
    """``traceback.print_exc`` shows after a restore what it showed before."""
    world = World()
    world.run("def f():\n  1 / 0\ntry: f()\nexcept ZeroDivisionError as e: x = e")
    fresh = world.fresh()
    fresh.restore(world.moment())
    lines = [traceback.extract_tb(each.value("x").__traceback__) for each in (world, fresh)]
    summary = [[(frame.filename, frame.lineno, frame.name) for frame in stack] for stack in lines]
    assert summary[0] == summary[1]
