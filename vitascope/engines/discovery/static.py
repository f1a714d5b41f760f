"""Discovery by a list in the settings.

    our part        a key of the list; `*` stands for every part that has no key
    its processes   the URLs under that key

Costs nothing, and changes with a restart. A process of the list that does not answer is left alone
by its callers until it says that it is ready.
"""

from collections.abc import Mapping, Sequence

from vitascope.engines.discovery.contract import Instance

ANY = "*"


class StaticDiscovery:
    """Implements `Discovery`."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._addresses = addresses

    async def instances(self, part: str) -> tuple[Instance, ...]:
        urls = self._addresses.get(part) or self._addresses.get(ANY, ())
        return tuple(Instance(url=url.rstrip("/")) for url in urls)
