"""Plans and subscriptions over HTTP, and the account page, which shows one beside the other."""

from typing import Any

import msgspec
from litestar import Request, Router, get, put
from litestar.params import JSONBody

from vitascope.billing.contract import Billing, NoSuchPlan, Plan, Subscription
from vitascope.engines.http import principal, refusals
from vitascope.identity import Account, Identity, Profile
from vitascope.kernel.errors import Forbidden, NotFound
from vitascope.kernel.maturity import Maturity

AnyRequest = Request[Any, Any, Any]


class PlanChoice(msgspec.Struct, frozen=True, kw_only=True):
    plan_id: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in, as which profile, on which plan."""

    account: Account
    profile: Profile | None
    subscription: Subscription


def routes(billing: Billing, identity: Identity) -> Router:
    @get("/plans")
    async def plans() -> list[Plan]:
        """The plans there are, cheapest first."""
        return await billing.plans()

    @get("/subscription")
    async def subscription(request: AnyRequest) -> Subscription:
        """The account's plan and how it stands."""
        return await billing.subscription(principal(request).account_id)

    @put("/subscription", responses=refusals(Forbidden, NoSuchPlan))
    async def subscribe(request: AnyRequest, data: JSONBody[PlanChoice]) -> Subscription:
        """Choose or change the plan."""
        who = principal(request)
        if who.viewer and (who.viewer.kids or who.viewer.maturity < Maturity.EIGHTEEN):
            raise Forbidden("A restricted profile can't change the plan.")
        return await billing.subscribe(who.account_id, data.plan_id)

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

    return Router("/api", route_handlers=[plans, subscription, subscribe, me], tags=["Account"])
