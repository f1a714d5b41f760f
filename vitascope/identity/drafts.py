"""Validate and normalise what people write into forms: emails, passwords, names, PINs, profiles."""

import re
import unicodedata
from typing import get_args

import msgspec

from vitascope.identity.breached_passwords import is_breached
from vitascope.identity.contract import Avatar, Profile, ProfileDraft, WeakPassword
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ProfileId
from vitascope.kernel.maturity import KIDS_CEILING, Maturity

AVATARS: tuple[Avatar, ...] = get_args(Avatar)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200  # hashing must not be fed megabytes

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]{2,}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PIN = re.compile(r"[0-9]{4}")


def valid_email(email: str) -> str:
    """Returns the address in lower case, composed, without space around it. Raises `Invalid`."""
    valid = unicodedata.normalize("NFC", email).strip().lower()
    if len(valid) > 254 or not _EMAIL.fullmatch(valid):
        raise Invalid("Enter a valid email address.", field="email")
    return valid


def valid_password(password: str, email: str) -> str:
    """Returns the password if it is hard enough to guess. Raises `WeakPassword`. Blocks for a
    tenth of a second when it is first called."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(
            f"A password needs at least {SHORTEST_PASSWORD} characters.", field="password"
        )
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(
            f"A password may have at most {LONGEST_PASSWORD} characters.", field="password"
        )
    own = password.lower() in ("vitascope", email, email.partition("@")[0])
    if own or len(set(password)) < 4:
        raise WeakPassword("This password is too easy to guess. Choose another.", field="password")
    if is_breached(password):
        raise WeakPassword(
            "This password is among those found in data breaches, which are tried first. "
            "Choose another.",
            field="password",
        )
    return password


def valid_name(name: str) -> str:
    """Returns the name with single spaces. Raises `Invalid`."""
    valid = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(valid) <= 40 or has_control_characters(valid):
        raise Invalid("A name must have 1 to 40 characters.", field="name")
    return valid


def valid_locale(locale: str) -> str:
    """Returns the locale if it is written as one. Raises `Invalid`."""
    if not _LOCALE.fullmatch(locale):
        raise Invalid("A locale must be written like `fr` or `pt-BR`.", field="locale")
    return locale


def shown_device_name(name: str) -> str:
    shown = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return " ".join(shown.split())[:80] or "Unnamed device"


def valid_pin(pin: str) -> str:
    """Returns the PIN if it has four digits. Raises `Invalid`."""
    if not _PIN.fullmatch(pin):
        raise Invalid("A PIN must have four digits.", field="pin")
    return pin


def first_profile(
    profile_id: ProfileId, account_id: AccountId, name: str, locale: str, place: int = 0
) -> Profile:
    """Returns a profile with the defaults; `place` counts the account's profiles."""
    return Profile(
        id=profile_id,
        account_id=account_id,
        name=name,
        kids=False,
        maturity=Maturity.EIGHTEEN,
        locale=locale,
        avatar=AVATARS[place % len(AVATARS)],
        has_pin=False,
        autoplay=True,
        data_saver=False,
    )


def changed(profile: Profile, draft: ProfileDraft) -> Profile:
    """Returns `profile` with what `draft` says; the PIN is stored apart. Raises `Invalid`."""
    if draft.avatar is not None and draft.avatar not in AVATARS:
        raise Invalid("This avatar does not exist.", field="avatar")
    if draft.pin:
        valid_pin(draft.pin)
    said = {
        "name": None if draft.name is None else valid_name(draft.name),
        "locale": None if draft.locale is None else valid_locale(draft.locale),
        "kids": draft.kids,
        "maturity": draft.maturity,
        "avatar": draft.avatar,
        "autoplay": draft.autoplay,
        "data_saver": draft.data_saver,
        "has_pin": None if draft.pin is None else draft.pin != "",
    }
    after = msgspec.structs.replace(profile, **{k: v for k, v in said.items() if v is not None})
    if after.kids and after.maturity > KIDS_CEILING:
        after = msgspec.structs.replace(after, maturity=KIDS_CEILING)
    return after


def lifts_limits(draft: ProfileDraft) -> bool:
    """Returns True if it touches what a profile with limits may not decide for itself."""
    return draft.kids is not None or draft.maturity is not None or draft.pin is not None
