"""Engines by their names in the settings."""

import importlib.util
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from vitascope import settings as service_settings
from vitascope.assembly.adapters import ADAPTERS, MissingExtra, check_extras
from vitascope.assembly.engines import Engines
from vitascope.engines.cache.distributed import DistributedCache
from vitascope.settings import BadSettings, DiscoverySettings, EngineSettings


def load(**engines: str) -> service_settings.Settings:
    environ = {f"VITASCOPE_ENGINES__{name.upper()}": value for name, value in engines.items()}
    return service_settings.load(None, environ)


def test_every_word_of_the_settings_has_its_adapter() -> None:
    hints = get_type_hints(EngineSettings)
    for port in ("rows", "blobs", "cache", "leases", "text", "work", "secrets"):
        assert set(get_args(hints[port])) == set(getattr(ADAPTERS, port)), port
    words = get_args(get_type_hints(DiscoverySettings)["by"])
    assert set(words) == set(ADAPTERS.discovery)


REDIS, MEMCACHED = "redis://127.0.0.1:1/0", "memcached://127.0.0.1:1"
NEEDED = {
    "[engines] rows": (
        "postgres",
        "asyncpg",
        {"rows": "postgres", "postgres_url": "postgresql://a"},
    ),
    "[engines] blobs": ("s3", "obstore", {"blobs": "s3"}),
    "[engines] cache": ("redis", "redis", {"cache": "redis", "cache_url": REDIS}),
    "[engines] leases": ("redis", "redis", {"leases": "redis", "leases_url": REDIS}),
    "[engines] cache with memcached": (
        "memcached",
        "emcache",
        {"cache": "memcached", "cache_url": MEMCACHED},
    ),
    "[discovery] by": ("dns", "dns", {"by": "dns", "dns_name": "_wire._tcp.{part}"}),
}
"""By the setting: its word, which is the extra's name, a module of the extra, and the settings."""


@pytest.mark.parametrize("setting", NEEDED)
def test_an_extra_that_is_not_installed_is_named(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    word, module, given = NEEDED[setting]
    settings = service_settings.load(None, {})
    section = "discovery" if "by" in given else "engines"
    changed = msgspec.structs.replace(getattr(settings, section), **given)
    settings = msgspec.structs.replace(settings, **{section: changed})
    found = importlib.util.find_spec

    def without(name: str, *rest: Any) -> Any:
        return None if name == module else found(name, *rest)

    check_extras(settings)
    monkeypatch.setattr(importlib.util, "find_spec", without)
    check_extras(service_settings.load(None, {}))
    said = re.escape(f'{setting.partition(" with")[0]} = "{word}" needs what is not installed.')
    with pytest.raises(MissingExtra, match=rf"^{said} Install vitascope\[{word}\]\.$"):
        check_extras(settings)


@pytest.mark.parametrize(
    ("port", "word", "url"),
    [
        ("rows", "postgres", "postgres_url"),
        ("cache", "memcached", "cache_url"),
        ("leases", "redis", "leases_url"),
    ],
)
def test_an_engine_without_its_address_is_refused_by_name(port: str, word: str, url: str) -> None:
    with pytest.raises(BadSettings, match=rf"{port} = \"{word}\" needs \[engines\] {url}"):
        load(**{port: word})


def test_the_older_name_of_postgres_is_understood() -> None:
    url = "postgresql://vita:secret@db/vita"
    older = service_settings.load(None, {"VITASCOPE_SERVICE__DATABASE_URL": url})
    assert (older.engines.rows, older.engines.postgres_url) == ("postgres", url)


def test_addresses_come_from_the_environment_as_json() -> None:
    told = '{"catalog": ["http://a:1", "http://b:1"]}'
    settings = service_settings.load(None, {"VITASCOPE_DISCOVERY__ADDRESSES": told})
    assert settings.discovery.addresses == {"catalog": ("http://a:1", "http://b:1")}
    for wrong in ("http://a:1", '{"catalog": "http://a:1"}'):
        with pytest.raises(BadSettings, match=r"\[discovery\] addresses cannot be"):
            service_settings.load(None, {"VITASCOPE_DISCOVERY__ADDRESSES": wrong})


async def test_the_named_cache_is_opened(data: Path) -> None:
    settings = load(cache="redis", cache_url="redis://127.0.0.1:1/0")
    service = msgspec.structs.replace(settings.service, data=str(data))
    async with AsyncExitStack() as stack:
        engines = Engines(msgspec.structs.replace(settings, service=service), stack)
        assert isinstance(engines.cache, DistributedCache)
