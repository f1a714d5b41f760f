"""What billing does on news from below."""

from vitascope.billing.rows_billing import RowsBilling
from vitascope.engines.bus import Bus
from vitascope.identity import AccountOpened
from vitascope.kernel.events import Envelope, Event


def listen(bus: Bus, ledger: RowsBilling) -> None:
    """Start the first subscription of every account that is opened."""

    async def opened(event: Event, _envelope: Envelope) -> None:
        assert isinstance(event, AccountOpened)
        await ledger.start(event.account_id)

    bus.subscribe("billing", [AccountOpened], opened)
