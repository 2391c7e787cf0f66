"""Every route of the server extension, by its path in `openapi.yaml`."""

import re

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

from runtrack_jupyter.server.acting import (
    AcknowledgeHandler,
    ClaimHandler,
    CommandsHandler,
    CopiesHandler,
    DocumentHandler,
    LiveDocumentHandler,
    RunAnnotationsHandler,
    SettingsHandler,
)
from runtrack_jupyter.server.browsing import (
    FoundRunsHandler,
    LastRunsHandler,
    NotebooksHandler,
    NowHandler,
    RestorePlanHandler,
    RunDocumentHandler,
    RunHandler,
    RunsHandler,
    RunStepsHandler,
    StatusHandler,
    StepDocumentHandler,
    StepHandler,
)
from runtrack_jupyter.server.bundles import BundleHandler, TrustedBundlesHandler
from runtrack_jupyter.server.events import EventsHandler
from runtrack_jupyter.server.space import SpaceHandler

__all__ = ["API", "ROUTES", "handlers"]

API = "runtrack/api"

ROUTES: dict[str, type[JupyterHandler]] = {
    "/status": StatusHandler,
    "/settings": SettingsHandler,
    "/notebooks": NotebooksHandler,
    "/runs": RunsHandler,
    "/found-runs": FoundRunsHandler,
    "/runs/{run_id}": RunHandler,
    "/runs/{run_id}/steps": RunStepsHandler,
    "/runs/{run_id}/document": RunDocumentHandler,
    "/runs/{run_id}/annotations": RunAnnotationsHandler,
    "/steps/{step_id}": StepHandler,
    "/steps/{step_id}/document": StepDocumentHandler,
    "/now": NowHandler,
    "/space": SpaceHandler,
    "/last-runs": LastRunsHandler,
    "/restore-plans/{id}": RestorePlanHandler,
    "/documents/{id}": DocumentHandler,
    "/copies": CopiesHandler,
    "/bundles": BundleHandler,
    "/trusted-bundles": TrustedBundlesHandler,
    "/sessions/{session_id}/documents/{run_id}": LiveDocumentHandler,
    "/commands": CommandsHandler,
    "/commands/{command_id}/claim": ClaimHandler,
    "/commands/{command_id}/acknowledge": AcknowledgeHandler,
    "/events": EventsHandler,
}


def handlers(base_url: str) -> list[tuple[str, type[JupyterHandler]]]:
    """Return the routes as tornado takes them, below `base_url`."""
    # `base_url` is matched as text: a hub's may hold a dot or a percent sign.
    prefix = re.escape(url_path_join(base_url, API))
    return [
        (prefix + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), handler) for path, handler in ROUTES.items()
    ]
