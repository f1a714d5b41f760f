"""Who is on which plan. Payments are the built-in test provider's: every charge succeeds.

Every account begins on the plan of the setting `first_plan` (Standard). That is written down when
billing hears that the account was opened, or when somebody asks first, whichever comes sooner: a
viewer who presses play a moment after signing up finds no gap.
"""

from collections.abc import Sequence

from vitascope.billing import store
from vitascope.billing.contract import NoSubscription, Plan, Subscription, SubscriptionState
from vitascope.billing.plans import named, plans_in
from vitascope.billing.settings import BillingSettings
from vitascope.billing.store import SubscriptionRow
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock, SystemClock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId

PROVIDER = "test"
_MOST_ACCOUNTS = 100


class RowsBilling:
    """Implements `Billing`."""

    def __init__(
        self,
        *,
        rows: Rows,
        clock: Clock | None = None,
        settings: BillingSettings | None = None,
    ) -> None:
        self._rows = rows
        self._clock = clock or SystemClock()
        chosen = settings or BillingSettings()
        self._plans = plans_in(chosen.currency)
        self._first = named(self._plans, chosen.first_plan) if chosen.first_plan else None

    async def plans(self) -> list[Plan]:
        return list(self._plans.values())

    async def subscription(self, account_id: AccountId) -> Subscription:
        row = await self._rows.read(lambda c: store.subscription(c, account_id))
        if row is None and self._first is not None:
            row = await self.start(account_id)
        return self._told(account_id, row)

    async def subscriptions(self, account_ids: Sequence[AccountId]) -> list[Subscription]:
        if len(account_ids) > _MOST_ACCOUNTS:
            raise Invalid(f"Ask for at most {_MOST_ACCOUNTS} accounts at once.")
        rows = await self._rows.read(lambda c: store.subscriptions_of(c, account_ids))
        return [self._told(account_id, rows.get(account_id)) for account_id in account_ids]

    async def start(self, account_id: AccountId) -> SubscriptionRow | None:
        """Put a new account on its first plan; harmless when it has one already."""
        first = self._first
        if first is None:
            return None
        fresh = self._row(account_id, first, SubscriptionState.ACTIVE)

        def work(connection: Connection) -> SubscriptionRow | None:
            store.start(connection, fresh)
            return store.subscription(connection, account_id)

        return await self._rows.write(work)

    async def subscribe(self, account_id: AccountId, plan_id: str) -> Subscription:
        row = self._row(account_id, named(self._plans, plan_id), SubscriptionState.ACTIVE)
        await self._rows.write(lambda connection: store.save(connection, row))
        return self._told(account_id, row)

    async def set_state(self, account_id: AccountId, state: SubscriptionState) -> Subscription:
        await self.subscription(account_id)

        def work(connection: Connection) -> SubscriptionRow | None:
            row = store.subscription(connection, account_id)
            if row is None:
                return None
            after = self._row(account_id, named(self._plans, row.plan_id), state)
            store.save(connection, after)
            return after

        after = await self._rows.write(work)
        if after is None:
            raise NoSubscription("This account has no subscription yet: choose a plan.")
        return self._told(account_id, after)

    def _row(self, account_id: AccountId, plan: Plan, state: SubscriptionState) -> SubscriptionRow:
        now_ms = self._clock.now_ms()
        return SubscriptionRow(
            account_id=account_id,
            plan_id=plan.id,
            state=state,
            provider=PROVIDER,
            started_at_ms=now_ms,
            changed_at_ms=now_ms,
        )

    def _told(self, account_id: AccountId, row: SubscriptionRow | None) -> Subscription:
        if row is None or row.state is SubscriptionState.NONE:
            return Subscription(account_id=account_id, state=SubscriptionState.NONE, plan=None)
        plan = self._plans.get(row.plan_id)
        return Subscription(account_id=account_id, state=row.state, plan=plan)
