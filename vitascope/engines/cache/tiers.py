"""The service's tiers: what is kept in the cache, and for how long."""

from vitascope.engines.cache.contract import Tier

_MINUTE = 60.0
_HOUR = 3600.0
_DAY = 86_400.0

HOME = Tier(name="home", soft_s=5 * _MINUTE, hard_s=1 * _HOUR)
"""A profile's prepared home page: which rows, which titles. Live signals are joined to it."""

POSITIONS = Tier(name="positions", soft_s=30 * _DAY, hard_s=30 * _DAY)
"""Where a profile stopped, by content. Written through with every report of progress."""

PACKAGES = Tier(name="packages", soft_s=24 * _HOUR, hard_s=48 * _HOUR)
"""Small files of published packages. They never change under their name."""

SUBSCRIPTIONS = Tier(name="subscriptions", soft_s=1 * _DAY, hard_s=1 * _DAY)
"""The plan last seen of each account, for when billing does not answer."""

EDGES = Tier(name="edges", soft_s=1 * _DAY, hard_s=1 * _DAY)
"""The edges last named, for when steering does not answer."""

GENERATIONS = Tier(name="generations", soft_s=30 * _DAY, hard_s=30 * _DAY, jitter=0)
"""Parts of other keys: see `generation.py`."""
