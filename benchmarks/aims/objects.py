"""What recording costs cells that reach millions of Python objects."""

from collections.abc import Iterator

from benchmarks.aims.figure import Figure, Workshop, at_most, checkpoint

__all__ = ["containers", "documents"]

_DOCUMENTS = """docs = [
    {{"id": n, "title": f"title {{n}}", "tags": ["red", f"t{{n % 97}}"], "score": n / 7}}
    for n in range({count})
]"""


def containers(workshop: Workshop) -> Iterator[Figure]:
    """Reach a list and a dict of two million strings."""
    count = workshop.size(2_000_000, 1000)
    with workshop.pair("containers", memory=5e8) as pair:
        pair.prepare(
            f"names = [f'name {{n}}' for n in range({count})]",
            f"prices = {{f'sku {{n}}': n * 0.25 for n in range({count})}}",
            "y = 0",
        )
        listed = pair.alternate(f"y = len(names) + {n}" for n in range(9))
        yield at_most(f"list of {count:,} strings reached, unchanged, added", listed.median, 60, "ms")
        keyed = pair.alternate(f"y = len(prices) + {n}" for n in range(9))
        yield at_most(f"dict of {count:,} strings reached, unchanged, added", keyed.median, 400, "ms")
        appended = pair.alternate(f"names.append('one more {n}')" for n in range(9))
        yield at_most("that list after one append, added", appended.median, 300, "ms")
        assigned = pair.alternate(f"prices['sku {n}'] = -1.0" for n in range(9))
        yield at_most("that dict after one assignment, added", assigned.median, 400, "ms")
        pair.prepare("y = 0")
        seconds = sorted(checkpoint(pair.tracked) for _ in range(5))
        limit = 3 * count / 2e6 + 0.05  # a list of `count` strings, a dict of as many strings and floats
        yield at_most(
            f"checkpoint, nothing changed, {3 * count:,} objects", seconds[2] * 1e3, limit * 1e3, "ms"
        )


def documents(workshop: Workshop) -> Iterator[Figure]:
    """Reach 300,000 dictionaries, each with a list, strings and numbers: two million objects."""
    count = workshop.size(300_000, 1000)
    with workshop.pair("documents", memory=5e8) as pair:
        pair.prepare(_DOCUMENTS.format(count=count), "y = 0")
        changed = pair.alternate(f"docs[{n * 7919 % count}]['score'] = -1.0 - {n}" for n in range(9))
        yield at_most(f"{count:,} documents reached, one changed, added", changed.median, 600, "ms")
        reading = pair.alternate(f"y = len(docs) + {n}" for n in range(9))
        yield at_most(f"{count:,} documents reached, unchanged, added", reading.median, 600, "ms")
        looped = pair.alternate(f"y = {n}\nfor doc in docs:\n    y += doc['id']" for n in range(9))
        yield at_most(f"loop over {count:,} documents, added", looped.median, 600, "ms")
