"""Plans, subscriptions, and what they entitle to."""

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.errors import Forbidden, NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.money import Money


class NoSubscription(Forbidden):
    code = "no-subscription"


class NoSuchPlan(NotFound):
    code = "no-such-plan"


class SubscriptionState(enum.StrEnum):
    ACTIVE = "active"
    PAST_DUE = "past-due"  # may still watch
    CANCELLED = "cancelled"
    NONE = "none"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    id: str  # "standard"
    name: str
    streams: int  # at once
    max_height: int
    key_labels: tuple[KeyLabel, ...]  # the content keys this plan may have
    price: Money  # a month


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    account_id: AccountId
    state: SubscriptionState
    plan: Plan | None

    @property
    def may_watch(self) -> bool:
        return self.plan is not None and self.state in ("active", "past-due")


class Billing(Protocol):
    async def plans(self) -> list[Plan]: ...

    async def subscription(self, account_id: AccountId) -> Subscription: ...

    async def subscriptions(self, account_ids: Sequence[AccountId]) -> list[Subscription]:
        """Returns how each of these accounts stands, at most 100; one that billing has not heard
        of yet has none. Raises `Invalid`."""
        ...

    async def subscribe(self, account_id: AccountId, plan_id: str) -> Subscription:
        """Choose or change the plan. Raises `NoSuchPlan`."""
        ...

    async def set_state(self, account_id: AccountId, state: SubscriptionState) -> Subscription:
        """Change the state of the account's subscription. Raises `NoSubscription`."""
        ...
