"""Content keys and licences."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.licensing.rows_licensing import RowsLicensing


async def provide(engines: Engines) -> Offer:
    vault = RowsLicensing(
        rows=await engines.rows("licensing"),
        secrets=engines.secrets,
        clock=engines.clock,
        settings=engines.settings.licensing,
    )
    return Offer(contracts={"licensing": vault})
