"""One TOML file plus the environment; a wrong setting is refused by name."""

from pathlib import Path

import pytest

from vitascope.settings import BadSettings, Settings, documentation, load, sections, shown


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "vitascope.toml"
    file.write_text(text)
    return file


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = written(tmp_path, '[house]\nport = 9000\ncountry = "DE"\n')
    settings = load(file, {"VITASCOPE_HOUSE__PORT": "9100"})
    assert (settings.house.port, settings.house.country) == (9100, "DE")
    assert settings.house.host == Settings().house.host


def test_lists_and_flags_can_be_said_in_the_environment() -> None:
    settings = load(None, {"VITASCOPE_HOUSE__EDGES": "north, south"})
    assert settings.house.edges == ("north", "south")


def test_words_from_the_environment_are_plain_words() -> None:
    """They are written into keys and jobs, which take no other kind of string."""
    preset = load(None, {"VITASCOPE_ENCODING__PRESET": "ultrafast"}).encoding.preset
    assert type(preset) is str
    assert preset == "ultrafast"


def test_the_command_line_wins_over_all(tmp_path: Path) -> None:
    file = written(tmp_path, "[house]\nport = 9000\n")
    assert load(file, {"VITASCOPE_HOUSE__PORT": "9100"}, port=9200).house.port == 9200


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[house]\nprot = 1\n", {}, "[house] has no setting `prot`; did you mean `port`?"),
        ("[hause]\nport = 1\n", {}, "there is no section [hause]; did you mean `house`?"),
        ('[house]\nport = "many"\n', {}, "[house] port cannot be 'many'"),
        ("", {"VITASCOPE_HOUSE__PORT": "many"}, "[house] port cannot be 'many'"),
        ("", {"VITASCOPE_HAUSE__PORT": "1"}, "VITASCOPE_HAUSE__PORT: there is no section [hause]"),
        (
            "",
            {"VITASCOPE_HOUSE__PORT": "70000"},
            "[house] port cannot be '70000': expected `int` <=",
        ),
        ("[house]\nport = 0\n", {}, "[house] port cannot be 0: expected `int` >= 1"),
        ('[house]\nsandbox = "jail"\n', {}, "it is one of auto, bubblewrap, limits"),
        ("", {"VITASCOPE_HOUSE__LOG_LEVEL": "loud"}, "[house] log_level cannot be 'loud'"),
        ('[house]\ncountry = "Mars"\n', {}, "[house] country cannot be 'Mars'"),
        ('[house]\nregion = "FR"\n', {}, "[house] has no setting `region`: it is called `country`"),
        ('[encoding]\nscheme = "none"\n', {}, "it is one of cbcs, cenc"),
        ("[encoding]\ntrial_crfs = [20, 30]\n", {}, "of length >= 4"),
        ("house = 3\n", {}, "[house] must be a section"),
        ("[house\n", {}, "is not valid TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(
    tmp_path: Path, text: str, environ: dict[str, str], said: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        load(written(tmp_path, text), environ)
    assert said in refused.value.detail


def test_a_wrong_address_of_a_database_is_refused_without_telling_its_password() -> None:
    with pytest.raises(
        BadSettings, match=r"\[house\] database_url cannot be .*postgresql"
    ) as refused:
        load(None, {"VITASCOPE_HOUSE__DATABASE_URL": "mysql://me:opensesame@there/films"})
    assert "opensesame" not in refused.value.detail


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"There is no settings file .*none\.toml"):
        load(tmp_path / "none.toml", {})


def test_what_is_printed_can_be_read_back(tmp_path: Path) -> None:
    settings = load(None, {"VITASCOPE_HOUSE__PORT": "9100"})
    assert load(written(tmp_path, shown(settings)), {}) == settings


def test_every_setting_is_printed_with_its_documentation() -> None:
    text = shown(Settings())
    for name, struct in sections().items():
        assert f"[{name}]" in text
        for field, words in documentation(struct).items():
            assert f"\n{field} = " in text
            assert words.split()[0] in text
