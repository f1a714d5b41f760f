"""By which addresses and names other machines of the network reach this one."""

import contextlib
import ipaddress
import re
import socket

import psutil  # type: ignore[import-untyped]

# Bridges and tunnels of other programs: what is behind them is rarely a phone.
_UNLIKELY = re.compile(r"docker|br-|veth|virbr|vbox|vmnet|cni|flannel|tun|tap|wg|utun|tailscale")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_FAR_AWAY = ("192.0.2.1", 9)  # of no network (RFC 5737): a way to it is the way to everything


def local_addresses() -> list[str]:
    """Returns this machine's IPv4 addresses, that by which it reaches other networks first."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    found = [
        (bool(_UNLIKELY.match(name)), each.address)
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family == socket.AF_INET and _is_reachable(each.address)
    ]
    first = _way_out()
    ordered = sorted(found, key=lambda one: (one[1] != first, one[0]))
    return list(dict.fromkeys(address for _, address in ordered))


def local_names() -> list[str]:
    """Returns this machine's names: `localhost`, its own, and the one that finds it in a network
    without a name server (mDNS)."""
    own = socket.gethostname().partition(".")[0].lower()
    return ["localhost", *([own, f"{own}.local"] if _HOST.fullmatch(own) else [])]


def is_loopback(host: str) -> bool:
    """Returns True for a host that other machines cannot reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_reachable(address: str) -> bool:
    known = ipaddress.ip_address(address)
    return not (known.is_loopback or known.is_link_local or known.is_unspecified)


def _way_out() -> str:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_FAR_AWAY)  # sends nothing
        address: str = probe.getsockname()[0]
        return address
    return ""
