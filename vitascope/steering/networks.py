"""Which network an address belongs to, by an operator's table of prefixes."""

import ipaddress
from collections import defaultdict
from collections.abc import Mapping, Sequence

from vitascope.kernel.errors import Invalid

Prefixes = dict[int, str]  # the first bits of an address, to the network's name


class NetworkTable:
    """The longest prefix decides. An address costs one look-up for each length of prefix that the
    table has."""

    def __init__(self, networks: Mapping[str, Sequence[str]]) -> None:
        """`networks` are prefixes such as `192.0.2.0/24` by a network's name. Raises `Invalid`."""
        self._by_length: defaultdict[tuple[int, int], Prefixes] = defaultdict(dict)
        for name, prefixes in networks.items():
            for prefix in prefixes:
                self._add(name, prefix)
        self._lengths = sorted(self._by_length, reverse=True)

    def __call__(self, address: str) -> str | None:
        """Returns None when no prefix of the table covers the address, or it is none."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return None
        for version, length in self._lengths:
            if version == parsed.version:
                bits = int(parsed) >> (parsed.max_prefixlen - length)
                found = self._by_length[version, length].get(bits)
                if found is not None:
                    return found
        return None

    def _add(self, name: str, prefix: str) -> None:
        try:
            network = ipaddress.ip_network(prefix)
        except ValueError as error:
            raise Invalid(
                f"[steering.networks] {name} cannot have {prefix!r}: give prefixes such as "
                f"192.0.2.0/24 or 2001:db8::/32 ({error})."
            ) from None
        bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        self._by_length[network.version, network.prefixlen][bits] = name
