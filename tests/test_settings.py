"""One TOML file plus the environment; a wrong setting is refused by name."""

from pathlib import Path

import msgspec
import pytest

from vitascope.settings import BadSettings, Settings, documentation, load, sections, shown


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "vitascope.toml"
    file.write_text(text)
    return file


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = written(tmp_path, '[service]\nport = 9000\ncountry = "DE"\n')
    settings = load(file, {"VITASCOPE_SERVICE__PORT": "9100"})
    assert (settings.service.port, settings.service.country) == (9100, "DE")
    assert settings.service.host == Settings().service.host


def test_the_section_service_may_be_called_house_as_before(tmp_path: Path) -> None:
    file = written(tmp_path, '[house]\nport = 9000\ncountry = "DE"\n')
    assert load(file, {}).service.port == 9000
    older = {"VITASCOPE_HOUSE__PORT": "9100"}
    assert load(file, older).service.port == 9100
    # `up` tells its processes by the newer name where they are, whatever the older one says.
    newer = load(file, {"VITASCOPE_SERVICE__PORT": "9200", **older})
    assert (newer.service.port, newer.service.country) == (9200, "DE")


def test_lists_and_flags_can_be_said_in_the_environment() -> None:
    settings = load(None, {"VITASCOPE_SERVICE__EDGES": "north, south"})
    assert settings.service.edges == ("north", "south")


@pytest.mark.parametrize(
    ("section", "name"),
    [
        (section, field.name)
        for section, struct in sections().items()
        for field in msgspec.structs.fields(struct)
    ],
)
def test_every_setting_can_be_given_by_the_environment(section: str, name: str) -> None:
    value = getattr(getattr(Settings(), section), name)
    match value:
        case tuple():
            text = ",".join(map(str, value))
        case dict():
            text = msgspec.json.encode(value).decode()
        case _:
            text = str(value)
    given = {f"VITASCOPE_{section}__{name}".upper(): text}
    loaded = getattr(getattr(load(None, given), section), name)
    assert (loaded, type(loaded)) == (value, type(value))


@pytest.mark.parametrize(
    ("variable", "text", "wanted"),
    [
        ("VITASCOPE_ENCODING__TRIAL_CRFS", "20, 25,30.5, 36", (20.0, 25.0, 30.5, 36.0)),
        ("VITASCOPE_GATEWAY__TRUSTED_PROXIES", "10.0.0.1,10.0.0.2", ("10.0.0.1", "10.0.0.2")),
        ("VITASCOPE_PUBLISHING__LATER_FORMATS", "av1, hevc", ("av1", "hevc")),
        ("VITASCOPE_PUBLISHING__LATER_FORMATS", "", ()),
        ("VITASCOPE_PUBLISHING__LATER_FORMATS", "null", None),
        ("VITASCOPE_STEERING__NETWORKS", '{"a": ["192.0.2.0/24"]}', {"a": ("192.0.2.0/24",)}),
        ("VITASCOPE_INGEST__QUOTAS_GIB", '{"acc_a": 2}', {"acc_a": 2.0}),
    ],
)
def test_lists_and_tables_of_every_kind_of_value(variable: str, text: str, wanted: object) -> None:
    section, _, name = variable.removeprefix("VITASCOPE_").lower().partition("__")
    assert getattr(getattr(load(None, {variable: text}), section), name) == wanted


def test_words_from_the_environment_are_plain_words() -> None:
    """They are written into keys and jobs, which take no other kind of string."""
    preset = load(None, {"VITASCOPE_ENCODING__PRESET": "ultrafast"}).encoding.preset
    assert type(preset) is str
    assert preset == "ultrafast"


def test_the_command_line_wins_over_all(tmp_path: Path) -> None:
    file = written(tmp_path, "[service]\nport = 9000\n")
    assert load(file, {"VITASCOPE_SERVICE__PORT": "9100"}, port=9200).service.port == 9200


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[service]\nprot = 1\n", {}, "[service] has no setting `prot`; did you mean `port`?"),
        ("[servise]\nport = 1\n", {}, "there is no section [servise]; did you mean `service`?"),
        ('[service]\nport = "many"\n', {}, "[service] port cannot be 'many'"),
        ("", {"VITASCOPE_SERVICE__PORT": "many"}, "[service] port cannot be 'many'"),
        (
            "",
            {"VITASCOPE_SERVISE__PORT": "1"},
            "VITASCOPE_SERVISE__PORT: there is no section [servise]",
        ),
        (
            "",
            {"VITASCOPE_SERVICE__PORT": "70000"},
            "[service] port cannot be '70000': expected `int` <=",
        ),
        ("[service]\nport = 0\n", {}, "[service] port cannot be 0: expected `int` >= 1"),
        ('[service]\nsandbox = "jail"\n', {}, "it is one of auto, bubblewrap, landlock, limits"),
        ("", {"VITASCOPE_SERVICE__LOG_LEVEL": "loud"}, "[service] log_level cannot be 'loud'"),
        ('[service]\ncountry = "Mars"\n', {}, "[service] country cannot be 'Mars'"),
        (
            '[service]\nregion = "FR"\n',
            {},
            "[service] has no setting `region`: it is called `country`",
        ),
        ('[encoding]\nscheme = "aes"\n', {}, "it is one of none, cbcs, cenc"),
        ("[encoding]\ntrial_crfs = [20, 30]\n", {}, "of length >= 4"),
        ("service = 3\n", {}, "[service] must be a section"),
        ("[house]\nport = 1\n[service]\nport = 2\n", {}, "[house] is called [service] now"),
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
        BadSettings, match=r"\[service\] database_url cannot be .*postgresql"
    ) as refused:
        load(None, {"VITASCOPE_SERVICE__DATABASE_URL": "mysql://me:opensesame@there/films"})
    assert "opensesame" not in refused.value.detail


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"There is no settings file .*none\.toml"):
        load(tmp_path / "none.toml", {})


def test_what_is_printed_can_be_read_back(tmp_path: Path) -> None:
    settings = load(None, {"VITASCOPE_SERVICE__PORT": "9100"})
    assert load(written(tmp_path, shown(settings)), {}) == settings


def test_every_setting_is_printed_with_its_documentation() -> None:
    text = shown(Settings())
    for name, struct in sections().items():
        assert f"[{name}]" in text
        for field, words in documentation(struct).items():
            assert f"\n{field} = " in text
            assert words.split()[0] in text
