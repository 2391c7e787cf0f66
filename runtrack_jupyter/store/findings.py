"""What looking over a store turned up."""

from typing import Literal

import msgspec

__all__ = ["Finding", "Kind", "Severity"]

Severity = Literal["error", "warning", "info"]
Kind = Literal[
    "damaged",
    "torn",
    "chain",
    "mac",
    "foreign",
    "chunk",
    "component",
    "run",
    "ordinal",
    "git",
    "gap",
    "purged",
]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth saying about a store.

    An error: something is not what was written. A warning: something is missing that will be made up for, or was
    never finished. Info: the record says so itself, or it is not this user's to judge.
    """

    severity: Severity
    kind: Kind
    subject: str  # a file, session, component, run or step
    message: str
