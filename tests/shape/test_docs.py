"""The documents name what is there: files, folders, settings, routes, decisions."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from vitascope import settings

NAMED = re.compile(r"`([\w./-]+\.(?:py|ts|tsx|css|toml|html|js|conf|md))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
SETTING = re.compile(r"`\[(\w+)\] (\w+)")
ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/api/[^`?\s]*)")
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
MADE_BY_A_USER = {"vitascope.toml"}
SOURCES = ("vitascope", "web", "tests", "benchmarks", "checkout", "demo", "deploy", "docs")
Rule = Callable[[Path], list[str]]
NOT_OURS = {"node_modules", "dist", "__pycache__"}


def documents(root: Path) -> list[Path]:
    front = [root / "README.md", root / "CONTRIBUTING.md"]
    return [file for file in (*front, *sorted((root / "docs").rglob("*.md"))) if file.exists()]


def missing_files(root: Path) -> list[str]:
    """Files that a document names, by their path or the end of it, and that are nowhere."""
    there = {file.name for file in root.iterdir()}
    for source in SOURCES:
        for folder, inside, files in os.walk(root / source):
            inside[:] = set(inside) - NOT_OURS
            for file in files:
                parts = (Path(folder) / file).relative_to(root).parts
                there |= {"/".join(parts[at:]) for at in range(len(parts))}
    return [
        f"{document.relative_to(root)} names {name}, which is not there"
        for document in documents(root)
        for name in dict.fromkeys(NAMED.findall(document.read_text(encoding="utf-8")))
        if name not in there | MADE_BY_A_USER
    ]


def broken_links(root: Path) -> list[str]:
    return [
        f"{document.relative_to(root)} links to {link}, which is not there"
        for document in documents(root)
        for link in dict.fromkeys(LINK.findall(document.read_text(encoding="utf-8")))
        if not (document.parent / link).exists()
    ]


def folders_off_the_map(root: Path) -> list[str]:
    """Packages without a line in docs/map.md, and lines there for what does not exist."""
    lines = ROW.findall((root / "docs" / "map.md").read_text(encoding="utf-8"))
    lines = lines[: lines.index("docs/") + 1]  # what follows lies in the data folder
    packages = {
        f"{file.parent.relative_to(root).as_posix()}/"
        for file in (root / "vitascope").rglob("__init__.py")
        if file.parent.name != "migrations" and file.parent != root / "vitascope"
    }
    return [
        *(f"docs/map.md has no line for {package}" for package in sorted(packages - set(lines))),
        *(f"docs/map.md names {line}" for line in lines if not (root / line).exists()),
        *(f"docs/map.md names {line} twice" for line in set(lines) if lines.count(line) > 1),
    ]


def unknown_settings(root: Path) -> list[str]:
    known = {
        (section, field.name)
        for section, struct in settings.sections().items()
        for field in msgspec.structs.fields(struct)
    }
    return [
        f"{document.relative_to(root)} names [{section}] {key}, which is no setting"
        for document in documents(root)
        for section, key in SETTING.findall(document.read_text(encoding="utf-8"))
        if (section, key) not in known
    ]


def unknown_routes(root: Path) -> list[str]:
    """A parameter may be called anything: `{session_id}`, `ID`, `<key id>`."""
    paths = json.loads((root / "web" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    forms = [
        (verb.upper(), re.compile(re.sub(r"\\{[^/]*\\}", "[^/]+", re.escape(path)) + "$"))
        for path, verbs in paths.items()
        for verb in verbs
    ]
    return [
        f"{document.relative_to(root)} names {verb} {path}, which the API does not have"
        for document in documents(root)
        for verb, path in ROUTE.findall(document.read_text(encoding="utf-8"))
        if not any(verb == v and form.match(path) for v, form in forms)
    ]


def odd_decisions(root: Path) -> list[str]:
    """Numbers follow one another; each page has its number, a sentence to quote, and its check."""
    pages = sorted((root / "docs" / "decisions").glob("*.md"))
    offences = [
        f"{page.name}: this should be number {number:04}"
        for number, page in enumerate(pages, 1)
        if not page.name.startswith(f"{number:04}-")
    ]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if not text.startswith(f"# {page.name[:4]} "):
            offences.append(f"{page.name}: the heading begins with another number")
        offences += [
            f"{page.name}: no {what}"
            for what, form in (
                ("context", r"^\*\*Context\.\*\* "),
                ("decision in one sentence", r"^\*\*Decision\.\*\* \*[^*]{20,}\*(?:\s|$)"),
                ("consequences", r"^\*\*Consequences\.\*\*"),
                ("check that keeps it", r"^\*\*Kept by\.\*\* \S"),
            )
            if not re.search(form, text, re.MULTILINE)
        ]
    return offences


RULES = (
    missing_files,
    broken_links,
    folders_off_the_map,
    unknown_settings,
    unknown_routes,
    odd_decisions,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_documents_are_true(rule: Rule, root: Path) -> None:
    assert rule(root) == []


WELL = {
    "vitascope/__init__.py": "",
    "vitascope/catalog/__init__.py": "",
    "vitascope/catalog/store.py": "",
    "web/openapi.json": '{"paths": {"/api/play/{session_id}/stop": {"post": {}}}}',
    "README.md": "`[service] port`, `POST /api/play/ID/stop`\n",
    "docs/map.md": "| `vitascope/catalog/` | titles, in `catalog/store.py` |\n| `docs/` | this |\n",
    "docs/decisions/0001-rows.md": (
        "# 0001 Rows\n\n**Context.** One.\n\n**Decision.** *Rows are kept in a database.*\n\n"
        "**Consequences.** Two.\n\n**Kept by.** `map.md`. See [the map](../map.md).\n"
    ),
}


@pytest.mark.parametrize(
    ("file", "old", "new", "caught"),
    [
        ("docs/map.md", "catalog/store.py", "catalog/shop.py", missing_files),
        ("docs/decisions/0001-rows.md", "../map.md", "map.md", broken_links),
        ("docs/map.md", "`vitascope/catalog/`", "`vitascope/`", folders_off_the_map),
        ("docs/map.md", "`docs/`", "`vitascope/cellar/` | none |\n| `docs/`", folders_off_the_map),
        ("README.md", "[service] port", "[service] harbour", unknown_settings),
        ("README.md", "POST /api/play", "GET /api/play", unknown_routes),
        ("README.md", "/ID/stop", "/ID/again", unknown_routes),
        ("docs/decisions/0001-rows.md", "# 0001", "# 0002", odd_decisions),
        ("docs/decisions/0001-rows.md", "*Rows are kept in a database.*", "Rows.", odd_decisions),
        ("docs/decisions/0001-rows.md", "**Kept by.**", "Kept by", odd_decisions),
    ],
)
def test_a_planted_fault_is_caught(
    file: str, old: str, new: str, caught: Rule, tmp_path: Path
) -> None:
    for name, text in WELL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.replace(old, new) if name == file else text)
    assert [rule for rule in RULES if rule(tmp_path)] == [caught]


def test_a_hole_in_the_numbers_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "decisions" / "0002-rows.md"
    page.parent.mkdir(parents=True)
    page.write_text(WELL["docs/decisions/0001-rows.md"].replace("0001", "0002"))
    assert odd_decisions(tmp_path) == ["0002-rows.md: this should be number 0001"]
