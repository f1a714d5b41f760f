"""The one small tree of errors.

    VitascopeError
    ├── Refusal               expected: the caller can do something about it
    │   ├── Invalid           400   ├── Conflict        409   ├── Unprocessable   422
    │   ├── Unauthenticated   401   ├── Gone            410   └── TooMany         429
    │   ├── Forbidden         403   ├── PreconditionFailed 412
    │   └── NotFound          404   └── TooLarge        413
    └── Trouble               the service cannot, the caller may try again
        ├── Unavailable       503
        └── DeadlineExceeded  504

A domain subclasses one of these in its `contract.py` and gives it a stable `code`. Every error
travels as an RFC 9457 problem body; anything else that is raised is a bug, and a 500.
"""

from typing import Any, ClassVar


class VitascopeError(Exception):
    """An error with an HTTP status, a stable code, and a sentence that says what to do.

    `detail` is the sentence for people. `extra` holds further members of the problem body
    (JSON values only): the devices that are streaming, the seconds to wait.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    final: ClassVar[bool] = False
    """Asking again unchanged will not help."""

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class Refusal(VitascopeError):
    """The request was understood and is refused; asking again unchanged will not help."""

    final = True


class Invalid(Refusal):
    status = 400
    code = "invalid"


class Unauthenticated(Refusal):
    status = 401
    code = "unauthenticated"


class Forbidden(Refusal):
    status = 403
    code = "forbidden"


class NotFound(Refusal):
    status = 404
    code = "not-found"


class Conflict(Refusal):
    status = 409
    code = "conflict"


class Gone(Refusal):
    status = 410
    code = "gone"


class PreconditionFailed(Refusal):
    status = 412
    code = "precondition-failed"


class TooLarge(Refusal):
    status = 413
    code = "too-large"


class Unprocessable(Refusal):
    status = 422
    code = "unprocessable"


class TooMany(Refusal):
    """Give `retry_after_s` in extra when waiting helps; the gateway sends it as Retry-After."""

    status = 429
    code = "too-many"


class Trouble(VitascopeError):
    """The service cannot answer now; the same request may succeed later."""

    status = 503
    code = "trouble"


class Unavailable(Trouble):
    code = "unavailable"


class DeadlineExceeded(Trouble):
    status = 504
    code = "deadline-exceeded"
