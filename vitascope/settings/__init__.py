"""One TOML file plus the environment, composed of the settings of every domain.

A setting is a documented field of a frozen struct; its section is the name of the domain. Where a
value comes from, the last one wins: the default, the file, then the environment, in which
`[playback] heartbeat_s` is written `VITASCOPE_PLAYBACK__HEARTBEAT_S`. A wrong one is refused by
name before anything starts.
"""

from vitascope.settings.installation import (
    DiscoverySettings,
    EngineSettings,
    ServiceSettings,
    WireSettings,
)
from vitascope.settings.loading import BadSettings, load
from vitascope.settings.sections import Settings, inner_address, sections
from vitascope.settings.showing import documentation, shown, without_secrets

__all__ = [
    "BadSettings",
    "DiscoverySettings",
    "EngineSettings",
    "ServiceSettings",
    "Settings",
    "WireSettings",
    "documentation",
    "inner_address",
    "load",
    "sections",
    "shown",
    "without_secrets",
]
