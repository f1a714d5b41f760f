"""What findings weigh, and what was decided about a master: the values."""

import re
from typing import Annotated, Literal

import msgspec

from vitascope.kernel.bounds import HUNDRED, NAME
from vitascope.kernel.ids import AccountId

RULE = re.compile(
    r"(?P<code>[a-z0-9-]+)(?: (?P<sign>>=|<=) (?P<bound>-?\d{1,9}(?:\.\d{1,6})?))? "
    r"(?P<severity>note|warning|review|refusal)"
)
RuleText = Annotated[
    str, msgspec.Meta(pattern=f"^{re.sub('P<[a-z]+>', ':', RULE.pattern)}$", max_length=100)
]
"""`black >= 10 review`"""

Reviewers = Literal["partner", "operator"]
Judgement = Literal["", "passed", "notes", "review", "refused"]
"""Of a master: passed, passed with notes, has to be reviewed, refused; "" before it was judged."""


class MasterRules(msgspec.Struct, frozen=True, kw_only=True):
    """What weighs how much in one catalogue, and who decides about what has to be reviewed: its own
    people and operators, or operators alone. The catalogue's rules about a code take the place of
    the service's. None is as the service has it."""

    rules: Annotated[tuple[RuleText, ...], HUNDRED] = ()
    reviewers: Reviewers | None = None


class AppliedRules(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a catalogue: the service's rules with its own ones; and these alone."""

    rules: tuple[str, ...]
    reviewers: Reviewers
    own: MasterRules


class Reviewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides. `name` is the account's, as it is at the time."""

    id: AccountId
    name: Annotated[str, NAME]
    is_operator: bool


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody decided about a master, and why."""

    approved: bool
    reason: str
    by: Reviewer
    at_ms: int
