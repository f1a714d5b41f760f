"""A process that waits for a word and then makes 25 claims at once; tells how many were granted."""

import asyncio
import sys
from contextlib import AsyncExitStack

import msgspec

from tests.engines.leases.places import Place, open_leases
from vitascope.kernel.clock import HeldClock


async def main(place: Place, name: str) -> None:
    async with AsyncExitStack() as stack:
        leases = await open_leases(place, HeldClock(), stack)
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        claims = await asyncio.gather(
            *(leases.claim("acc_1", f"{name}_{n}", limit=2, ttl_s=60) for n in range(25))
        )
        say(str(sum(1 for claim in claims if claim.lease)))


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Place), sys.argv[2]))
