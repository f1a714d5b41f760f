"""Settings as text: documented, as a TOML file, and without what is secret."""

import ast
import inspect
import itertools
import re
import textwrap
from typing import Any

import msgspec

from vitascope.settings.sections import Settings, sections

_SECRET = re.compile("secret|password|(^|_)(key|token)$")
_IN_ADDRESS = re.compile(r"://[^\s\"]*@")
_IN_QUERY = re.compile(r"(?i)([?&][\w-]*(?:password|secret|token|key)=)[^&\s\"]+")


def documentation(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Returns the string written beneath each field of `struct`, by field name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(struct)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(text.value.value))
    return found


def shown(settings: Settings) -> str:
    """Returns the effective settings as a commented TOML file, which can be saved and edited."""
    lines: list[str] = []
    for name, struct in sections().items():
        section = getattr(settings, name)
        lines += [f"# {line}" for line in inspect.cleandoc(struct.__doc__ or "").split("\n")[:1]]
        lines.append(f"[{name}]")
        for key, text in documentation(struct).items():
            lines += [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), 98)]
            lines.append(f"{key} = {_toml(getattr(section, key))}")
        lines.append("")
    return "\n".join(lines)


def without_secrets(name: str, value: Any) -> tuple[str, bool]:
    """Returns a setting's value as TOML that may be shown to an operator, and True if something
    was hidden: a secret, or what opens the server at an address."""
    text = _toml(value)
    if _SECRET.search(name):
        return '""', value not in (None, "")
    bare = _IN_QUERY.sub(r"\1[hidden]", _IN_ADDRESS.sub("://[hidden]@", text))
    return bare, bare != text


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in value.items()) + " }"
    if value is None:
        return '""  # not set'
    return msgspec.json.encode(value).decode()
