"""Where viewers are told to find an edge."""

import pytest

from vitascope import settings as service_settings
from vitascope.assembly.providers.edge import reached_at
from vitascope.settings import BadSettings


def load(**edge: str) -> service_settings.Settings:
    environ = {f"VITASCOPE_EDGE__{name.upper()}": value for name, value in edge.items()}
    return service_settings.load(None, environ, port=8401)


def test_an_edge_is_reached_on_this_machine_unless_it_is_told_where() -> None:
    assert reached_at(load(), "edge-a") == "http://edge-a.localhost:8401"
    elsewhere = load(public_url="https://edge-a.example:8443")
    assert reached_at(elsewhere, "edge-a") == "https://edge-a.example:8443"


@pytest.mark.parametrize(
    "wrong", ["edge-a.example", "https://edge-a.example/films", "ftp://edge-a"]
)
def test_an_address_that_players_could_not_use_is_refused(wrong: str) -> None:
    with pytest.raises(BadSettings, match="public_url"):
        load(public_url=wrong)
