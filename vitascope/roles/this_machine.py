"""Where the rest of the service is for a process of this machine, and what `up` tells those that
it starts.
"""

import os
from pathlib import Path

import msgspec

from vitascope.assembly.reach import edges_started
from vitascope.settings import DiscoverySettings, Settings, inner_address


def tell_children(settings: Settings, data: Path) -> None:
    """Say in the environment what the processes that `up` starts must know."""
    service, tls = settings.service, settings.tls
    os.environ["VITASCOPE_SERVICE__DATA"] = str(data)
    os.environ["VITASCOPE_SERVICE__HOST"] = service.host
    os.environ["VITASCOPE_SERVICE__PORT"] = str(service.port)
    os.environ["VITASCOPE_TLS__PORT"] = str(tls.port)
    edges = [(name, url) for name, *urls in edges_started(settings) for url in urls if url]
    if not settings.playback.fallback_edges:
        named = ",".join(f"{name}={url}" for name, url in edges)
        os.environ["VITASCOPE_PLAYBACK__FALLBACK_EDGES"] = named
    origins = (*settings.gateway.edge_origins, *(url for _, url in edges))
    os.environ["VITASCOPE_GATEWAY__EDGE_ORIGINS"] = ",".join(origins)
    os.environ["VITASCOPE_WIRE__API"] = at_home(settings).wire.api


def at_home(settings: Settings) -> Settings:
    """Returns `settings`, in which the rest of the service is on this machine unless they say
    otherwise."""
    if settings.wire.api or settings.discovery != DiscoverySettings():
        return settings
    host, port = inner_address(settings)
    home = msgspec.structs.replace(settings.wire, api=f"http://{_reachable(host)}:{port}")
    return msgspec.structs.replace(settings, wire=home)


def _reachable(host: str) -> str:
    """Returns an address at which a listener of `host` answers on this machine."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
