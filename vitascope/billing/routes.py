"""Plans and subscriptions over HTTP, and the account page, which shows one beside the other."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, put
from litestar.params import JSONBody

from vitascope.billing.contract import (
    Billing,
    NoSubscription,
    NoSuchPlan,
    Plan,
    Subscription,
    SubscriptionState,
)
from vitascope.engines.http import IdList, ProfileNeeded, RoleNeeded, principal, refusals, require
from vitascope.identity import Account, Identity, Profile
from vitascope.kernel.bounds import ID
from vitascope.kernel.errors import Forbidden, Invalid, NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Role

AnyRequest = Request[Any, Any, Any]


class PlanChoice(msgspec.Struct, frozen=True, kw_only=True):
    plan_id: Annotated[str, ID]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as which profile, on which plan."""

    account: Account
    profile: Profile | None
    subscription: Subscription


def routes(billing: Billing, identity: Identity) -> Router:
    async def payer(request: AnyRequest) -> AccountId:
        """Returns the account whose plan may be changed. Raises `Forbidden`, `ProfileNeeded`."""
        who = principal(request)
        await identity.check_manager(who)
        return who.account_id

    @get("/plans")
    async def plans() -> list[Plan]:
        """The plans there are, cheapest first."""
        return await billing.plans()

    @get("/subscription")
    async def subscription(request: AnyRequest) -> Subscription:
        """The account's plan and how it stands."""
        return await billing.subscription(principal(request).account_id)

    @put("/subscription", responses=refusals(Forbidden, ProfileNeeded, NoSuchPlan))
    async def subscribe(request: AnyRequest, data: JSONBody[PlanChoice]) -> Subscription:
        """Choose or change the plan."""
        return await billing.subscribe(await payer(request), data.plan_id)

    @delete(
        "/subscription",
        status_code=200,
        responses=refusals(Forbidden, ProfileNeeded, NoSubscription),
    )
    async def cancel(request: AnyRequest) -> Subscription:
        """Cancel the plan. Nothing can be played from then on; choosing a plan begins again."""
        return await billing.set_state(await payer(request), SubscriptionState.CANCELLED)

    @get("/me", responses=refusals(NotFound))
    async def me(request: AnyRequest) -> Me:
        """Who is signed in, as which profile, on which plan."""
        who = principal(request)
        profile_id = who.viewer.profile_id if who.viewer else None
        profiles = await identity.profiles(who.account_id) if profile_id else []
        return Me(
            account=await identity.account(who.account_id),
            profile=next((p for p in profiles if p.id == profile_id), None),
            subscription=await billing.subscription(who.account_id),
        )

    @get(
        "/console/subscriptions",
        operation_id="Subscriptions",
        summary="Plans of some accounts, for operators",
        responses=refusals(RoleNeeded, Invalid),
        tags=["operator"],
    )
    async def subscriptions(request: AnyRequest, account_id: IdList = None) -> list[Subscription]:
        """Returns them in the order asked for. `account_id` may be given up to 100 times."""
        require(request, Role.OPERATOR)
        return await billing.subscriptions([AccountId(each) for each in account_id or ()])

    handlers = [plans, subscription, subscribe, cancel, me, subscriptions]
    return Router("/api", route_handlers=handlers, tags=["Account"])
