"""What an operator may decide about uploads."""

import msgspec


class IngestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Masters from partners."""

    max_upload_gib: float = 500.0
    """The largest master that is taken, in GiB."""

    quota_gib: float = 2000.0
    """What a partner may hold in all: masters, and the declared sizes of uploads under way."""

    quotas_gib: dict[str, float] = {}
    """Quotas of single partners, by account id; the others have `quota_gib`."""

    keep_free_gib: float = 1.0
    """Uploads are refused that would leave the data folder's disk with less than this."""

    expire_h: float = 168.0
    """An upload that nobody has added to for this many hours is removed."""

    sync_mib: float = 8.0
    """While a part arrives, after every so many MiB what came is made to survive a power cut."""

    silence_s: float = 30.0
    """A connection that sends nothing for this long is given up; what it sent is kept."""

    takeover_s: float = 3.0
    """A new request for an upload may take over from one that has been silent for this long."""

    answer_s: float = 2.0
    """The last byte of an upload is answered after this at the latest; what is still to be hashed
    then (only after a restart) is hashed while nobody waits."""
