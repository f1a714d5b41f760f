"""The demo's passwords. On a machine that nobody else reaches they are known, so that one need not
look them up. Where others reach the service they are random, kept with the secrets and printed at
each start; known ones that are there from before are replaced.
"""

import secrets as random

import msgspec
import structlog

from vitascope.engines.secrets import Secrets
from vitascope.identity import DeviceDraft, DeviceKind, Identity, WrongCredentials
from vitascope.kernel.errors import NotFound

SECRET = "demo-sign-ins"

_log = structlog.get_logger("demo")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_HERE = "127.0.0.1"


class SignIn(msgspec.Struct, frozen=True):
    email: str
    password: str


class SignIns(msgspec.Struct, frozen=True, kw_only=True):
    viewer: SignIn
    partner: SignIn
    operator: SignIn
    known_replaced: bool = False  # no account has the known passwords any more

    @property
    def all(self) -> tuple[SignIn, ...]:
        return self.viewer, self.partner, self.operator


KNOWN = SignIns(
    viewer=SignIn("viewer@vitascope.example", "viewer-demo"),
    partner=SignIn("partner@vitascope.example", "partner-demo"),
    operator=SignIn("operator@vitascope.example", "operator-demo"),
)


async def sign_ins(secrets: Secrets, *, known: bool) -> SignIns:
    """Returns the demo's sign-ins: those that were made once, and otherwise the known ones, or new
    ones, which are kept."""
    try:
        return msgspec.json.decode(await secrets.get(SECRET), type=SignIns)
    except NotFound:
        if known:
            return KNOWN
    made = SignIns(
        viewer=SignIn(KNOWN.viewer.email, _password()),
        partner=SignIn(KNOWN.partner.email, _password()),
        operator=SignIn(KNOWN.operator.email, _password()),
    )
    await secrets.put(SECRET, msgspec.json.encode(made))
    return made


async def replace_known(identity: Identity, secrets: Secrets, wanted: SignIns) -> None:
    """Give `wanted` passwords to accounts that still have the known ones, and sign out whoever came
    in by these. Done once."""
    if wanted.known_replaced:
        return
    for known, new in zip(KNOWN.all, wanted.all, strict=True):
        device = DeviceDraft(name="Start", kind=DeviceKind.PROBE)
        try:
            found = await identity.sign_in(known.email, known.password, device, _HERE)
        except WrongCredentials:
            continue  # there is none, or its password was changed
        code = await identity.reset_code(found.account.id)
        await identity.reset_password(known.email, code.code, new.password, _HERE)
        _log.warning("known password replaced", account=known.email)
    done = msgspec.structs.replace(wanted, known_replaced=True)
    await secrets.put(SECRET, msgspec.json.encode(done))


def _password() -> str:
    """Returns 16 letters and digits in four groups: 79 bits, and easy to type on a television."""
    letters = [random.choice(_LETTERS) for _ in range(16)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))
