"""The 15,000 films of `tests/data/` as titles, for what is tested without a service."""

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from vitascope.catalog import Credit, CreditRole, Title, TitleKind, Wording
from vitascope.kernel.ids import PersonId, TitleId
from vitascope.kernel.maturity import Maturity

FILE = Path(__file__).parent / "data" / "titles-15000.jsonl.gz"


def films(count: int = 15_000) -> list[Title]:
    return [_title(line) for line in islice(_lines(), count)]


def _lines() -> Iterator[dict[str, Any]]:
    with gzip.open(FILE, "rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def _title(line: dict[str, Any]) -> Title:
    return Title(
        id=TitleId(line["id"]),
        kind=TitleKind(line["kind"]),
        wordings=(Wording(locale="en", name=line["name"], synopsis=line["synopsis"]),),
        year=line["year"],
        maturity=Maturity.SIXTEEN,
        genres=tuple(line["genres"]),
        credits=tuple(
            Credit(person_id=PersonId(each["name"]), name=each["name"], role=CreditRole.CAST)
            for each in line["credits"]
        ),
    )
