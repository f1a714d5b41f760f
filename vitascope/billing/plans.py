"""The plans, as data. A cap is a withheld key, so a plan lists the keys it opens."""

from vitascope.billing.contract import NoSuchPlan, Plan
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.money import Money

_SD = (KeyLabel.AUDIO, KeyLabel.SD)
_HD = (*_SD, KeyLabel.HD)
_FHD = (*_HD, KeyLabel.FHD)
_UHD = (*_FHD, KeyLabel.UHD)


def plans_in(currency: str) -> dict[str, Plan]:
    """Returns the plans by id, cheapest first. Each cap is one of the heights at which a class of
    keys ends, so that no plan is given a key that opens more than it may show."""
    plans = (
        Plan(
            id="basic",
            name="Basic",
            streams=1,
            max_height=720,
            key_labels=_HD,
            price=Money(minor=599, currency=currency),
        ),
        Plan(
            id="standard",
            name="Standard",
            streams=2,
            max_height=1080,
            key_labels=_FHD,
            price=Money(minor=1099, currency=currency),
        ),
        Plan(
            id="premium",
            name="Premium",
            streams=4,
            max_height=2160,
            key_labels=_UHD,
            price=Money(minor=1699, currency=currency),
        ),
    )
    return {plan.id: plan for plan in plans}


def named(plans: dict[str, Plan], plan_id: str) -> Plan:
    """Raises `NoSuchPlan`."""
    found = plans.get(plan_id)
    if found is None:
        raise NoSuchPlan(f"There is no plan called {plan_id!r}: choose {', '.join(plans)}.")
    return found
