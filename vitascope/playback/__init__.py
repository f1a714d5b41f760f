"""From pressing play to stopping: the grant, the manifest, the heartbeat."""

from vitascope.playback.contract import (
    Beat,
    BeatAnswer,
    Capabilities,
    DeviceUnsupported,
    LicenceGrant,
    ManifestUrls,
    PlayAnswer,
    Playback,
    PlayRequest,
    PlayState,
    SessionEnded,
    SteeringManifest,
    Stream,
    SubscriptionNeeded,
    Thumbnails,
    TooManyStreams,
)

__all__ = [
    "Beat",
    "BeatAnswer",
    "Capabilities",
    "DeviceUnsupported",
    "LicenceGrant",
    "ManifestUrls",
    "PlayAnswer",
    "PlayRequest",
    "PlayState",
    "Playback",
    "SessionEnded",
    "SteeringManifest",
    "Stream",
    "SubscriptionNeeded",
    "Thumbnails",
    "TooManyStreams",
]
