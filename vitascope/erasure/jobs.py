"""Hearing that a profile was removed, and asking every domain to forget it."""

from collections.abc import Mapping
from typing import Protocol

from vitascope.engines.bus import Bus, Handler
from vitascope.identity import ProfileRemoved
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import ProfileId


class Remembers(Protocol):
    """What a domain that keeps something of profiles offers."""

    async def forget_profile(self, profile_id: ProfileId) -> None:
        """Erase it, for good. Harmless when repeated."""
        ...


def follow_profiles(bus: Bus, domains: Mapping[str, Remembers]) -> None:
    """Ask every domain to forget a removed profile. Each hears for itself, so that one that is down
    does not keep the others waiting: it is asked again until it has answered, and where it never
    does that is a dead letter."""
    for name, domain in domains.items():
        bus.subscribe(f"erasure-{name}", (ProfileRemoved,), _erasing(domain))


def _erasing(domain: Remembers) -> Handler:
    async def hear(event: Event, _: Envelope) -> None:
        if isinstance(event, ProfileRemoved):
            await domain.forget_profile(event.profile_id)

    return hear
