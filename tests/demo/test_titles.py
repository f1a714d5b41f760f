"""What the demo promises of its titles, and of the pictures drawn for them."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from demo.drawing.__main__ import designs, draw
from demo.drawing.palette import PALETTES
from demo.drawing.poster import BILLBOARD, LANDSCAPE, MOTIFS, POSTER
from demo.filming.attribution import page
from vitascope.catalog import CreditRole, TitleKind, TitleState
from vitascope.catalog.titles import check
from vitascope.kernel.ids import AccountId
from vitascope.kernel.maturity import KIDS_CEILING
from vitascope.operations.demo.films import DemoFilm, films
from vitascope.operations.demo.habits import HABITS
from vitascope.operations.demo.pictures import files_of

DEMO = Path(__file__).parents[2] / "demo"
FONTS = DEMO / "drawing" / "fonts"
FILMS = films(DEMO, AccountId("acc_partner"))
DESIGNS = dict(designs())


def named(slug: str) -> DemoFilm:
    return next(film for film in FILMS if film.slug == slug)


def test_there_are_about_forty_real_titles_and_some_of_our_own() -> None:
    ours = [film for film in FILMS if "made by vitascope" in film.title.tags]
    assert len(FILMS) - len(ours) >= 40
    assert len({film.title.id for film in FILMS}) == len(FILMS)


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.slug)
def test_every_title_is_whole_and_told_in_two_languages(film: DemoFilm) -> None:
    check(film.title)
    assert [words.locale for words in film.title.wordings] == ["en", "fr"]
    assert all(len(words.synopsis) > 60 and words.tagline for words in film.title.wordings)
    directed = any(credit.role is CreditRole.DIRECTOR for credit in film.title.credits)
    assert directed != ("made by vitascope" in film.title.tags)  # that is no person
    assert film.title.licence_note
    assert film.title.partner_id == "acc_partner"
    design = DESIGNS[film.slug]
    assert design.still or design.motif in MOTIFS
    assert design.palette in PALETTES
    assert (FONTS / f"{design.font}.woff").exists()


def test_a_person_is_one_person_in_every_film() -> None:
    ids: dict[str, set[str]] = {}
    for film in FILMS:
        for credit in film.title.credits:
            ids.setdefault(credit.name, set()).add(credit.person_id)
    assert all(len(found) == 1 for found in ids.values())


def test_children_have_enough_to_choose_from() -> None:
    assert sum(film.title.maturity <= KIDS_CEILING for film in FILMS) >= 20


def test_series_can_be_played_whole_one_of_them_in_two_seasons_one_with_three_episodes() -> None:
    studies, shapes = named("studies-in-motion").title, named("small-shapes").title
    assert [studies.kind, shapes.kind] == [TitleKind.SERIES] * 2
    assert len(studies.seasons) == 2
    assert [len(season.episodes) for season in shapes.seasons] == [3]
    playable = {master.content_id for film in FILMS for master in film.masters}
    seasons = (*studies.seasons, *shapes.seasons)
    assert {e.id for season in seasons for e in season.episodes} <= playable


def test_only_the_clip_and_our_own_films_are_played() -> None:
    """Nobody sees another picture under a real film's name."""
    for film in FILMS:
        ours = "made by vitascope" in film.title.tags
        assert bool(film.masters) == (ours or film.slug == "big-buck-bunny")


MASTERS = [master for film in FILMS for master in film.masters]
MEDIA = DEMO / "media"
KEPT = {file.name for file in MEDIA.iterdir() if file.suffix not in (".md", ".toml")}


def test_every_file_to_play_is_kept_and_no_other() -> None:
    named_files = {master.file for master in MASTERS}
    named_files |= {name for master in MASTERS for name in master.texts().values()}
    assert named_files == KEPT
    ours = [name for name in KEPT if not name.startswith("big-buck-bunny")]
    assert sum((MEDIA / name).stat().st_size for name in ours) < 60_000_000


def test_every_file_to_play_has_an_author_and_a_licence() -> None:
    told = tomllib.loads((MEDIA / "attribution.toml").read_text(encoding="utf-8"))["file"]
    assert {each["name"] for each in told} == KEPT
    for each in told:
        assert each["authors"] and each["licence"] and each["title"]
        for source in each.get("source", ()):
            assert source["author"] and source["licence"] and source["address"]
    assert (MEDIA / "ATTRIBUTION.md").read_text(encoding="utf-8") == page({"file": told})


def test_what_cannot_be_played_yet_is_announced_as_coming() -> None:
    waiting = [film for film in FILMS if not film.masters]
    assert 30 <= len(waiting) <= len(FILMS) - 5
    assert {film.title.state for film in waiting} == {TitleState.ANNOUNCED}


def test_every_font_has_its_licence_beside_it() -> None:
    for font in FONTS.glob("*.woff"):
        assert font.with_suffix(".LICENSE").exists()


def test_habits_are_of_films_that_can_be_played() -> None:
    slugs = {film.slug for film in FILMS if film.masters}
    for habits in HABITS.values():
        assert {*habits.watched, *habits.listed, *habits.thumbs} <= slugs


def test_a_childs_habits_are_a_childs() -> None:
    mimi = HABITS["Mimi"]
    for slug in {*mimi.watched, *mimi.listed, *mimi.thumbs}:
        assert named(slug).title.maturity <= KIDS_CEILING


# -- pictures


def seen(file: Path) -> tuple[tuple[int, int], bool]:
    """A picture's size, and whether something was drawn on it."""
    with Image.open(file) as picture:
        colours = picture.convert("RGB").resize((48, 48)).getcolors(48 * 48)
        return picture.size, len(colours or ()) > 40


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.slug)
def test_a_title_has_three_pictures_and_a_colour(film: DemoFilm) -> None:
    kept = files_of(film, DEMO / "artwork")
    assert [seen(file) for file in kept] == [(POSTER, True), (LANDSCAPE, True), (BILLBOARD, True)]
    assert re.fullmatch("#[0-9a-f]{6}", film.tint)


def test_no_picture_is_kept_of_a_title_that_is_gone() -> None:
    kept = {file.name for file in (DEMO / "artwork").glob("*.webp")}
    assert kept == {file.name for film in FILMS for file in files_of(film, DEMO / "artwork")}


@pytest.mark.parametrize("slug", ["sintel", "twenty-six"])
def test_a_title_is_drawn_anew_as_it_was(tmp_path: Path, slug: str) -> None:
    film = named(slug)
    assert draw(film.slug, DESIGNS[film.slug], tmp_path) == film.tint
    drawn = files_of(film, tmp_path)
    assert [seen(file) for file in drawn] == [(POSTER, True), (LANDSCAPE, True), (BILLBOARD, True)]


def test_no_two_posters_are_drawn_alike() -> None:
    looks = Counter((design.motif or design.still, design.palette) for design in DESIGNS.values())
    assert max(looks.values()) == 1
