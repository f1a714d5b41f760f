"""Every promise of docs/promises.md is named by a test: in its docstring or name, or in the first
line of a module of tests. A mention in a comment or in data shows nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROW = re.compile(r"^\| ([A-Z]\d+) \|", re.MULTILINE)
WEB_TEST = re.compile(r"\b(?:describe|it|test)\(\s*([\"'`])(.*?)\1", re.DOTALL)


def said_by_tests(source: str) -> Iterator[str]:
    """Yields what the tests of a Python module say that they show."""
    module = ast.parse(source)
    tests = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    ]
    if tests:
        yield (ast.get_docstring(module) or "").partition("\n\n")[0]
    for test in tests:
        yield test.name.upper().replace("_", " ")
        yield ast.get_docstring(test) or ""


def without_a_test(promises: str, said: list[str]) -> list[str]:
    return [
        row
        for row in ROW.findall(promises)
        if not any(re.search(rf"\b{row}\b", one) for one in said)
    ]


def test_every_promise_is_named_by_a_test(root: Path) -> None:
    promises = (root / "docs" / "promises.md").read_text(encoding="utf-8")
    said = [
        one
        for file in (root / "tests").rglob("test_*.py")
        if file.name != Path(__file__).name
        for one in said_by_tests(file.read_text(encoding="utf-8"))
    ]
    for file in (root / "web" / "src").rglob("*.test.ts*"):
        said += [found[2] for found in WEB_TEST.finditer(file.read_text(encoding="utf-8"))]
    assert len(ROW.findall(promises)) > 25
    assert without_a_test(promises, said) == []


def test_a_promise_without_a_test_is_caught() -> None:
    promises = "| I1 | a thing | |\n| I13 | another | |\n| I2 | a third | |\n"
    tests = (
        '"""I1: shown."""\n\n# I13\ndef test_i2_is_kept(): pass\n\ndef helper():\n    """I13"""\n'
    )
    assert without_a_test(promises, list(said_by_tests(tests))) == ["I13"]
    assert list(said_by_tests('"""I1: of helpers."""\n')) == []
