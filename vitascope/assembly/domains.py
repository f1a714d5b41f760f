"""The table: what each part of the service offers to the others and needs from them."""

import importlib
from collections.abc import Collection, Mapping

import msgspec

from vitascope.billing import Billing
from vitascope.catalog import Catalog, PublishedAssets, TitleRecords
from vitascope.engines import wire
from vitascope.homepage import Homepage
from vitascope.identity import Identity
from vitascope.ingest import Ingest
from vitascope.kernel.errors import Invalid, VitascopeError
from vitascope.licensing import Licensing
from vitascope.playback import EndedSessions, Playback
from vitascope.publishing import Publishing
from vitascope.recommend import Recommend
from vitascope.search import Search
from vitascope.settings import Settings
from vitascope.steering import Steering
from vitascope.viewing import Viewing


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A domain, or a part that only uses domains."""

    offers: Mapping[str, type] = {}
    """Contracts by name. The name is that of the argument by which a provider takes it."""

    needs: tuple[str, ...] = ()
    """Names of the contracts that its provider takes."""

    each: tuple[str, ...] = ()
    """Of `needs`, those of which it takes `Everyone`: the contract of each process that answers,
    now and later."""

    only: Mapping[str, frozenset[str]] = {}
    """Methods that not every part may call which needs the contract, and those that may."""

    once: frozenset[str] = frozenset()
    """Methods of its contracts that must not be called twice for one wish. All others only read, or
    change nothing when repeated: they are asked again when a process dies while it answers."""


PARTS: dict[str, Part] = {
    "identity": Part(
        offers={"identity": Identity},
        once=frozenset(
            {
                "add_profile",
                "choose_profile",
                "forgot_password",
                "refresh",
                "reset_password",
                "sign_in",
                "sign_up",
            }
        ),
    ),
    "catalog": Part(
        offers={
            "catalog": Catalog,
            "title_records": TitleRecords,
            "published_assets": PublishedAssets,
        }
    ),
    "viewing": Part(offers={"viewing": Viewing}),
    "licensing": Part(
        offers={"licensing": Licensing},
        only={"keys_for": frozenset({"worker"})},
    ),
    "billing": Part(offers={"billing": Billing}),
    "search": Part(offers={"search": Search}, needs=("title_records",)),
    "recommend": Part(offers={"recommend": Recommend}, needs=("title_records", "viewing")),
    "steering": Part(offers={"steering": Steering}),
    "ingest": Part(
        offers={"ingest": Ingest},
        needs=("title_records",),
        once=frozenset({"append", "create"}),
    ),
    "homepage": Part(
        offers={"homepage": Homepage},
        needs=("catalog", "viewing", "search", "recommend"),
    ),
    "playback": Part(
        offers={"playback": Playback, "ended_sessions": EndedSessions},
        needs=("billing", "catalog", "viewing", "licensing", "steering"),
    ),
    "publishing": Part(
        offers={"publishing": Publishing},
        needs=("title_records",),
        once=frozenset({"cancel", "republish", "retry", "review"}),
    ),
    "erasure": Part(needs=("viewing", "recommend")),
    "gateway": Part(
        needs=(
            "identity",
            "billing",
            "catalog",
            "title_records",
            "viewing",
            "homepage",
            "playback",
            "licensing",
            "steering",
            "ingest",
            "publishing",
        )
    ),
    "worker": Part(needs=("title_records", "licensing")),
    "edge": Part(needs=("steering", "ended_sessions"), each=("steering",)),
    "origin": Part(needs=("published_assets",)),
}

DOMAINS = tuple(name for name, part in PARTS.items() if part.offers)

OPERATOR = "operator"
"""The caller that is no part: the command line, of whoever can read the data folder."""

SETS: dict[str, tuple[str, ...]] = {
    "api": (
        *(name for name in DOMAINS if name not in ("licensing", "steering")),
        "erasure",
        "gateway",
        "origin",
    )
}
"""Roles that stand for several parts."""

ROLES = (*SETS, *PARTS)


def parts_of(roles: Collection[str], settings: Settings) -> frozenset[str]:
    """Returns the parts that a process with `roles` runs. `api` has licensing and steering too,
    unless the settings say where they are. Raises `Invalid` for roles that do not go together."""
    parts = {part for role in roles for part in SETS.get(role, (role,))}
    if "api" in roles:
        parts |= {part for part in ("licensing", "steering") if not _is_elsewhere(part, settings)}
    for alone in ("worker", "edge"):
        if alone in parts and len(parts) > 1:
            raise Invalid(
                "An edge and a worker are processes of their own: run the other roles together as "
                "you like, and each edge and each worker alone."
            )
    return frozenset(parts)


def _is_elsewhere(part: str, settings: Settings) -> bool:
    discovery = settings.discovery
    said = getattr(settings.wire, part) or discovery.addresses.get(part)
    return discovery.by != "static" or bool(said)


def callers_of(contract: str) -> frozenset[str]:
    """Returns who may call a contract of another process: the parts that need it, and the
    operator."""
    return frozenset({name for name, part in PARTS.items() if contract in part.needs} | {OPERATOR})


def pairs_of(parts: Collection[str]) -> list[tuple[str, str]]:
    """Returns caller and domain of the calls that a process with `parts` makes and answers."""
    own = {part for part in parts if PARTS[part].offers}
    called = {(part, part_of(name)) for part in parts for name in PARTS[part].needs}
    answered = {
        (caller, domain)
        for domain in own
        for name in PARTS[domain].offers
        for caller in callers_of(name)
    }
    return sorted(answered | {pair for pair in called if pair[1] not in own})


def may(caller: str, served: str, method: str) -> bool:
    """Returns True if `caller` may call this method of a contract, as it is served, of another
    process."""
    for part in PARTS.values():
        for name, protocol in part.offers.items():
            if wire.served_as(protocol) == served:
                return caller in part.only.get(method, callers_of(name))
    return False


def part_of(contract: str) -> str:
    """Returns the part that offers a contract."""
    return next(name for name, part in PARTS.items() if contract in part.offers)


def errors_of(part: str) -> list[type[VitascopeError]]:
    """Returns the errors that a domain's contracts name."""
    return wire.errors_of(importlib.import_module(f"vitascope.{part}"))


def repeatable(protocol: type) -> frozenset[str]:
    """Returns the methods of a contract that may be called twice."""
    once = PARTS[wire.domain_of(protocol)].once
    return frozenset(wire.methods_of(protocol)) - once
