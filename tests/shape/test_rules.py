"""The project keeps its own rules, and each rule catches a planted offence."""

import configparser
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shape import rules

EXTRAS = {
    "dns": {"dns"},
    "memcached": {"emcache"},
    "postgres": {"asyncpg"},
    "redis": {"redis"},
    "s3": {"obstore", "awscrt"},
}

PLANTED: list[tuple[Callable[[Path], list[str]], str, str]] = [
    (rules.long_files, "vitascope/catalog/titles.py", "x = 1\n" * 501),
    (rules.long_files, "web/src/browse/home.css", ".row {}\n" * 501),
    (rules.forbidden_names, "vitascope/catalog/utils.py", ""),
    (
        rules.contracts_with_bodies,
        "vitascope/catalog/contract.py",
        "class Catalog(Protocol):\n    async def page(self):\n        return 1\n",
    ),
    (
        rules.contracts_with_bodies,
        "vitascope/catalog/contract.py",
        "def is_open(title):\n    return title.asset is not None\n",
    ),
    (
        rules.contracts_beyond_the_kernel,
        "vitascope/catalog/contract.py",
        "from vitascope.catalog.store import Titles\n",
    ),
    (
        rules.undocumented_events,
        "vitascope/catalog/contract.py",
        "class TitleLost(Event):\n    pass\n",
    ),
    (
        rules.contracts_with_bodies,
        "vitascope/catalog/contract/title.py",
        "def is_open(title):\n    return title.asset is not None\n",
    ),
    (
        rules.contracts_beyond_the_kernel,
        "vitascope/catalog/contract/title.py",
        "from vitascope.catalog.store import Titles\n",
    ),
    (
        rules.undocumented_settings,
        "vitascope/catalog/settings.py",
        "class CatalogSettings(Struct):\n    page_size: int = 40\n",
    ),
    (
        rules.undocumented_settings,
        "vitascope/settings/installation.py",
        "class ServiceSettings(Struct):\n    port: int = 8400\n",
    ),
    (
        rules.vague_summaries,
        "vitascope/catalog/titles.py",
        'def is_open():\n    """Whether there is a window."""\n    return True\n',
    ),
    (
        rules.vague_summaries,
        "vitascope/catalog/titles.py",
        'def is_open():\n    """Is there a window?"""\n    return True\n',
    ),
    (
        rules.vague_summaries,
        "vitascope/catalog/titles.py",
        'def find(id):\n    """`id` is the title\'s."""\n    return None\n',
    ),
    (
        rules.names_with_two_meanings,
        "vitascope/catalog/titles.py",
        "class Title:\n    pass\n\n\nclass Title:\n    pass\n",
    ),
    (rules.second_sqlite_libraries, "tests/engines/rows/test_rows.py", "import sqlite3\n"),
    (
        rules.second_sqlite_libraries,
        "vitascope/engines/work/dbos.py",
        "def open():\n    from pysqlite3.dbapi2 import connect\n",
    ),
    (
        rules.second_sqlite_libraries,
        "vitascope/engines/rows/postgres.py",
        "def open(path):\n    return sa.create_engine(f'sqlite:///{path}')\n",
    ),
    (
        rules.patched_classes,
        "tests/ingest/test_upload.py",
        "from vitascope.ingest.part_file import OpenPart\n"
        'monkeypatch.setattr(OpenPart, "sync", fails)\n',
    ),
    (
        rules.patched_classes,
        "tests/ingest/server.py",
        'setattr(part_file.OpenPart, "mark", None)\n',
    ),
    (
        rules.patched_classes,
        "tests/engines/bus/test_bus.py",
        'patch.setattr(type(place.outbox), "carried", dies)\n',
    ),
    (rules.connections_at_import, "vitascope/catalog/store.py", "client = AsyncClient()\n"),
]


@pytest.mark.parametrize(
    "rule", dict.fromkeys(rule for rule, _, _ in PLANTED), ids=lambda rule: rule.__name__
)
def test_the_project_keeps_the_rule(rule: Callable[[Path], list[str]], root: Path) -> None:
    assert rule(root) == []


@pytest.mark.parametrize(
    ("rule", "file", "text"), PLANTED, ids=lambda value: getattr(value, "__name__", "")
)
def test_the_rule_catches_a_planted_offence(
    rule: Callable[[Path], list[str]], file: str, text: str, tmp_path: Path
) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    (planted.parent / "__init__.py").write_text('"""A domain."""\n')
    planted.write_text(text)
    assert len(rule(tmp_path)) == 1


def test_what_a_contract_takes_from_beside_it_keeps_a_contract_s_rules(tmp_path: Path) -> None:
    folder = tmp_path / "vitascope" / "catalog"
    folder.mkdir(parents=True)
    (folder / "contract.py").write_text("from vitascope.catalog.words import Word\n")
    (folder / "words.py").write_text("from vitascope.catalog.store import Store\n")
    (folder / "store.py").write_text(
        "from sqlalchemy import Table\n\n"
        "class Store(Protocol):\n    def get(self):\n        return 1\n"
    )
    assert len(rules.contracts_with_bodies(tmp_path)) == 1
    assert len(rules.contracts_beyond_the_kernel(tmp_path)) == 1


def test_no_module_imports_the_driver_of_an_extra_but_its_adapter(
    root: Path, tmp_path: Path
) -> None:
    assert rules.extras_without_guard(root, EXTRAS) == []
    planted = tmp_path / "vitascope/engines/rows/sqlite.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("import asyncpg\n")
    assert len(rules.extras_without_guard(tmp_path, EXTRAS)) == 1


def test_every_extra_is_known_here(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == set(EXTRAS)


def test_every_domain_has_a_door_and_is_kept_from_drivers(root: Path) -> None:
    said = configparser.ConfigParser()
    said.read(root / ".importlinter")
    package = root / "vitascope"
    for contract in [*package.glob("*/contract.py"), *package.glob("*/contract")]:
        door = said[f"importlinter:contract:door-{contract.parent.name}"]
        assert door["protected_modules"].split() == [f"vitascope.{contract.parent.name}.*"]
    modules = {f"vitascope.{file.stem}" for file in package.iterdir() if file.stem.isalpha()}
    guarded = set(said["importlinter:contract:drivers"]["source_modules"].split())
    assert modules - guarded == {"vitascope.engines"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_go_downward_and_through_the_door(root: Path) -> None:
    verdict = lint_imports(root)
    assert verdict.returncode == 0, verdict.stdout[-4000:]


@pytest.mark.parametrize(
    ("file", "text", "broken"),
    [
        ("kernel/country.py", "import vitascope.engines\n", "Import downward only"),
        ("catalog/__init__.py", "import vitascope.viewing\n", "Import downward only"),
        ("cellar/__init__.py", "", "Import downward only"),
        (
            "homepage/__init__.py",
            "import vitascope.catalog.store\n",
            "Enter catalog by its contract",
        ),
        ("catalog/__init__.py", "import asyncpg\n", "Drivers only in engines"),
        ("assembly/process.py", "import sqlalchemy\n", "Drivers only in engines"),
        (
            "homepage/__init__.py",
            "import vitascope.engines.rows.sqlite\n",
            "Adapters are chosen only in assembly",
        ),
    ],
    ids=["upward", "neighbour", "unlisted folder", "past the door", "driver", "wiring", "adapter"],
)
def test_import_linter_catches_a_planted_offence(
    root: Path, tmp_path: Path, file: str, text: str, broken: str
) -> None:
    """A skeleton of the package (the same modules, empty) with one offence in it."""
    for module in (root / "vitascope").rglob("*.py"):
        copy = tmp_path / module.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("")
    (tmp_path / ".importlinter").write_text((root / ".importlinter").read_text())
    planted = tmp_path / "vitascope" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(text)
    verdict = lint_imports(tmp_path)
    assert verdict.returncode == 1
    (offended,) = [line for line in verdict.stdout.splitlines() if line.endswith("BROKEN")]
    assert offended.startswith(broken)
