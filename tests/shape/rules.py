"""Rules that no ready-made linter knows. Each takes a root and returns offences."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "common",
    "misc",
    "manager",
    "base",
    "core",
    "service",
    "models",
}
MOST_LINES = 500
PACKAGE = "vitascope"


def sources(root: Path) -> Iterator[Path]:
    """Our own source files, Python, TypeScript and CSS, generated ones left out."""
    for folder in (PACKAGE, "checkout", "tests", "benchmarks", "demo"):
        yield from sorted((root / folder).rglob("*.py"))
    for file in sorted((root / "web" / "src").rglob("*.ts*")):
        if "schema.d.ts" not in file.name:
            yield file
    yield from sorted((root / "web" / "src").rglob("*.css"))


def long_files(root: Path) -> list[str]:
    lengths = ((file, len(file.read_text(encoding="utf-8").splitlines())) for file in sources(root))
    return [
        f"{file.relative_to(root)} has {lines} lines: what is the second idea in it?"
        for file, lines in lengths
        if lines > MOST_LINES
    ]


def forbidden_names(root: Path) -> list[str]:
    return [
        f"{file.relative_to(root)}: name it for a noun or verb of the trade"
        for file in (root / PACKAGE).rglob("*")
        if file.stem in FORBIDDEN_NAMES and (file.is_dir() or file.suffix == ".py")
    ]


def contracts(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Every contract, and what it takes from beside it: that is part of the door too."""
    for folder, files in sorted(_entrances(root)):
        door, parts = list(files), list(files)
        while parts:
            tree = _module(parts.pop())
            new = [part for part in _beside(root, folder, tree) if part not in door]
            door += new
            parts += new
        for part in door:
            yield part.relative_to(root), _module(part)


def _entrances(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Folders with a contract, and the contract's files: `contract.py`, or all in `contract/`."""
    for file in (root / PACKAGE).rglob("contract.py"):
        yield file.parent, [file]
    for folder in (root / PACKAGE).rglob("contract"):
        yield folder, sorted(folder.glob("*.py"))


def _beside(root: Path, folder: Path, tree: ast.Module) -> list[Path]:
    """The files of a folder that one of its modules imports."""
    own = ".".join(folder.relative_to(root).parts) + "."
    imported = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    files = [folder / f"{m.removeprefix(own)}.py" for m in sorted(imported) if m.startswith(own)]
    return [file for file in files if file.exists()]


def contracts_with_bodies(root: Path) -> list[str]:
    """Protocols have no bodies; a value may have properties of three lines at most; what stands
    beside them is no function."""
    beside = [
        f"{file}:{function.lineno} {function.name} stands in a contract"
        for file, tree in contracts(root)
        for function in tree.body
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return beside + [
        f"{file}:{function.lineno} {owner.name}.{function.name} has a body"
        for file, tree in contracts(root)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for function in owner.body
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and not _may_stay(owner, function)
    ]


def _may_stay(owner: ast.ClassDef, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    said = [node for node in function.body if not _is_docstring(node)]
    empty = all(isinstance(node, ast.Expr | ast.Pass) for node in said)
    is_protocol = any(isinstance(b, ast.Name) and b.id == "Protocol" for b in owner.bases)
    if is_protocol:
        return empty
    lines = (said[-1].end_lineno or 0) - said[0].lineno + 1 if said else 0
    return lines <= 3


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def contracts_beyond_the_kernel(root: Path) -> list[str]:
    """A contract imports the kernel, the standard library, msgspec, other contracts' doors (an
    engine's those of engines), and what stands beside it and keeps these rules too."""
    always = r"vitascope\.(kernel|[a-z]+$)|msgspec|sqlalchemy\.engine$"
    offences = []
    for file, tree in contracts(root):
        of_engine = file.is_relative_to(f"{PACKAGE}/engines")
        allowed = re.compile(always + r"|vitascope\.engines\.[a-z]+$" * of_engine)
        beside = {
            ".".join(part.relative_to(root).with_suffix("").parts)
            for part in _beside(root, root / file.parent, tree)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            if node.module in beside or allowed.match(node.module):
                continue
            if node.module.startswith((PACKAGE, "sqlalchemy", "litestar")):
                offences.append(f"{file}:{node.lineno} imports {node.module}")
    return offences


def undocumented_events(root: Path) -> list[str]:
    """Every event is named in the paragraph that opens its domain."""
    return [
        f"{file}: {node.name} is not named in the paragraph of {domain.name}/__init__.py"
        for file, tree in contracts(root)
        for domain in [file.parent.parent if file.parent.name == "contract" else file.parent]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(b, ast.Name) and b.id == "Event" for b in node.bases)
        and node.name not in (ast.get_docstring(_module(root / domain / "__init__.py")) or "")
    ]


def vague_summaries(root: Path) -> list[str]:
    """A public function's docstring is a sentence: neither a question, nor "Whether ...", nor a
    parameter's description alone."""
    offences = []
    for file in sorted((root / PACKAGE).rglob("*.py")):
        for node in ast.walk(_module(file)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name[0] == "_":
                continue
            said = ast.get_docstring(node) or "Nothing."
            first = said.splitlines()[0]
            if said.startswith("Whether ") or first.endswith("?") or not first[0].isupper():
                offences.append(
                    f"{file.relative_to(root)}:{node.lineno} {node.name}: say what is done or "
                    f"returned, in place of {first!r}"
                )
    return offences


def names_with_two_meanings(root: Path) -> list[str]:
    """A class name that others can import is defined once in the package."""
    homes: dict[str, list[str]] = {}
    for file in sorted((root / PACKAGE).rglob("*.py")):
        for node in _module(file).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(file.relative_to(root)))
    return [
        f"{name} is defined in {' and '.join(files)}: rename the one that is less known"
        for name, files in homes.items()
        if len(files) > 1
    ]


def patched_classes(root: Path) -> list[str]:
    """A test replaces what a part is given, or what one object has, never a method of one of our
    classes: that reaches whatever else is made of it."""
    return [
        f"{file.relative_to(root)}:{node.lineno} changes a class: hand in another object"
        for file in sorted((root / "tests").rglob("*.py"))
        for tree in [_module(file)]
        for classes in [_classes_of_ours(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("setattr")
        and node.args
        and _is_class(node.args[0], classes)
    ]


def _classes_of_ours(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE)
        for alias in node.names
        if alias.name[0].isupper() and not alias.name.isupper()
    }


def _is_class(node: ast.expr, classes: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "type"
    if isinstance(node, ast.Attribute):  # of a module of ours: `part_file.OpenPart`
        return node.attr[0].isupper() and isinstance(node.value, ast.Name)
    return isinstance(node, ast.Name) and node.id in classes


def _module(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def undocumented_settings(root: Path) -> list[str]:
    """Every field of a settings struct has a string beneath it: in a domain's `settings.py`, and in
    the files of the folder for those of the whole installation."""
    package = root / PACKAGE
    files = sorted([*package.rglob("settings.py"), *package.rglob("settings/*.py")])
    return [
        f"{file.relative_to(root)}: {owner.name}.{field.target.id} has no documentation beneath it"
        for file in files
        for owner in ast.walk(_module(file))
        if isinstance(owner, ast.ClassDef)
        and owner.name.endswith("Settings")
        and owner.name != "Settings"
        for field, following in zip(owner.body, [*owner.body[1:], ast.Pass()], strict=True)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant))
    ]


def connections_at_import(root: Path) -> list[str]:
    """Nothing connects at import: no module runs an engine, a client or a server when loaded."""
    opening = re.compile(
        r"create_(async_)?engine|(Async)?Client|connect|DBOS|LocalStore|S3Store|Popen|run"
    )
    offences = []
    for file in sorted((root / PACKAGE).rglob("*.py")):
        for node in _module(file).body:
            value = getattr(node, "value", None)
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and isinstance(
                value, ast.Call
            ):
                name = (
                    value.func.attr
                    if isinstance(value.func, ast.Attribute)
                    else getattr(value.func, "id", "")
                )
                if opening.fullmatch(name):
                    offences.append(
                        f"{file.relative_to(root)}:{node.lineno} calls {name} when imported"
                    )
    return offences


def extras_without_guard(root: Path, extras: dict[str, set[str]]) -> list[str]:
    """A driver of an extra is imported inside the one adapter named after it (`s3`, and its parts
    `s3_requests`), and nowhere at the top of a module that is loaded without the extra."""
    offences = []
    for file in sorted((root / PACKAGE).rglob("*.py")):
        for node in _module(file).body:
            names = _imported(node)
            for extra, drivers in extras.items():
                if names & drivers and file.stem.partition("_")[0] != extra:
                    offences.append(
                        f"{file.relative_to(root)}:{node.lineno} imports {names & drivers} "
                        f"of [{extra}]"
                    )
    return offences


def second_sqlite_libraries(root: Path) -> list[str]:
    """A file that is open in two SQLite libraries loses its locks: all take the one of
    `engines/sqlite_library.py`."""
    drivers = {"sqlite3", "_sqlite3", "pysqlite3", "aiosqlite"}
    return [
        f"{file.relative_to(root)}:{node.lineno}: take sqlite from engines/sqlite_library.py"
        for file in sources(root)
        if file.suffix == ".py" and file.name != "sqlite_library.py"
        for node in ast.walk(_module(file))
        if isinstance(node, ast.stmt | ast.expr)
        if (isinstance(node, ast.stmt) and _imported(node) & drivers) or _opens_by_plain_url(node)
    ]


def _opens_by_plain_url(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("create_engine")
        and bool(node.args)
        and ast.unparse(node.args[0]).lstrip("f")[1:].startswith("sqlite:")
    )


def _imported(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module.split(".")[0]}
    return set()
