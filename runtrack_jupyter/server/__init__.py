"""The server extension: REST and one websocket over the record, described by `openapi.yaml`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["_load_jupyter_server_extension"]


def _load_jupyter_server_extension(server_app: "ServerApp") -> None:
    """Join this server; called by Jupyter Server when it starts."""
    from runtrack_jupyter.server.extension import load

    load(server_app)
