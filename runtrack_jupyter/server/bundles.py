"""Handlers for bundles: what somebody sent is shown, and taken in only when the user says that they trust it."""

from pathlib import Path

import msgspec
from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from runtrack_jupyter.errors import NotFoundError, UsageError
from runtrack_jupyter.server.answering import RuntrackHandler
from runtrack_jupyter.server.messages import BundleDetail, FileNow, TakenIn, TrustRequest
from runtrack_jupyter.server.paths import file_of
from runtrack_jupyter.share.bundle import Bundle, open_bundle
from runtrack_jupyter.share.taking import is_known, take_in
from runtrack_jupyter.store.layout import user_key

__all__ = ["BundleHandler", "TrustedBundlesHandler"]


class BundleHandler(RuntrackHandler):
    """One bundle, as it is in its file."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with all that is in it but the values; nothing of it is kept."""
        reader = self.services.reader
        path = self.query("path") or ""
        file = _file(file_of(path, self.services.root), path)
        bundle = await reader.work(lambda: open_bundle(file))
        known = await reader.ask(lambda history: is_known(history, bundle))
        self.answer(await reader.work(lambda: msgspec.json.encode(_detail(bundle, known))))


class TrustedBundlesHandler(RuntrackHandler):
    """Bundles that the user trusts."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Take the run in, with its values, if the file is still the one that was shown."""
        reader = self.services.reader
        request = self.body(TrustRequest)
        file = _file(file_of(request.path, self.services.root), request.path)

        def take() -> TakenIn:
            key = user_key()
            if key is None:
                raise UsageError("there is no key of yours to take it in with")
            return TakenIn(run=take_in(file, request.digest, reader.store_of(file), key))

        self.answer(await reader.work(take), 201)


def _file(file: Path | None, path: str) -> Path:
    if file is None:
        raise UsageError("pass the contents path of a bundle; it must lie in a file of this server")
    if not file.exists():
        raise NotFoundError("file", path)
    return file


def _detail(bundle: Bundle, known: bool) -> BundleDetail:
    return BundleDetail(
        digest=bundle.digest,
        signed=False,
        known=known,
        values=bundle.contents.values,
        run=bundle.run,
        environment=bundle.environment,
        data=tuple(FileNow(**msgspec.structs.asdict(file), now="not-checked") for file in bundle.data),
        steps=bundle.steps,
        document=bundle.document,
    )
