"""What is kept, and for how long: what docs/engines/cache.md promises."""

import re
from pathlib import Path

from vitascope.engines.cache import tiers
from vitascope.engines.cache.contract import Tier

PAGE = Path(__file__).parents[3] / "docs" / "engines" / "cache.md"
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


def seconds(said: str) -> float:
    count, unit = said.split()
    return int(count) * SECONDS[unit.rstrip("s")]


def test_every_tier_has_the_lifetimes_that_its_page_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \| ([\w ]+) \|", PAGE.read_text(), re.MULTILINE)
    promised = {name: (seconds(fresh), seconds(kept)) for name, fresh, kept in rows}
    there = [value for value in vars(tiers).values() if isinstance(value, Tier)]
    assert promised == {tier.name: (tier.soft_s, tier.hard_s) for tier in there}
    assert promised["home"] == (300, 3600)
    assert promised["positions"] == (30 * 86_400, 30 * 86_400)
