"""Filling before the first viewer: versions are pulled as they are published.

Only into room that is free: what viewers asked for is never evicted for what they may ask for.
"""

import structlog

from vitascope.edge.contract import NoSuchFile, Origin
from vitascope.edge.file_cache import FileCache, media_of
from vitascope.edge.fill import Filler
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.packages import PackageListing

log = structlog.get_logger(__name__)


class Prefiller:
    """Follows what the origin publishes."""

    def __init__(
        self, cache: FileCache, filler: Filler, origin: Origin, clock: Clock, every_s: float
    ) -> None:
        self._cache = cache
        self._filler = filler
        self._origin = origin
        self._clock = clock
        self._every_s = every_s
        self._after = 0

    async def run(self) -> None:
        """Fill until cancelled. What the origin does not give is tried again later."""
        while True:
            try:
                await self.catch_up()
            except (VitascopeError, OSError) as error:
                log.warning("edge.not_prefilled", why=str(error) or type(error).__name__)
            await self._clock.sleep(self._every_s)

    async def catch_up(self) -> None:
        """Fill all that was published since the last time. Raises what the origin raises."""
        more = True
        while more:
            page = await self._origin.published(self._after)
            for prefix in page.prefixes:
                await self.fill(prefix)
            self._after, more = page.upto, page.more

    async def fill(self, prefix: str) -> None:
        """Hold a version whole, if there is room for it without evicting anything."""
        try:
            package = self._cache.package(prefix) or await self._origin.package(prefix)
        except NoSuchFile:
            return  # taken down meanwhile
        missing = [name for name in _in_order(package) if not self._cache.holds(prefix, name)]
        if not self._cache.has_room(sum(package.files[name].size for name in missing)):
            log.info("edge.no_room_to_prefill", prefix=prefix, bytes=package.size)
            return
        await self._cache.keep_package(package)
        for name in missing:
            await self._filler.fill(prefix, name, package.files[name])


def _in_order(package: PackageListing) -> list[str]:
    """Sound and pictures first: with them the version counts as held."""
    media = media_of(package)
    return [*media, *(name for name in package.files if name not in media)]
