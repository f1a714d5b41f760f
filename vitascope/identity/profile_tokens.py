"""Profile tokens: for which profile a tab acts, shown at its next refresh.

The tabs of a browser are one device with one refresh token, and each may act for another profile.
A token is the profile's id with a MAC over it and the device. So it tells that this profile was
chosen on this device, with the PIN where there is one; without the device's refresh token it is
worth nothing.
"""

import base64
import hashlib
import hmac

from vitascope.kernel.ids import DeviceId, ProfileId

PREFIX = "vpt_"


def written(secret: bytes, device_id: DeviceId, profile_id: ProfileId) -> str:
    said = f"profile {device_id} {profile_id}".encode()
    mac = base64.urlsafe_b64encode(hmac.new(secret, said, hashlib.sha256).digest())
    return f"{PREFIX}{profile_id}.{mac.rstrip(b'=').decode()}"


def read(secret: bytes, device_id: DeviceId, token: str) -> ProfileId | None:
    """Returns None for what was not written for this device."""
    profile_id = ProfileId(token.removeprefix(PREFIX).partition(".")[0])
    expected = written(secret, device_id, profile_id)
    return profile_id if hmac.compare_digest(expected.encode(), token.encode()) else None
