"""Distinct types for what is named by an id.

An id is a short prefix that tells a reader what it names, an underscore, and 26 characters of
Crockford base 32 that sort by the time of making (a ULID: 48 bits of milliseconds, 80 random bits).
"""

import os
import time
from typing import NewType

AccountId = NewType("AccountId", str)  # acc_
ProfileId = NewType("ProfileId", str)  # pro_
DeviceId = NewType("DeviceId", str)  # dev_
TitleId = NewType("TitleId", str)  # ttl_  a film or a series
SeasonId = NewType("SeasonId", str)  # sea_
EpisodeId = NewType("EpisodeId", str)  # epi_
ContentId = NewType(
    "ContentId", str
)  # what one can press play on: a film's TitleId or an EpisodeId
AssetId = NewType("AssetId", str)  # ast_  all that is needed to play one film or episode
PersonId = NewType("PersonId", str)  # per_
UploadId = NewType("UploadId", str)  # upl_
MasterId = NewType("MasterId", str)  # mas_
JobId = NewType("JobId", str)  # job_  one run of the publishing pipeline
SessionId = NewType("SessionId", str)  # ses_  one playback session
KeyId = NewType("KeyId", str)  # 32 hex digits, as CENC wants it
EdgeId = NewType("EdgeId", str)  # the name an operator gave: edge-a

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """Returns a fresh id such as `ttl_01k9...`; ids made later sort later, to the millisecond."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    digits = [_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"
