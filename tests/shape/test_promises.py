"""Every promise of docs/promises.md is named by a test."""

import re
from pathlib import Path

ROW = re.compile(r"^\| ([A-Z]\d+) \|", re.MULTILINE)


def without_a_test(promises: str, tests: list[str]) -> list[str]:
    return [
        row for row in ROW.findall(promises) if not any(re.search(rf"\b{row}\b", t) for t in tests)
    ]


def test_every_promise_is_named_by_a_test(root: Path) -> None:
    promises = (root / "docs" / "promises.md").read_text(encoding="utf-8")
    files = [*(root / "tests").rglob("test_*.py"), *(root / "web" / "src").rglob("*.test.ts*")]
    tests = [file.read_text(encoding="utf-8") for file in files if file.name != Path(__file__).name]
    assert len(ROW.findall(promises)) > 25
    assert without_a_test(promises, tests) == []


def test_a_promise_without_a_test_is_caught() -> None:
    promises = "| I1 | a thing | |\n| I13 | another | |\n"
    assert without_a_test(promises, ['"""I1: shown."""']) == ["I13"]
