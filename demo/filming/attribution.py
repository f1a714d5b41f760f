"""Write `demo/media/ATTRIBUTION.md`, for people, from `attribution.toml`, for machines."""

import tomllib
from pathlib import Path
from typing import Any

MEDIA = Path(__file__).parents[1] / "media"
_HEAD = """# Media shipped with the demo

Written from `attribution.toml` by `demo/filming/attribution.py`.

| file | what it is | by | licence | made from |
|---|---|---|---|---|
"""


def page(told: dict[str, Any]) -> str:
    return _HEAD + "".join(_line(each) for each in told["file"])


def _line(file: dict[str, Any]) -> str:
    sources = "; ".join(
        f"*{each['title']}*, {each['author']}, {each['licence']}, {each['address']}"
        for each in file.get("source", ())
    )
    cells = (file["name"], file["title"], ", ".join(file["authors"]), file["licence"], sources)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    read = tomllib.loads((MEDIA / "attribution.toml").read_text(encoding="utf-8"))
    (MEDIA / "ATTRIBUTION.md").write_text(page(read), encoding="utf-8")
