"""What an operator sees and does about events that could not be handled.

Each group of handlers follows the news of the service. An event that its handler refused again and
again is kept aside, with the error, until somebody replays it after the cause is mended.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody

from vitascope.client import DeadEvent, Replay, Replayed
from vitascope.engines.bus import DeadLetter, DeadLetters, NoSuchDeadLetter
from vitascope.engines.http import AnyRequest, RoleNeeded, SomeId, refusals, require
from vitascope.kernel.viewer import Role


def routes(letters: DeadLetters) -> Router:
    @get(
        "/events/dead",
        summary="Events that could not be handled, by group, oldest first",
        operation_id="DeadEvents",
        responses=refusals(RoleNeeded),
    )
    async def dead(
        request: AnyRequest, group: SomeId = None, limit: FromQuery[int] = 100
    ) -> Sequence[DeadEvent]:
        require(request, Role.OPERATOR)
        found = await letters.dead_letters(group, limit=max(1, min(limit, 1000)))
        return [_dead_event(letter) for letter in found]

    @post(
        "/events/replay",
        summary="Offer events to their group again",
        operation_id="ReplayEvents",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchDeadLetter),
    )
    async def replay(request: AnyRequest, data: JSONBody[Replay]) -> Replayed:
        require(request, Role.OPERATOR)
        if data.id is None:
            return Replayed(count=await letters.replay_all(data.group))
        await letters.replay(data.group, data.id)
        return Replayed(count=1)

    return Router("/api/console", route_handlers=[dead, replay], tags=["events"])


def _dead_event(letter: DeadLetter) -> DeadEvent:
    envelope = letter.envelope
    return DeadEvent(
        group=letter.group,
        id=envelope.id,
        type=envelope.type,
        key=envelope.key,
        announced_at_ms=envelope.at_ms,
        given_up_at_ms=letter.at_ms,
        attempts=letter.attempts,
        error=letter.error,
        event=msgspec.json.decode(envelope.body, type=dict[str, Any]),
    )
