"""What a store takes of the disk, what of it can go, and letting it go."""

from collections.abc import Collection
from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from runtrack_jupyter.errors import NotFoundError, StoreLockedError
from runtrack_jupyter.server.answering import RuntrackHandler
from runtrack_jupyter.server.messages import Space, SpaceGroup, SpaceRequest
from runtrack_jupyter.store.collecting import Collected, look
from runtrack_jupyter.store.layout import user_key
from runtrack_jupyter.store.moments import What
from runtrack_jupyter.tracking.keeping import keep, other_stores, rules_of
from runtrack_jupyter.tracking.settings import load_settings

__all__ = ["SpaceHandler"]

_WITHOUT_LOSS = ("unreferenced", "duplicates")
_TICKED = ("steps", "automatic")  # what nobody asked to keep


class SpaceHandler(RuntrackHandler):
    """The space that the store of a notebook takes."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with what can be freed, what is best done without first."""
        reader, notebook = self.services.reader, self.file()
        self.answer(await reader.work(lambda: _space(reader.store_of(notebook))))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Free what is named, and answer with what is left."""
        reader, notebook, wanted = self.services.reader, self.file(), self.body(SpaceRequest)
        self.answer(await reader.work(lambda: _freed(reader.store_of(notebook), wanted.free)))


def _space(store: Path, freed: int = 0) -> Space:
    if not store.is_dir():
        raise NotFoundError("store", str(store))
    seen = look(store, user_key(create=False), rules_of(load_settings()), others=other_stores(store))
    return Space(
        store=str(store),
        size=seen.size,
        limit=seen.limit,
        free_disk=seen.free,
        groups=_groups(seen),
        kept=max(0, seen.size - sum(group.size for group in seen.groups)),
        freed=freed,
    )


def _groups(seen: Collected) -> tuple[SpaceGroup, ...]:
    return tuple(
        SpaceGroup(
            what=group.what,
            runs=group.runs,
            steps=group.steps,
            size=group.size,
            choosable=group.what not in _WITHOUT_LOSS,
            ticked=group.what in (*_WITHOUT_LOSS, *_TICKED),
        )
        for group in seen.groups
    )


def _freed(store: Path, what: Collection[What]) -> Space:
    if not store.is_dir():
        raise NotFoundError("store", str(store))
    rules = rules_of(load_settings())._replace(asked=frozenset(what))
    done = keep(store, user_key(create=False), rules)
    if done[-1].busy:
        raise StoreLockedError("a kernel restores, or somebody names a run just now: try again")
    return _space(store, sum(each.freed for each in done))
