"""Two million Python strings and 300,000 documents, and small changes to them."""

from benchmarks.sessions.session import Session, cells_of, probes_of

__all__ = ["strings"]

_SIZES = {"words": 1_000_000, "prices": 1_000_000, "documents": 300_000}

_CELLS = """
# %% a helper
def tag_of(number):
    return ["red", "green", "blue"][number % 3]
# %% a list of strings
words = [f"word-{number:07d}" for number in range($words)]
# %% a dict of strings and numbers
prices = {f"sku-{number}": number * 0.25 for number in range($prices)}
# %% documents
docs = [
    {"id": number, "title": f"title {number}", "tags": [tag_of(number), f"t{number % 97}"], "score": number / 7}
    for number in range($documents)
]
# %% one more word
words.append("one more")
# %% one document changed
docs[len(docs) // 2]["score"] = -1.0
# %% the usual loop
total = 0
for doc in docs:
    total += len(doc["title"])
# %% one price changed
prices["sku-10"] = 99.0
# %% only reads
longest = max(words, key=len)
# %% the same documents under another roof
by_tag = {}
for entry in docs:
    by_tag.setdefault(entry["tags"][0], []).append(entry)
# %% a function over globals
def price_of(sku):
    return prices[sku]

found = price_of("sku-10")
# %% one more document, one name less
docs.append({"id": -1, "title": "the last", "tags": ["red"], "score": 0.0})
del longest
"""

_PROBES = """
tag_of(4)
len(words), words[0], words[-1]
words
len(prices), prices["sku-10"], prices["sku-11"]
prices
len(docs), docs[0], docs[-1]
docs
docs[len(docs) // 2]["score"]
doc
doc is docs[-1]
any(doc is other for other in docs[-2:])
total
longest
{tag: len(group) for tag, group in by_tag.items()}
by_tag["red"][0] is docs[0]
entry is by_tag[entry["tags"][0]][-1]
price_of("sku-10")
found
price_of.__globals__["prices"] is prices
"""


def strings(scale: float) -> Session:
    """Return the session with `scale` times as many objects."""
    cells = cells_of(_CELLS, _SIZES, scale=scale)
    probes = tuple(probes_of(_PROBES))
    return Session(
        name="strings",
        title="2 million Python strings, 300,000 documents",
        cells=cells,
        probes=probes,
        memory=int(800_000_000 * scale),
    )
