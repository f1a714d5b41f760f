"""Plans, subscriptions and entitlements, as data."""

from vitascope.billing.contract import (
    Billing,
    NoSubscription,
    NoSuchPlan,
    Plan,
    Subscription,
    SubscriptionState,
)

__all__ = [
    "Billing",
    "NoSubscription",
    "NoSuchPlan",
    "Plan",
    "Subscription",
    "SubscriptionState",
]
