"""The standard library: what it holds comes back, or says that it is made anew."""

import pytest

from tests.state.kinds import Kind, KindContract
from tests.state.world import World

KINDS = {
    "locks": Kind(
        (
            "import threading\n"
            "l = threading.Lock(); r = threading.RLock(); r.acquire(); c = threading.Condition(); e = threading.Event(); e.set()\n"
            "s = threading.Semaphore(3); s.acquire(); bs = threading.BoundedSemaphore(2); b = threading.Barrier(2); c2 = threading.Condition(l)"
        ),
        "s.acquire(); e.clear()",
        (
            "l.locked(), e.is_set(), s._value, bs._value, b.parties",
            "c2._lock is l",
            "r.acquire(False), r.release(), r.release()",
            "c.acquire(False)",
        ),
    ),
    "an object with a lock": Kind(
        ("import threading\nclass C:\n  def __init__(s): s.l=threading.Lock(); s.v=1\nc=C()"),
        "c.v=2",
        ("c.v,c.l.locked()",),
    ),
    "queues": Kind(
        (
            "import queue\n"
            "q=queue.Queue(5); q.put(1); q.put([2]); lq=queue.LifoQueue(); lq.put(1); pq=queue.PriorityQueue(); pq.put((2,'b')); pq.put((1,'a')); sq=queue.SimpleQueue(); sq.put(3)"
        ),
        "q.get()",
        (
            "q.get(),q.get(),q.maxsize,q.unfinished_tasks",
            "lq.get()",
            "pq.get()",
            "sq.get(), sq.empty()",
        ),
    ),
    "futures that are done": Kind(
        (
            "import concurrent.futures as cf\n"
            "f=cf.Future(); f.set_result([1]); g=cf.Future(); g.set_exception(ValueError(3)); h=cf.Future(); h.cancel()"
        ),
        "f=None",
        (
            "f.result(),f.done()",
            "g.exception()",
            "h.cancelled()",
        ),
    ),
    "thread-local values": Kind(
        ("import threading\nloc=threading.local(); loc.x=[1]"),
        "loc.x.append(2)",
        ("loc.x",),
    ),
    "primitives of asyncio": Kind(
        (
            "import asyncio\n"
            "l=asyncio.Lock(); e=asyncio.Event(); e.set(); s=asyncio.Semaphore(2); q=asyncio.Queue(3); q.put_nowait([1]); c=asyncio.Condition()"
        ),
        "e.clear()",
        ("l.locked(),e.is_set(),s._value,q.get_nowait(),q.maxsize",),
    ),
    "loggers and handlers": Kind(
        (
            "import logging\n"
            "log=logging.getLogger('my.app'); h=logging.StreamHandler(__import__('io').StringIO()); log.addHandler(h); log.setLevel(10); ad=logging.LoggerAdapter(log,{'k':1}); own=logging.Logger('own'); own.setLevel(20); fmt=logging.Formatter('%(message)s'); rec=logging.LogRecord('n',10,'p',1,'m',(),None)"
        ),
        "log.setLevel(20); log.removeHandler(h)",
        (
            "log.level, log is logging.getLogger('my.app')",
            "h in log.handlers",
            "own is logging.getLogger('own')",
            "own.level",
            "fmt._fmt",
            "rec.msg",
        ),
    ),
    "a logger that logging does not know": Kind(
        ("import logging\nown=logging.Logger('own2'); own.setLevel(20)"),
        "own.setLevel(30)",
        (
            "own is logging.getLogger('own2')",
            "own.level",
        ),
    ),
    "matches": Kind(
        (
            "import re\n"
            "p = re.compile('a(?P<x>b)?'); m = p.search('zzabab', 1, 5); f = list(p.finditer('ab a ab'))[1]; n = p.fullmatch('ab')"
        ),
        "m = None",
        (
            "m.groups(), m.span(), m.pos, m.endpos, m.string, m.lastgroup, m.groupdict()",
            "f.span(), f.pos, n.span()",
        ),
    ),
    "csv": Kind(
        (
            "import csv, io\n"
            "src = io.StringIO('a,b\\n1,2\\n3,4\\n'); r = csv.reader(src); out = io.StringIO(); w = csv.writer(out, quoting=csv.QUOTE_ALL); w.writerow([1])\n"
            "dr = csv.DictReader(io.StringIO('a\\n1\\n')); g = csv.get_dialect('excel'); d = csv.excel()"
        ),
        "next(r); w.writerow([2])",
        (
            "next(r), next(dr)",
            "(w.writerow([5]), out.getvalue())[1]",
            "g.delimiter, d.delimiter",
        ),
    ),
    "structs": Kind(
        ("import struct\ns=struct.Struct('<ib')"),
        "s=None",
        ("s.format,s.size,s.pack(1,2)",),
    ),
    "JSON coders": Kind(
        ("import json\ne=json.JSONEncoder(indent=2); d=json.JSONDecoder()"),
        "e.indent=3",
        (
            "e.encode([1])",
            "d.decode('[1]')",
        ),
    ),
    "namespaces whose dict is held": Kind(
        "import types\nn = types.SimpleNamespace(a=1, b=[2]); d = vars(n); k = types.SimpleNamespace(x=1)\n"
        "class N(types.SimpleNamespace): pass\nm = N(a=1); e = vars(m)",
        "d['a'] = 5",
        ("n, k, m", "vars(n) is d, vars(m) is e", "(d.__setitem__('a', 9), n.a, setattr(m, 'z', 3), e)"),
    ),
    "parts of memory of ctypes": Kind(
        "import ctypes, numpy as np\nclass P(ctypes.Structure): _fields_ = [('x', ctypes.c_int)]\n"
        "class S(ctypes.Structure): _fields_ = [('k', ctypes.c_int), ('p', P), ('q', P * 3)]\ns = S(); p = s.p; q = s.q[1]\n"
        "b = bytearray(8); v = (ctypes.c_int * 2).from_buffer(b); a = np.zeros(4); w = ctypes.c_double.from_buffer(a, 8)",
        "p.x = 3",
        (
            "(setattr(p, 'x', 7), s.p.x, setattr(q, 'x', 8), s.q[1].x)",
            "(v.__setitem__(1, 5), b[4], setattr(w, 'value', 2.5), a[1])",
        ),
    ),
    "structures of ctypes": Kind(
        (
            "import ctypes\n"
            "class S(ctypes.Structure):\n"
            "  _fields_=[('a',ctypes.c_int),('b',ctypes.c_double)]\n"
            "s=S(1,2.5); i=ctypes.c_int(4); arr=(ctypes.c_int*3)(1,2,3)"
        ),
        "s.a=7; i.value=3",
        (
            "s.a,s.b,i.value,list(arr)",
            "S._fields_",
            "type(s) is S",
        ),
    ),
    "argument parsers": Kind(
        (
            "import argparse\n"
            "p=argparse.ArgumentParser('x'); p.add_argument('--a',type=int,default=3); p.add_argument('b',nargs='?',choices=['q']); sp=p.add_subparsers(); q=sp.add_parser('q2'); ns=p.parse_args([])"
        ),
        "ns.a=5",
        (
            "p.parse_args(['--a','5']).a",
            "ns",
        ),
    ),
    "codecs": Kind(
        (
            "import codecs\n"
            "d=codecs.getincrementaldecoder('utf-8')(); d.decode(b'\\xc3'); ci=codecs.lookup('utf-8')"
        ),
        "d=None",
        (
            "d.decode(b'\\xa9')",
            "ci.name",
        ),
    ),
    "places of the interpreter": Kind(
        (
            "import sys, os, json\n"
            "p = sys.path; m = sys.modules; a = sys.argv; e = os.environ; f = sys.flags; i = sys.implementation; v = sys.version_info; d = json.__dict__"
        ),
        "p = m = None",
        (
            "p is sys.path, m is sys.modules, a is sys.argv, e is os.environ",
            "f is sys.flags, i is sys.implementation, v, d is json.__dict__",
        ),
    ),
    "decimal contexts": Kind(
        (
            "import decimal\n"
            "c=decimal.Context(prec=5,rounding=decimal.ROUND_UP,traps=[decimal.Inexact]); c.flags[decimal.Rounded]=True"
        ),
        "c.prec=6",
        ("c",),
    ),
    "configuration": Kind(
        ("import configparser\nc=configparser.ConfigParser(); c.read_string('[a]\\nb=1'); s=c['a']"),
        "c.set('a','b','2')",
        (
            "c.get('a','b')",
            "s['b']",
            "(s.__setitem__('b','9'),c.get('a','b'))[1]",
        ),
    ),
    "XML trees": Kind(
        (
            "import xml.etree.ElementTree as E\n"
            "t=E.fromstring('<a x=\"1\"><b>t</b></a>'); b=t[0]; tr=E.ElementTree(t)"
        ),
        "t.set('x','2')",
        (
            "E.tostring(t)",
            "t[0] is b",
            "tr.getroot() is t",
        ),
    ),
    "context managers": Kind(
        (
            "import contextlib, io\n"
            "@contextlib.contextmanager\n"
            "def cm(x):\n"
            "  yield x\n"
            "c = cm(1); n = contextlib.nullcontext([1]); su = contextlib.suppress(ValueError); rd = contextlib.redirect_stdout(io.StringIO())\n"
            "log = []; es = contextlib.ExitStack(); es.callback(log.append, 1)"
        ),
        "n.enter_result.append(2)",
        (
            "c.__enter__()",
            "n.enter_result",
            "su._exceptions",
            "(es.close(), log)[1]",
        ),
    ),
    "records of the system": Kind(
        (
            "import time,os,sys\n"
            "tm=time.gmtime(0); st=os.stat_result(range(10)); us=os.times(); ti=os.terminal_size((1,2))"
        ),
        "tm=None",
        ("tm.tm_year,tm.tm_zone,tm.tm_gmtoff,st.st_mode,ti",),
    ),
    "dates": Kind(
        (
            "import datetime,zoneinfo\n"
            "d=datetime.datetime(2020,1,1,tzinfo=zoneinfo.ZoneInfo('UTC'),fold=1); tz=datetime.timezone(datetime.timedelta(hours=1),'X'); t=datetime.time(1,tzinfo=tz); td=datetime.timedelta.max; z=zoneinfo.ZoneInfo('UTC'); dl=datetime.date(1,1,1)\n"
            "class TZ(datetime.tzinfo):\n"
            "  def __init__(s): s.v=[1]\n"
            "  def utcoffset(s,d): return datetime.timedelta(1)\n"
            "x=TZ()"
        ),
        "x.v.append(2)",
        (
            "d,tz,t,td,d.fold",
            "z is d.tzinfo, z is zoneinfo.ZoneInfo('UTC')",
            "x.v",
            "dl",
        ),
    ),
}


class TestKinds(KindContract):
    kinds = KINDS


REBUILT = {
    "import threading; x = threading.Lock()": "a new lock",
    "import queue; x = queue.SimpleQueue()": "a new queue",
    "import threading; x = threading.local()": "thread-local values, only those of the main thread",
    "import functools; x = functools.lru_cache(lambda: 1)": "an empty cache of results",
    "x = iter({1, 2})": "an iterator, over a copy of the elements that were left",
    "try: 1 / 0\nexcept ZeroDivisionError as e: x = e": "a traceback with its lines and without the values of its frames",
}


@pytest.mark.parametrize("cell", REBUILT)
def test_what_is_made_anew_says_so(cell: str) -> None:
    """On the variable, in words, for whoever relies on it."""
    world = World()
    assert world.run(cell).gaps == ()
    assert world.engine.rebuilt("x") == REBUILT[cell]
