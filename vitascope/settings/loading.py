"""Settings from a file and the environment, refused by name where they are wrong."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from vitascope.kernel.errors import Invalid
from vitascope.settings.sections import Settings, sections

PREFIX = "VITASCOPE_"
_NOTHING = ("none", "null")
_OLDER_SECTIONS = {"house": "service"}  # still understood; what a newer name says goes first
_RENAMED = {("service", "region"): "country"}
_HIDDEN = re.compile("secret|password|_url")  # an address of a database has its password
_URLS = (
    ("rows", "sqlite", "postgres_url"),
    ("cache", "memory", "cache_url"),
    ("leases", "rows", "leases_url"),
)  # what is not embedded needs an address


class BadSettings(Invalid):
    code = "bad-settings"


def load(
    file: Path | None = None, environ: Mapping[str, str] = os.environ, **service: Any
) -> Settings:
    """Returns the effective settings. `service` overrides `[service]`, for the command line's
    options.

    Raises `BadSettings`, which names the setting, where it stands and what was wanted.
    """
    said = _from_file(file) if file else {}
    for section, values in _from_environment(environ).items():
        said.setdefault(section, {}).update(values)
    said.setdefault("service", {}).update({k: v for k, v in service.items() if v is not None})
    _follow_older(said)
    return Settings(**{name: _section(name, said.pop(name, {})) for name in sections()})


def _follow_older(said: dict[str, dict[str, Any]]) -> None:
    """`[service] database_url` is what `[engines]` says now. Raises `BadSettings`."""
    engines = said.setdefault("engines", {})
    if url := said["service"].get("database_url"):
        engines.setdefault("rows", "postgres")
        engines.setdefault("postgres_url", url)
    for port, embedded, url in _URLS:
        named = str(engines.get(port, embedded))
        if named != embedded and not engines.get(url):
            raise BadSettings(
                f'[engines] {port} = "{named}" needs [engines] {url}: the address of the server.'
            )


def _from_file(file: Path) -> dict[str, dict[str, Any]]:
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"There is no settings file {file}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file} is not valid TOML: {error}.") from None
    for name, values in said.items():
        if name not in sections() and name not in _OLDER_SECTIONS:
            raise BadSettings(f"{file}: there is no section [{name}]{_meant(name, sections())}")
        if not isinstance(values, dict):
            raise BadSettings(f"{file}: [{name}] must be a section, not a value.")
    for older, name in _OLDER_SECTIONS.items():
        if older in said and name in said:
            raise BadSettings(f"{file}: [{older}] is called [{name}] now: put its settings there.")
    return {_OLDER_SECTIONS.get(name, name): values for name, values in said.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {}
    older: dict[str, dict[str, Any]] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        section, _, name = variable.removeprefix(PREFIX).lower().partition("__")
        if section in _OLDER_SECTIONS:
            older.setdefault(_OLDER_SECTIONS[section], {})[name] = _Text(text)
        elif section in sections():
            said.setdefault(section, {})[name] = _Text(text)
        else:
            raise BadSettings(
                f"{variable}: there is no section [{section}]{_meant(section, sections())}"
            )
    return said | {
        section: {**values, **said.get(section, {})} for section, values in older.items()
    }


class _Text(str):
    """A value from the environment: text that stands for whatever type is wanted."""


def _section(name: str, values: dict[str, Any]) -> Any:
    struct = sections()[name]
    wanted = get_type_hints(struct, include_extras=True)
    for key in values:
        if key not in wanted:
            now = _RENAMED.get((name, key))
            hint = f": it is called `{now}` now." if now else _meant(key, wanted)
            raise BadSettings(f"[{name}] has no setting `{key}`{hint}")
    return struct(**{key: _value(name, key, value, wanted[key]) for key, value in values.items()})


def _unconstrained(wanted: Any) -> Any:
    """Returns the container that is wanted, whatever its values must be; None for a plain value."""
    if get_origin(wanted) is Annotated:
        return _unconstrained(get_args(wanted)[0])
    if get_origin(wanted) in (Union, UnionType):
        said = [one for one in get_args(wanted) if one is not NoneType]
        return _unconstrained(said[0]) if len(said) == 1 else None
    return get_origin(wanted)


def _value(section: str, key: str, value: Any, wanted: Any) -> Any:
    try:
        if isinstance(value, _Text):
            kind = _unconstrained(wanted)
            if value.lower() in _NOTHING and NoneType in get_args(wanted):
                value = None
            elif kind is dict:
                value = msgspec.json.decode(str(value).encode())
            elif kind is tuple:
                value = [part.strip() for part in value.split(",") if part.strip()]
            else:
                value = str(value)  # a plain one: a kept setting is written into keys and logs
            return msgspec.convert(value, wanted, strict=False)
        if value == "" and NoneType in get_args(wanted) and str not in get_args(wanted):
            return None  # TOML has no word for nothing: this is how it is printed
        return msgspec.convert(value, wanted)
    except msgspec.DecodeError as error:
        shown = "a hidden value" if _HIDDEN.search(key) else repr(value)
        raise BadSettings(
            f"[{section}] {key} cannot be {shown}: {_reason(error, wanted)}."
        ) from None


def _reason(error: msgspec.DecodeError, wanted: Any) -> str:
    if get_origin(wanted) is Literal:
        return f"it is one of {', '.join(get_args(wanted))}"
    return str(error)[0].lower() + str(error)[1:]


def _meant(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f" (there are {', '.join(sorted(known))})."
