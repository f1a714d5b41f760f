"""From pressing play to stopping."""

from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.billing import Billing
from vitascope.catalog import Catalog
from vitascope.licensing import Licensing
from vitascope.playback import jobs
from vitascope.playback.live import LivePlayback
from vitascope.steering import Steering
from vitascope.viewing import Viewing


async def provide(
    engines: Engines,
    *,
    billing: Billing,
    catalog: Catalog,
    viewing: Viewing,
    licensing: Licensing,
    steering: Steering,
) -> Offer:
    playback = LivePlayback(
        rows=await engines.rows("playback"),
        leases=await engines.leases(),
        cache=engines.cache,
        blobs=engines.blobs,
        billing=billing,
        catalog=catalog,
        viewing=viewing,
        licensing=licensing,
        steering=steering,
        clock=engines.clock,
        settings=engines.settings.playback,
        ring=await engines.path_keys(),
        session_key=await engines.secrets.get_or_make("sessions"),
        metrics=engines.metrics,
    )
    jobs.listen(await engines.bus(), playback)
    return Offer(
        contracts={"playback": playback, "ended_sessions": playback},
        tasks=(playback.run,),
    )
