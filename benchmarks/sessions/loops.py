"""Loops over globals, at module level and in functions: code that a watched namespace makes slow."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["loops"]

_SIZES = {"turns": 400_000}

_CELLS = """
# %%
total = 0
for number in range($turns):
    total += number
# %%
counts = {}
for number in range($turns):
    key = number % 97
    counts[key] = counts.get(key, 0) + 1
# %%
squares = []
for number in range($turns):
    squares.append(number * number)
# %%
text = ""
letters = "abcdefghij"
for number in range($turns // 4):
    text += letters[number % 10]
# %%
low, high = 0, $turns
while low < high:
    low += 1
    if low % 3 == 0:
        continue
    high -= 1
# %%
def summed():
    result = 0
    for value in squares:
        result += value % total
    return result

answer = summed()
# %%
def bump():
    global total
    for number in range($turns // 2):
        total += 1

bump()
# %%
table = [[row * column for column in range(200)] for row in range(200)]
for row in table:
    for place in range(len(row)):
        row[place] += 1
# %%
class Tally:
    seen = 0

    def take(self, values):
        for value in values:
            self.seen += value & 1

tally = Tally()
tally.take(squares)
# %%
primes = []
candidate = 2
while len(primes) < 500:
    for prime in primes:
        if candidate % prime == 0:
            break
    else:
        primes.append(candidate)
    candidate += 1
# %%
lookup = {str(value): value for value in squares[:50_000]}
hits = 0
for value in squares[::3]:
    if str(value) in lookup:
        hits += 1
# %%
total = sum(value for value in squares if value % 2)
"""

_PROBES = """
total
number
counts
squares
text
low, high
answer, summed()
summed.__globals__["squares"] is squares
table
row is table[-1]
tally.seen, Tally.seen
isinstance(tally, Tally)
primes, candidate
lookup
hits
"""


def loops(scale: float) -> Session:
    """Return the session with `scale` times as many turns."""
    return Session(
        name="loops",
        title="loops over globals, at module level and in functions",
        cells=cells_of(_CELLS, _SIZES, scale=scale, least=2000),
        probes=tuple(probes_of(_PROBES)),
    )
