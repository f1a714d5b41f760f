"""Whom to count together when somebody asks too often."""

import ipaddress


def network_of(address: str) -> str:
    """Returns an IPv4 address as it is, and of an IPv6 address the /64, which one household has
    whole; what is no address stays as it is."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if read.version == 4:
        return str(read)
    mapped = read.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(read) >> 64 << 64, 64)))
