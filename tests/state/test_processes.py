"""Going back in another process: nothing of the first may be needed."""

import pickle
import subprocess
import sys
from pathlib import Path

from tests.state.world import World

MAKE = """
import numpy as np, pandas as pd, enum, random
from dataclasses import dataclass, field
a = np.arange(10.)
v = a[2:5]
df = pd.DataFrame({'x': [1, 2, 3], 'y': list('abc')})
col = df['x']
class Color(enum.Enum):
    RED = 1
@dataclass
class P:
    x: int = 0
    items: list = field(default_factory=list)
p = P(3)
q = [p, p.items, {'red': Color.RED}]
names = {'zoë', 'bob', 'eve', 'mallory', 'trent'}
def make(start):
    n = [start]
    def up():
        n[0] += 1
        return n[0]
    return up, lambda: n[0]
up, get = make(5)
random.seed(7)
"""

PROBE = """
a[3] = 50.0
p.items.append(1)
up()
found = [
    v.tolist(), v.base is a, df.to_dict(), col.tolist(), q[0] is p, q[1], q[2]['red'] is Color.RED,
    isinstance(p, P), P(1), get(), random.random(), sorted(names), a.flags.owndata, up.__globals__ is globals(),
]
"""

CHILD = """
import pickle, sys
from tests.state.world import Memory, Moment, World
chunks, manifests, components, probe = pickle.load(open(sys.argv[1], 'rb'))
memory = Memory()
memory.chunks, memory.manifests = chunks, manifests
world = World(memory)
assert world.restore(Moment(components, ())).gaps == ()
assert dict(world.capture().bound) == {}
exec(probe, world.names)
print(world.names['found'])
"""


def test_another_process_continues_where_this_one_was(tmp_path: Path) -> None:
    """Hashes of text differ there, and so does the order of sets: content must not."""
    world = World()
    world.run(MAKE)
    saved = tmp_path / "saved"
    saved.write_bytes(
        pickle.dumps((world.memory.chunks, world.memory.manifests, world.moment().components, PROBE))
    )
    world.run(PROBE)
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({str(root)!r})\n{CHILD}", str(saved)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stderr == ""
    assert answer.stdout.strip() == str(world.names["found"])
