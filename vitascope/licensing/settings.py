"""Which keys protect the keys."""

import msgspec


class LicensingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content keys and licence tokens."""

    kek_id: str = "1"
    """Key-encryption key under which new content keys are wrapped: the secret `licensing-kek-ID`.
    Older ones stay readable by the id kept beside them."""

    token_key_ids: tuple[str, ...] = ("1",)
    """Signing keys of licence tokens (secrets `licence-token-ID`). The first signs, all verify."""
