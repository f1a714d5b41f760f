"""What the catalogue refuses."""

from vitascope.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchTitle(NotFound):
    """Unknown, or not for this viewer: the answer does not tell which."""

    code = "no-such-title"


class NotYetPlayable(Conflict):
    code = "not-yet-playable"


class BadTitle(Invalid):
    code = "bad-title"


class NotADraft(Conflict):
    """Only what nobody could ever watch is deleted; the rest is taken down."""

    code = "not-a-draft"


class NotYours(Forbidden):
    """The title is another partner's."""

    code = "not-yours"


class BadLine(Invalid):
    """A line of an import cannot be taken; `line` in the problem's body is its number."""

    code = "bad-line"
