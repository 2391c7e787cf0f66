"""Who does it: the user as the hub names them, else as the machine does."""

import getpass
import socket
from collections.abc import Mapping

from runtrack_jupyter.model import Author

__all__ = ["author_of"]


def author_of(environ: Mapping[str, str]) -> Author:
    """Return the user that this process works for."""
    return Author(name=environ.get("JUPYTERHUB_USER") or _user(), host=socket.gethostname())


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"  # a container whose user id has no name
