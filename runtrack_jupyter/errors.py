"""Every error Runtrack raises, in one tree, grouped by who must act.

::

    RuntrackError
    ├── UsageError            (ValueError)       the caller asked for something malformed
    │   └── TooLargeError                        more than is taken in one piece
    ├── NotFoundError         (LookupError)      no such run, step, notebook or file
    │   └── AmbiguousIdError                     the short name fits more than one
    ├── StoreError
    │   ├── DamagedStoreError                    bytes on disk are not what was written
    │   ├── StoreUnavailableError                read-only, full or gone: try elsewhere or later
    │   ├── StoreLockedError                     another process holds the store lock
    │   └── UnsupportedFormatError               written by a newer Runtrack
    ├── BundleError           (ValueError)       a file from elsewhere is refused, and why
    ├── UntrustedError        (PermissionError)  the record was not made by this user
    ├── RestoreError                             nothing was changed; the message says why
    ├── NotTrackingError                         there is no kernel that Runtrack records here
    ├── RecordingOffError                        recording is switched off, and by what
    ├── ClaimedError                             somebody else is doing it already
    └── GitError                                 the ``git`` executable is missing or refused

`kind` is stable: it is what JSON answers carry and what programs compare. Kinds are only ever added.
"""

__all__ = [
    "AmbiguousIdError",
    "BundleError",
    "ClaimedError",
    "DamagedStoreError",
    "GitError",
    "NotFoundError",
    "NotTrackingError",
    "RecordingOffError",
    "RestoreError",
    "RuntrackError",
    "StoreError",
    "StoreLockedError",
    "StoreUnavailableError",
    "TooLargeError",
    "UnsupportedFormatError",
    "UntrustedError",
    "UsageError",
]


class RuntrackError(Exception):
    """Whatever Runtrack raises on purpose."""

    kind = "error"


class UsageError(RuntrackError, ValueError):
    """The caller asked for something malformed; the message says what to pass instead."""

    kind = "usage"


class TooLargeError(UsageError):
    """What was sent is larger than what is taken in one piece."""

    kind = "too-large"

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(f"{what} is {size:,} bytes; at most {limit:,} are taken")


class NotFoundError(RuntrackError, LookupError):
    """The record holds no such thing."""

    kind = "not-found"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"no {what} named {name!r} is on record here")


class AmbiguousIdError(NotFoundError):
    """A short id fits more than one run or step."""

    kind = "ambiguous"

    def __init__(self, name: str, candidates: tuple[str, ...]) -> None:
        RuntrackError.__init__(
            self, f"{name!r} fits {len(candidates)} entries; use one of {', '.join(candidates)}"
        )


class StoreError(RuntrackError):
    """Something about the store on disk."""

    kind = "store"


class DamagedStoreError(StoreError):
    """Bytes on disk are not the bytes that were written."""

    kind = "damaged"


class StoreUnavailableError(StoreError):
    """The store cannot be read or written now: read-only, full, or gone."""

    kind = "unavailable"


class StoreLockedError(StoreError):
    """Another process holds the store lock."""

    kind = "locked"


class UnsupportedFormatError(StoreError):
    """The store was written by a newer Runtrack than this one."""

    kind = "unsupported-format"


class BundleError(RuntrackError, ValueError):
    """A bundle is refused: it is damaged, was tampered with, or is none."""

    kind = "bundle"

    def __init__(self, why: str) -> None:
        super().__init__(f"this bundle is refused: {why}")


class UntrustedError(RuntrackError, PermissionError):
    """The record was not made by this user, or was changed since: its pickles are not loaded."""

    kind = "untrusted"


class RestoreError(RuntrackError):
    """A restore could not be done; the namespace is as it was."""

    kind = "restore"


class NotTrackingError(RuntrackError):
    """There is no kernel that Runtrack records here."""

    kind = "not-tracking"


class RecordingOffError(RuntrackError):
    """Recording is switched off for this kernel; the message says by what."""

    kind = "off"


class ClaimedError(RuntrackError):
    """Another tab has taken this command, or did so before."""

    kind = "claimed"

    def __init__(self, command_id: str) -> None:
        super().__init__(f"command {command_id} was claimed before")


class GitError(RuntrackError):
    """The ``git`` executable is missing, or refused what was asked of it."""

    kind = "git"
