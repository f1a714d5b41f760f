"""What playback does on news from below."""

from vitascope.engines.bus import Bus
from vitascope.identity import AccountSignedOut
from vitascope.kernel.events import Envelope, Event
from vitascope.playback.live import LivePlayback


def listen(bus: Bus, playback: LivePlayback) -> None:
    """End what an account plays when its devices are signed out."""

    async def signed_out(event: Event, _envelope: Envelope) -> None:
        assert isinstance(event, AccountSignedOut)
        await playback.end_account(event.account_id, but=event.kept_device_id)

    bus.subscribe("playback", [AccountSignedOut], signed_out)
