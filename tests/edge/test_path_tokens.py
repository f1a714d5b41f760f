"""C1: an edge opens a folder only to a token that was signed for it and has not expired."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.kernel.path_tokens import (
    EDGE,
    ORIGIN,
    KeyRing,
    PathTokenRefused,
    check,
    is_sealed,
    seal_body,
    sign,
)

RING = KeyRing(current="k1", keys={"k1": b"a" * 32})
NOW = 1_800_000_000_000


def test_a_fresh_token_opens_its_folder_until_it_expires() -> None:
    token = sign(RING, EDGE, "ast/v", NOW + 2500)
    check(RING, EDGE, "ast/v", token, NOW)
    check(RING, EDGE, "ast/v", token, NOW + 2999)
    with pytest.raises(PathTokenRefused):
        check(RING, EDGE, "ast/v", token, NOW + 3000)


@given(at=st.integers(0, 200), to=st.sampled_from("abcXYZ019-_."))
def test_an_altered_token_is_refused(at: int, to: str) -> None:
    token = sign(RING, EDGE, "ast/v", NOW + 9000)
    at %= len(token)
    altered = token[:at] + to + token[at + 1 :]
    if altered == token:
        return
    with pytest.raises(PathTokenRefused):
        check(RING, EDGE, "ast/v", altered, NOW)


@pytest.mark.parametrize(
    "token", ["", "k1", "k1.1.x", "k1.99999999999." + "a" * 43, "é.1.a", "..."]
)
def test_nonsense_is_refused(token: str) -> None:
    with pytest.raises(PathTokenRefused):
        check(RING, EDGE, "ast/v", token, NOW)


def test_a_token_names_the_session_that_it_was_given_to() -> None:
    token = sign(RING, EDGE, "ast/v", NOW + 9000, "ses_1")
    assert check(RING, EDGE, "ast/v", token, NOW).session == "ses_1"
    assert check(RING, EDGE, "ast/v", sign(RING, EDGE, "ast/v", NOW + 9000), NOW).session == ""
    for altered in (token.replace("ses_1", "ses_2"), token.replace(".ses_1", "")):
        with pytest.raises(PathTokenRefused):
            check(RING, EDGE, "ast/v", altered, NOW)


def test_a_token_opens_pictures_up_to_its_lines_and_everything_else() -> None:
    token = sign(RING, EDGE, "ast/v", NOW + 9000, "ses_1", 720)
    opened = check(RING, EDGE, "ast/v", token, NOW)
    there = ["v240.mp4", "v720-2.mp4", "v720-vp9.m3u8", "a-en-51.mp4", "t-fr.mp4", "thumbs-1.jpg"]
    assert [name for name in there if not opened.covers(name)] == []
    assert not any(map(opened.covers, ["v1080.mp4", "v1080-vp9-3.mp4", "v721.m3u8"]))
    assert check(RING, EDGE, "ast/v", sign(RING, EDGE, "ast/v", NOW + 9000, "ses_1"), NOW).covers(
        "v2160.mp4"
    )
    altered = [(".720.", ".2160."), (".720.", "."), (".720.", ".0720."), (".720.", ".720.720.")]
    for old, new in altered:
        with pytest.raises(PathTokenRefused):
            check(RING, EDGE, "ast/v", token.replace(old, new), NOW)


def test_a_token_has_one_spelling() -> None:
    """What is told of a token (that it has ended, how often it was seen) holds for all of it."""
    token = sign(RING, EDGE, "ast/v", NOW + 9000)
    kid, expires, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [alphabet[alphabet.index(signature[-1]) ^ bits] for bits in (1, 2, 3)]
    for other in (
        f"{kid}.0{expires}.{signature}",
        f"{kid}.00{expires}.{signature}",
        *(f"{kid}.{expires}.{signature[:-1]}{last}" for last in others),
    ):
        with pytest.raises(PathTokenRefused):
            check(RING, EDGE, "ast/v", other, NOW)


def test_a_foreign_token_is_refused() -> None:
    foreign = KeyRing(current="k1", keys={"k1": b"b" * 32})
    other_id = KeyRing(current="k9", keys={"k9": b"a" * 32})
    for token in (
        sign(foreign, EDGE, "ast/v", NOW + 9000),
        sign(other_id, EDGE, "ast/v", NOW + 9000),
        sign(RING, EDGE, "ast/w", NOW + 9000),
        sign(RING, ORIGIN, "ast/v", NOW + 9000),
    ):
        with pytest.raises(PathTokenRefused):
            check(RING, EDGE, "ast/v", token, NOW)


def test_a_key_is_replaced_without_refusing_anyone() -> None:
    both = KeyRing(current="k2", keys={**RING.keys, "k2": b"c" * 32})
    check(both, EDGE, "ast/v", sign(RING, EDGE, "ast/v", NOW + 9000), NOW)
    check(both, EDGE, "ast/v", sign(both, EDGE, "ast/v", NOW + 9000), NOW)
    only_new = KeyRing(current="k2", keys={"k2": b"c" * 32})
    with pytest.raises(PathTokenRefused):
        check(only_new, EDGE, "ast/v", sign(RING, EDGE, "ast/v", NOW + 9000), NOW)


def test_a_body_is_sealed_for_one_subject() -> None:
    sealed = seal_body(RING, "ast/v", b"package")
    assert is_sealed(RING, "ast/v", b"package", sealed)
    assert not is_sealed(RING, "ast/v", b"bull", sealed)
    assert not is_sealed(RING, "ast/w", b"package", sealed)
    assert not is_sealed(RING, "ast/v", b"package", "k1.é")


def test_a_ring_does_not_show_its_keys() -> None:
    assert "aaaa" not in repr(RING)
