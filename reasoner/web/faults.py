"""Why something is not answered, with the status that says so by HTTP."""

from __future__ import annotations

from reasoner.errors import MtusError


class AskingError(MtusError):
    """Something that is not answered.

    Attributes:
        status: the HTTP status.
    """

    status = 400


class MalformedError(AskingError):
    """The query or update is malformed, or asks for what is never done."""


class AbsentError(AskingError):
    """There is no such graph, or no store."""

    status = 404


class UnacceptableError(AskingError):
    """The answer has none of the formats that are wanted."""

    status = 406


class BeyondLimitError(AskingError):
    """The answer needs more rows, bytes or memory than it may have."""

    status = 422


class TooLongError(AskingError):
    """The answer takes longer than it may."""

    status = 504


class BusyError(AskingError):
    """Others are asking; later it may be answered."""

    status = 503


class NoRoomError(AskingError):
    """The disk takes no more."""

    status = 507


class WorkerError(AskingError):
    """The engine failed."""

    status = 500
