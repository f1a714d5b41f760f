"""Forgetting a removed profile everywhere. A domain that begins to remember profiles is added to
what this needs."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.erasure import jobs
from vitascope.recommend import Recommend
from vitascope.viewing import Viewing


async def provide(engines: Engines, *, viewing: Viewing, recommend: Recommend) -> Offer:
    domains: dict[str, jobs.Remembers] = {"viewing": viewing, "recommend": recommend}
    jobs.follow_profiles(await engines.bus(), domains)
    return Offer()
