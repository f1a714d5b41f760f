"""Many titles at once: one a line, as JSON. Every line is read before any is written, and what is
wrong with one is said with its number, so that the file can be mended and given again."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from vitascope.catalog import titles
from vitascope.catalog.contract.errors import BadLine, BadTitle
from vitascope.catalog.contract.title import CreditRole, Title, TitleKind
from vitascope.catalog.drafts import CreditDraft, TitleDraft, changed, new_title
from vitascope.catalog.genres import known_genre
from vitascope.kernel.bounds import FEW, ID, MANY, NAME, PASSAGE, PLACE, WORD
from vitascope.kernel.ids import AccountId, PersonId, TitleId
from vitascope.kernel.maturity import Maturity

MOST_LINES = 1000
LONGEST_LINE = 256 * 1024
LARGEST = 8 * 1024 * 1024
"""Of one request: so many lines, so many bytes a line, so many bytes."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class ImportedCredit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    role: CreditRole
    character: Annotated[str, NAME] = ""


class ImportedTitle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line. `id` is the partner's choice and stays the title's; a line with the same id given
    again changes what it gives. What is left out stays as it is."""

    id: Annotated[str, ID]
    name: _Name
    kind: TitleKind = TitleKind.FILM
    year: Annotated[int, PLACE] | None = None
    synopsis: Annotated[str, PASSAGE] | None = None
    genres: Annotated[tuple[Annotated[str, WORD], ...], FEW] | None = None  # slugs or names
    credits: Annotated[tuple[ImportedCredit, ...], MANY] | None = None
    countries: Annotated[tuple[Annotated[str, ID], ...], MANY] | None = None
    """Where it was made: ISO 3166-1 alpha-2."""
    maturity: Maturity | None = None
    announced: bool | None = None


class ImportLine(msgspec.Struct, frozen=True):
    number: int
    given: ImportedTitle


_decoder = msgspec.json.Decoder(ImportedTitle)


def read_lines(content: bytes, first_line: int = 1) -> list[ImportLine]:
    """Returns the lines that are not blank. Raises `BadLine`."""
    numbered = enumerate(content.split(b"\n"), first_line)
    lines = [_line(number, raw) for number, raw in numbered if raw.strip()]
    if len(lines) > MOST_LINES:
        raise BadLine(f"Send at most {MOST_LINES} lines at once.", line=first_line)
    seen: dict[str, int] = {}
    for line in lines:
        before = seen.setdefault(line.given.id, line.number)
        if before != line.number:
            raise bad(line.number, f"the id {line.given.id} is that of line {before} already")
    return lines


def imported(
    lines: Sequence[ImportLine], known: Mapping[TitleId, Title], partner: AccountId | None,
    account: AccountId, now_ms: int,
) -> list[Title]:  # fmt: skip
    """Returns the titles as they are to be saved. `known` are those that are there; new ones are
    of `account`. A `partner` changes no titles but their own; None may change all. Raises
    `BadLine`."""
    return [_title(line, known, partner, account, now_ms) for line in lines]


def bad(number: int, what: str) -> BadLine:
    return BadLine(f"Line {number}: {what}. Nothing of the file was imported.", line=number)


def _line(number: int, raw: bytes) -> ImportLine:
    if len(raw) > LONGEST_LINE:
        raise bad(number, f"it is longer than {LONGEST_LINE // 1024} KiB; is it one title a line?")
    try:
        given = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad(number, _plainly(str(error))) from error
    if not _ID.fullmatch(given.id):
        raise bad(number, "`id` has 1 to 64 letters, digits, dots, dashes or underscores")
    if not all(map(_COUNTRY.fullmatch, given.countries or ())):
        raise bad(number, "`countries` are codes of two capital letters, such as FR")
    return ImportLine(number, given)


def _title(
    line: ImportLine, known: Mapping[TitleId, Title], partner: AccountId | None, account: AccountId,
    now_ms: int,
) -> Title:  # fmt: skip
    old = known.get(TitleId(line.given.id))
    if old is not None and partner is not None and old.partner_id != partner:
        raise bad(line.number, f"the id {line.given.id} is taken; choose another")
    try:
        draft = _draft(line.given)
        if old is None:
            new = new_title(draft, account, now_ms)
            title = msgspec.structs.replace(new, id=TitleId(line.given.id))
        else:
            title = changed(old, draft)
        titles.check(title)
    except BadTitle as error:
        raise bad(line.number, error.detail.rstrip(".")) from error
    return title


def _draft(given: ImportedTitle) -> TitleDraft:
    credits = given.credits
    return TitleDraft(
        name=given.name,
        synopsis=given.synopsis,
        year=given.year,
        kind=given.kind,
        genres=None
        if given.genres is None
        else tuple(dict.fromkeys(map(known_genre, given.genres))),
        maturity=given.maturity,
        countries=given.countries,
        credits=None if credits is None else tuple(map(_credit, credits)),
        announced=given.announced,
    )


def _credit(given: ImportedCredit) -> CreditDraft:
    """A person is known by their name, so that a line given again changes nothing."""
    digest = hashlib.blake2b(given.name.casefold().encode(), digest_size=10).hexdigest()
    person = PersonId(f"per_{digest}")
    return CreditDraft(
        name=given.name, role=given.role, character=given.character, person_id=person
    )


def _plainly(error: str) -> str:
    """ "Expected `int`, got `str` - at `$.year`" is "`year` must be int, not str"."""
    found = re.fullmatch(r"Expected `(.+)`, got `(.+)` - at `\$\.?(.*)`", error)
    if found:
        wanted, got, path = found.groups()
        return f"`{path}` must be {wanted}, not {got}"
    return re.sub(r" - at `\$\.?(.+)`", r" in `\1`", error)
