"""Discovery by DNS, as Kubernetes' headless services and Consul answer it.

    our part        {part} in the name: `vitascope-{part}.media.svc.cluster.local`
    its processes   the addresses under that name, all with the same port; or, of a name that begins
                    with `_` (`_wire._tcp.vitascope-{part}.media.svc.cluster.local`), its SRV
                    records, each with a host and a port of its own

Addresses come from the system's resolver (`/etc/hosts` counts), SRV records from dnspython, which
needs the extra `dns`. A name that is not known is a part that nobody runs. Kubernetes takes a pod
that is not ready out of the answer: let the probe ask `/readyz`.
"""

import asyncio
import socket
from typing import TYPE_CHECKING

from vitascope.engines.discovery.contract import Instance
from vitascope.kernel.errors import Unavailable

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

_UNKNOWN = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class DnsDiscovery:
    """Implements `Discovery`."""

    def __init__(
        self, name: str, *, port: int, scheme: str = "http", resolver: "Resolver | None" = None
    ) -> None:
        """`name` has {part} in it; `port` is that of processes found by their addresses.
        `resolver` asks for SRV records; by default the system's name servers."""
        self._name = name
        self._port = port
        self._scheme = scheme
        self._resolver = resolver

    async def instances(self, part: str) -> tuple[Instance, ...]:
        name = self._name.format(part=part)
        found = await (self._services(name) if name.startswith("_") else self._addresses(name))
        urls = sorted({f"{self._scheme}://{host}:{port}" for host, port in found})
        return tuple(Instance(url=url) for url in urls)

    async def _addresses(self, name: str) -> list[tuple[str, int]]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(name, self._port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno in _UNKNOWN:
                return []
            raise Unavailable(f"The name {name} cannot be looked up: {error.strerror}.") from error
        return [(_host(str(address[0])), self._port) for *_, address in found]

    async def _services(self, name: str) -> list[tuple[str, int]]:
        import dns.asyncresolver
        import dns.exception
        import dns.resolver

        resolver = self._resolver or dns.asyncresolver.Resolver()
        try:
            answer = await resolver.resolve(name, "SRV", lifetime=2.0)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise Unavailable(f"The name {name} cannot be looked up: {error}.") from error
        return [(record.target.to_text(omit_final_dot=True), record.port) for record in answer]


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
