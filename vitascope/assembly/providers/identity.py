"""Accounts, profiles, devices and tokens."""

from vitascope.assembly.adapters import mail_of
from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.identity.rows_identity import RowsIdentity


async def provide(engines: Engines) -> Offer:
    rows, outbox = await engines.announcing("identity")
    accounts = RowsIdentity(
        rows=rows,
        outbox=outbox,
        signing_secret=await engines.secrets.get_or_make("access-tokens"),
        refresh_secret=await engines.secrets.get_or_make("refresh-tokens"),
        clock=engines.clock,
        settings=engines.settings.identity,
        mail=mail_of(engines.settings),
        public_url=engines.settings.playback.public_url,
    )
    engines.stack.push_async_callback(accounts.close)
    return Offer(contracts={"identity": accounts})
