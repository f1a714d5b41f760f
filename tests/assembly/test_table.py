"""The table of parts says what the providers say."""

import importlib
import inspect
from typing import Any, get_type_hints

import pytest

from vitascope import settings as service_settings
from vitascope.assembly.domains import DOMAINS, PARTS, may, part_of, parts_of
from vitascope.assembly.everyone import Everyone
from vitascope.engines import wire
from vitascope.kernel.errors import Invalid


@pytest.mark.parametrize("part", PARTS)
def test_a_provider_takes_what_its_part_needs(part: str) -> None:
    provide = importlib.import_module(f"vitascope.assembly.providers.{part}").provide
    taken = [
        p.name
        for p in inspect.signature(provide).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    assert tuple(taken) == PARTS[part].needs
    hints = get_type_hints(provide)
    for name in taken:
        protocol: Any = PARTS[part_of(name)].offers[name]
        wanted = Everyone[protocol] if name in PARTS[part].each else protocol
        assert hints[name] == wanted


@pytest.mark.parametrize("part", DOMAINS)
def test_what_must_not_be_repeated_is_a_method_that_travels(part: str) -> None:
    methods = {name for offered in PARTS[part].offers.values() for name in wire.methods_of(offered)}
    assert PARTS[part].once <= methods


def test_nothing_needs_itself_by_any_way() -> None:
    """What a part needs stands before it, so that one pass opens them all."""
    order = list(PARTS)
    assert not [
        (part, name)
        for part in PARTS
        for name in PARTS[part].needs
        if order.index(part_of(name)) >= order.index(part)
    ]


def test_a_ready_made_role_stands_for_its_parts() -> None:
    alone = service_settings.load(None, {})
    apart = service_settings.load(None, {"VITASCOPE_WIRE__LICENSING": "http://127.0.0.1:1"})
    assert parts_of({"api"}, alone) == {*PARTS} - {"worker", "edge"}
    assert parts_of({"api"}, apart) == {*PARTS} - {"worker", "edge", "licensing"}
    assert parts_of({"catalog", "viewing"}, alone) == {"catalog", "viewing"}
    with pytest.raises(Invalid, match="processes of their own"):
        parts_of({"worker", "catalog"}, alone)


@pytest.mark.parametrize(
    ("caller", "served", "method", "allowed"),
    [
        ("worker", "licensing", "keys_for", True),
        ("playback", "licensing", "keys_for", False),
        ("operator", "licensing", "keys_for", False),
        ("playback", "licensing", "token", True),
        ("worker", "identity", "read_token", False),
        ("worker", "catalog", "page", False),
        ("edge", "steering", "report", True),
        ("edge", "licensing", "token", False),
        ("operator", "identity", "sign_up", True),
        ("", "catalog", "page", False),
        ("gateway", "nothing", "page", False),
    ],
)
def test_a_part_may_call_what_it_needs(
    caller: str, served: str, method: str, allowed: bool
) -> None:
    """Content keys leave licensing for workers only."""
    assert may(caller, served, method) is allowed
