"""Access tokens: JWTs signed with Ed25519 that say all a request needs, so that reading one asks
no database.

The signing keys are derived (HKDF-SHA256) from one secret and the number of the month, so that
every process has the same ones and rotation needs no ceremony: each period has its key, and the
tokens of the period before stay readable until they expire. `kid` is `<fingerprint>.<period>`: a
token of another installation is told by it at once. Replacing the secret ends all sessions' tokens.
"""

import base64
from collections import OrderedDict

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OKPKey

from vitascope.identity.contract import Profile, TokenRefused
from vitascope.kernel.clock import Clock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Principal, Role, Viewer

ALGORITHM = "Ed25519"  # EdDSA over Curve25519, by its fully specified name (RFC 9864)
ISSUER = "vitascope"
REMEMBERED = 4096  # tokens whose signature was checked already

_REFUSED = "This access token is invalid or expired. Refresh it or sign in again."


class _ProfileClaim(msgspec.Struct, frozen=True):
    id: ProfileId
    country: Country
    maturity: Maturity
    kids: bool
    locale: str


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    iss: str
    sub: AccountId
    device: DeviceId
    role: Role
    iat: int
    exp: int
    profile: _ProfileClaim | None = None


class AccessTokens:
    def __init__(self, secret: bytes, clock: Clock, *, lifetime_s: int, key_days: int) -> None:
        self._secret = secret
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._period_ms = key_days * 86_400_000
        self._fingerprint = _derived(secret, "fingerprint")[:6].hex()
        self._keys: dict[int, OKPKey] = {}
        self._read: OrderedDict[str, tuple[Principal, int]] = OrderedDict()

    @property
    def lifetime_s(self) -> int:
        return self._lifetime_s

    def write(
        self,
        account_id: AccountId,
        device_id: DeviceId,
        role: Role,
        country: Country,
        profile: Profile | None,
    ) -> str:
        now_s = self._clock.now_ms() // 1000
        period = self._period()
        claims = _Claims(
            iss=ISSUER,
            sub=account_id,
            device=device_id,
            role=role,
            iat=now_s,
            exp=now_s + self._lifetime_s,
            profile=_claim(country, profile),
        )
        header = {"alg": ALGORITHM, "kid": f"{self._fingerprint}.{period}"}
        said = msgspec.to_builtins(claims)
        return jwt.encode(header, said, self._key(period), algorithms=[ALGORITHM])

    def read(self, token: str) -> Principal:
        """Raises `TokenRefused`."""
        now_s = self._clock.now_ms() // 1000
        known = self._read.get(token)
        if known is None:
            known = self._checked(token)
            self._remember(token, known)
        principal, expires_s = known
        if now_s >= expires_s:
            raise TokenRefused(_REFUSED)
        return principal

    def _checked(self, token: str) -> tuple[Principal, int]:
        try:
            decoded = jwt.decode(token, self._key_for, algorithms=[ALGORITHM])
            claims = msgspec.convert(decoded.claims, _Claims)
            canonical = _is_canonical(token)
        except (JoseError, ValueError, msgspec.ValidationError) as error:
            raise TokenRefused(_REFUSED) from error
        if not canonical or claims.iss != ISSUER or claims.iat > self._clock.now_ms() // 1000 + 60:
            raise TokenRefused(_REFUSED)
        return _principal(claims), claims.exp

    def _key_for(self, token: GuestProtocol) -> OKPKey:
        """By the header's `kid`, which may name this period, its neighbours, and nothing else."""
        kid = str(token.headers().get("kid"))
        fingerprint, _, number = kid.partition(".")
        now = self._period()
        periods = {str(period): period for period in (now - 1, now, now + 1)}
        if fingerprint != self._fingerprint or number not in periods:
            raise TokenRefused(_REFUSED)
        return self._key(periods[number])

    def _remember(self, token: str, known: tuple[Principal, int]) -> None:
        self._read[token] = known
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)

    def _period(self) -> int:
        return self._clock.now_ms() // self._period_ms

    def _key(self, period: int) -> OKPKey:
        if period not in self._keys:
            seed = _derived(self._secret, f"access-token-{period}")
            self._keys[period] = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
        return self._keys[period]


def _claim(country: Country, profile: Profile | None) -> _ProfileClaim | None:
    if profile is None:
        return None
    return _ProfileClaim(profile.id, country, profile.maturity, profile.kids, profile.locale)


def _principal(claims: _Claims) -> Principal:
    return Principal(
        account_id=claims.sub, device_id=claims.device, role=claims.role, viewer=_viewer(claims)
    )


def _viewer(claims: _Claims) -> Viewer | None:
    chosen = claims.profile
    if chosen is None:
        return None
    return Viewer(
        account_id=claims.sub,
        profile_id=chosen.id,
        device_id=claims.device,
        country=chosen.country,
        maturity=chosen.maturity,
        kids=chosen.kids,
        locale=chosen.locale,
    )


def _is_canonical(token: str) -> bool:
    """The last letter of a signature has bits that mean nothing: only one spelling is taken."""
    spelt = token.rpartition(".")[2]
    raw = base64.urlsafe_b64decode(spelt + "=" * (-len(spelt) % 4))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == spelt


def _derived(secret: bytes, purpose: str) -> bytes:
    hkdf = HKDF(hashes.SHA256(), 32, salt=None, info=f"vitascope {purpose}".encode())
    return hkdf.derive(secret)
