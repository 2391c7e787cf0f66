"""Small objects in hard relations: aliases, cycles, views, closures, generators of numbers, open handles."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["aliases"]

_CELLS = """
# %%
import collections, dataclasses, enum, functools, random, sqlite3, threading, weakref

import numpy as np
import pandas as pd

random.seed(0)
np.random.seed(0)
# %%
first = [1, 2, 3]
second = first
holder = {"list": first, "pair": (first, [first])}
# %%
first.append(4)
# %%
loop = []
loop.append(loop)
node = {"next": None}
node["next"] = {"next": node}
# %%
class Point:
    unit = "m"

    def __init__(self, x, y):
        self.x, self.y = x, y

    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5

point = Point(3, 4)
same = point
points = [point, Point(5, 12), point]
# %%
point.x = 6
Point.unit = "km"
# %%
def counter():
    count = 0

    def increase():
        nonlocal count
        count += 1
        return count

    def current():
        return count

    return increase, current

increase, current = counter()
# %%
increase(), increase()
# %%
increase()
# %%
random.seed(1)
drawn = random.random()
# %%
drawn = random.random()
own = random.Random(3)
own.random()
# %%
np.random.seed(5)
noise = np.random.normal(size=3)
generator = np.random.default_rng(9)
# %%
noise = np.random.normal(size=3)
more = generator.random(4)
# %%
matrix = np.arange(20.0).reshape(4, 5)
row, column, flat = matrix[1], matrix[:, 2], matrix.ravel()
# %%
row[0] = 99.0
# %%
table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": list("xyz")})
extract = table["a"]
table.loc[0, "a"] = -1.0
# %%
log = open("log.txt", "w+")
log.write("one\\n")
log.flush()
# %%
log.write("two\\n")
log.flush()
# %%
groups = collections.defaultdict(lambda: [len(first)])
groups["seen"].append(first)
# %%
@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

fibonacci(20)
# %%
def add(left, right):
    return left + right

add_three = functools.partial(add, 3)
norm_of = point.norm
# %%
squares = (value * value for value in range(10))
next(squares), next(squares)
steps = iter([1, 2, 3, 4])
next(steps)
# %%
reference = weakref.ref(point)
# %%
class Colour(enum.Enum):
    RED = 1
    BLUE = 2

@dataclasses.dataclass
class Pixel:
    where: Point
    colour: Colour = Colour.RED

pixel = Pixel(point, Colour.BLUE)
# %%
database = sqlite3.connect(":memory:", check_same_thread=False)
database.execute("create table t (n integer)")
database.execute("insert into t values (1), (2)")
database.commit()
# %%
lock = threading.Lock()
queue = collections.deque([1, 2, 3], maxlen=3)
queue.append(4)
# %%
def even(n):
    return n == 0 or odd(n - 1)

def odd(n):
    return n != 0 and even(n - 1)
# %%
del second
first = [0]
"""

_PROBES = """
first
second is first
holder["list"] is first, holder["pair"][0] is holder["pair"][1][0]
holder["list"]
loop[0] is loop
node["next"]["next"] is node
point.x, point.unit, Point.unit
point is same, points[0] is points[2], points[0] is point
isinstance(point, Point), type(point) is Point
[type(each) is Point for each in points]
point.norm()
current()
increase.__closure__[0].cell_contents
increase.__closure__[0] is current.__closure__[0]
random.getstate()[1][-3:]
drawn
own.getstate()[1][-3:]
np.random.get_state()[1][:3], np.random.get_state()[2]
noise
generator.bit_generator.state["state"]["state"]
more
matrix
row.base is matrix.base, np.shares_memory(row, matrix)
np.shares_memory(column, matrix), np.shares_memory(flat, matrix)
row[0]
table
extract
log.tell(), log.closed, log.mode
groups["seen"][-1] is holder["list"]
groups.default_factory()
fibonacci(10)
add_three(4), add_three.func is add
norm_of.__self__ is point
norm_of()
squares.gi_frame.f_locals["value"]
steps.__length_hint__()
reference() is point
pixel.colour is Colour.BLUE, pixel.where is point
isinstance(pixel, Pixel), pixel.where.x
Colour(2).name
database.execute("select n from t order by n").fetchall()
lock.locked()
queue
even(10), odd(10)
even.__globals__["odd"] is odd
"""


def aliases(scale: float) -> Session:
    """Return the session; it has no sizes to scale."""
    return Session(
        name="aliases",
        title="aliases, views, closures, generators of numbers, open handles",
        cells=cells_of(_CELLS),
        probes=tuple(probes_of(_PROBES)),
        needs=("numpy", "pandas"),
    )
