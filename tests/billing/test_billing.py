"""U3: plans and entitlements as data; subscriptions on every database, here and apart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import vitascope.billing
from tests.conftest import OpenRows, opened
from tests.contracts.here_and_apart import placed
from vitascope.billing import Billing, NoSubscription, NoSuchPlan, SubscriptionState
from vitascope.billing.jobs import listen
from vitascope.billing.rows_billing import RowsBilling
from vitascope.billing.settings import BillingSettings
from vitascope.engines.bus.rows import RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.wire import errors_of
from vitascope.identity import AccountOpened
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId
from vitascope.kernel.media import KeyLabel

ADA = AccountId("acc_ada")


@pytest.fixture(params=["sqlite, here", "postgresql, here", "sqlite, apart"])
def where(request: pytest.FixtureRequest) -> tuple[str, str]:
    engine, _, place = request.param.partition(", ")
    url = "sqlite" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    return url, place


@pytest.fixture
async def billing(where: tuple[str, str], data: Path, clock: HeldClock) -> AsyncIterator[Billing]:
    url, place = where
    rows = await opened("billing", url, data, None)
    try:
        ledger = RowsBilling(rows=rows, clock=clock)
        async with placed(place, Billing, ledger, errors_of(vitascope.billing)) as door:
            yield door
    finally:
        await rows.close()


async def test_three_plans_with_their_limits(billing: Billing) -> None:
    plans = await billing.plans()
    assert [(p.id, p.streams, p.max_height) for p in plans] == [
        ("basic", 1, 720),
        ("standard", 2, 1080),
        ("premium", 4, 2160),
    ]
    prices = [p.price.minor for p in plans]
    assert prices == sorted(prices)
    for plan in plans:
        assert KeyLabel.AUDIO in plan.key_labels
        assert KeyLabel.of_height(plan.max_height) in plan.key_labels
        assert (KeyLabel.UHD in plan.key_labels) == (plan.max_height > 1080)


async def test_an_account_begins_on_the_standard_plan(billing: Billing) -> None:
    begun = await billing.subscription(ADA)
    assert begun.state is SubscriptionState.ACTIVE
    assert begun.plan is not None
    assert begun.plan.id == "standard"
    assert begun.may_watch
    assert await billing.subscription(ADA) == begun


async def test_a_plan_can_be_changed_and_stays_changed(billing: Billing) -> None:
    await billing.subscription(ADA)
    changed = await billing.subscribe(ADA, "premium")
    assert changed.plan is not None
    assert changed.plan.streams == 4
    assert await billing.subscription(ADA) == changed
    with pytest.raises(NoSuchPlan):
        await billing.subscribe(ADA, "platinum")
    assert await billing.subscription(ADA) == changed


async def test_how_several_accounts_stand(billing: Billing) -> None:
    await billing.subscribe(ADA, "premium")
    unknown = AccountId("acc_unknown")
    ada, nobody = await billing.subscriptions([ADA, unknown])
    assert (ada.account_id, ada.plan and ada.plan.id) == (ADA, "premium")
    assert (nobody.account_id, nobody.state) == (unknown, SubscriptionState.NONE)
    assert await billing.subscriptions([]) == []
    with pytest.raises(Invalid):
        await billing.subscriptions([ADA] * 101)


async def test_who_may_watch_in_which_state(billing: Billing) -> None:
    may = {
        state: (await billing.set_state(ADA, state)).may_watch
        for state in (
            SubscriptionState.PAST_DUE,
            SubscriptionState.CANCELLED,
            SubscriptionState.ACTIVE,
            SubscriptionState.NONE,
        )
    }
    assert may == {"past-due": True, "cancelled": False, "active": True, "none": False}
    assert not (await billing.subscription(ADA)).may_watch
    assert (await billing.subscribe(ADA, "basic")).may_watch


async def test_asking_at_once_starts_one_subscription(billing: Billing) -> None:
    found = await asyncio.gather(*[billing.subscription(ADA) for _ in range(10)])
    assert len({s.plan.id for s in found if s.plan}) == 1


async def test_without_a_first_plan_there_is_none(open_sqlite: OpenRows) -> None:
    rows = await open_sqlite("billing")
    ledger = RowsBilling(rows=rows, settings=BillingSettings(first_plan=""))
    assert (await ledger.subscription(ADA)).state is SubscriptionState.NONE
    with pytest.raises(NoSubscription):
        await ledger.set_state(ADA, SubscriptionState.PAST_DUE)


async def test_a_first_plan_that_does_not_exist_is_refused_at_start(open_sqlite: OpenRows) -> None:
    rows = await open_sqlite("billing")
    with pytest.raises(NoSuchPlan):
        RowsBilling(rows=rows, settings=BillingSettings(first_plan="platinum"))


async def test_an_account_that_was_opened_is_heard_of(open_sqlite: OpenRows, data: Path) -> None:
    billing_rows = await open_sqlite("billing")
    identity_rows = await open_sqlite("identity")
    notices = SocketNotices(folder=data / "notices")
    bus = RowsBus(
        rows=await open_sqlite("bus", migrations=["vitascope.engines.bus.log_migrations"]),
        notices=notices,
        clock=SystemClock(),
        settings=BusSettings(hold_s=3600.0),
    )
    outbox = bus.outbox("identity", identity_rows)
    ledger = RowsBilling(rows=billing_rows)
    await ledger.subscribe(AccountId("acc_bo"), "premium")
    listen(bus, ledger)
    running = asyncio.create_task(bus.run())

    async def announce(account_id: str) -> None:
        event = AccountOpened(account_id=AccountId(account_id))
        await identity_rows.write(lambda connection: outbox.put(connection, event))

    for account_id in ("acc_bo", ADA):
        await announce(account_id)
    await bus.drain()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await notices.close()
    silent = RowsBilling(rows=billing_rows, settings=BillingSettings(first_plan=""))
    plans = [(await silent.subscription(AccountId(a))).plan for a in ("acc_bo", ADA)]
    assert [plan and plan.id for plan in plans] == ["premium", "standard"]
