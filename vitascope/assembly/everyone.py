"""A contract of every process that answers for it, for what is told to all of them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from vitascope.engines.discovery import Discovery
from vitascope.engines.wire import Line

T = TypeVar("T")


class Everyone(Generic[T]):
    """Asked again, it knows the processes that came and went since."""

    def __init__(
        self,
        part: str,
        discovery: Discovery,
        *,
        connect: Callable[[str], Line],
        dial: Callable[[Line], Awaitable[T]],
    ) -> None:
        self._part = part
        self._discovery = discovery
        self._connect = connect
        self._dial = dial
        self._known: dict[str, tuple[Line, T]] = {}
        self._retired: list[Line] = []

    async def now(self) -> Mapping[str, T]:
        """Returns the contract by the URL of each process that is not about to stop. Raises
        `Unavailable` when nobody can say which there are."""
        found = await self._discovery.instances(self._part)
        urls = {one.url for one in found if not one.draining}
        await self._retire(self._known.keys() - urls)
        for url in urls - self._known.keys():
            line = self._connect(url)
            self._known[url] = line, await self._dial(line)
        return {url: contract for url, (_, contract) in self._known.items()}

    async def _retire(self, gone: set[str]) -> None:
        """Close the lines to processes that are gone, once nothing is asked over them."""
        self._retired += [self._known.pop(url)[0] for url in gone]
        for line in [line for line in self._retired if not line.in_flight]:
            self._retired.remove(line)
            await line.close()

    async def close(self) -> None:
        for line in [*(line for line, _ in self._known.values()), *self._retired]:
            await line.close()
        self._known.clear()
        self._retired.clear()
