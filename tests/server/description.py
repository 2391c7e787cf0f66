"""`openapi.yaml` as the tests hold the handlers to it."""

from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

__all__ = ["api", "check_answer", "described"]

_SERVER = "http://localhost/runtrack/api"


@cache
def described() -> dict[str, Any]:
    """Return the description as it ships."""
    text = files("runtrack_jupyter.server").joinpath("openapi.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def api() -> Any:
    """Return the description with keys refused that it does not name: what we send shall be described."""
    found = yaml.safe_load(yaml.safe_dump(described()))
    for name, schema in found["components"]["schemas"].items():
        if "properties" in schema and name != "Document":
            schema["additionalProperties"] = False
    found["servers"] = [{"url": _SERVER}]
    return OpenAPI.from_dict(found)


def check_answer(method: str, url: str, status: int, headers: dict[str, str], body: bytes) -> None:
    """Raise when an answer of the server is not one that the description allows."""
    parts = urlsplit(url)
    request = MockRequest(
        "http://localhost",
        method.lower(),
        "/runtrack/api" + parts.path,
        args=dict(parse_qsl(parts.query)),
    )
    content_type = headers.get("Content-Type", "application/json").split(";")[0]
    response = MockResponse(body, status_code=status, headers=headers, content_type=content_type)
    api().validate_response(request, response)
