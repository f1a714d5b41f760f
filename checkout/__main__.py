"""`python -m checkout`: what `./vita` runs."""

import asyncio

from checkout.commands import bench, check, openapi, test
from checkout.web import build_web, web_is_fresh
from vitascope.cli import main
from vitascope.operations.up import Display


async def build(display: Display) -> None:
    """Build the web app while the service starts, unless it is fresh."""
    if await asyncio.to_thread(web_is_fresh):
        return
    name = "Building the web app"
    display.step(name, 0, 0)
    loop = asyncio.get_running_loop()

    def say(sentence: str) -> None:
        loop.call_soon_threadsafe(display.step, name, 0, 0, sentence)

    await asyncio.to_thread(build_web, say)
    display.step(name, 1, 1)


if __name__ == "__main__":
    main(more={"For contributors": (test, check, bench, openapi)}, meanwhile=build)
