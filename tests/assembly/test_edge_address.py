"""Where viewers are told to find an edge."""

import pytest

from vitascope import settings as service_settings
from vitascope.assembly.reach import edges_started, in_local_network, reached_at
from vitascope.settings import BadSettings


def load(**edge: str) -> service_settings.Settings:
    environ = {f"VITASCOPE_EDGE__{name.upper()}": value for name, value in edge.items()}
    return service_settings.load(None, environ, port=8401)


def test_an_edge_is_reached_on_this_machine_unless_it_is_told_where() -> None:
    assert reached_at(load(), "edge-a") == ("http://edge-a.localhost:8401", "")
    elsewhere = load(public_url="https://edge-a.example:8443")
    assert reached_at(elsewhere, "edge-a") == ("https://edge-a.example:8443", "")
    both = load(public_url="http://a.example", secure_url="https://a.example")
    assert reached_at(both, "edge-a") == ("http://a.example", "https://a.example")


def test_other_devices_reach_an_edge_at_the_host_by_which_they_came() -> None:
    here = service_settings.load(None, {}, port=8400)
    assert edges_started(here)[1] == ("edge-b", "http://edge-b.localhost:8402", "")
    there = in_local_network(here)
    assert (there.service.host, there.tls.port) == ("0.0.0.0", 8443)
    assert edges_started(there) == [
        ("edge-a", "http://{host}:8401", "https://{host}:8444"),
        ("edge-b", "http://{host}:8402", "https://{host}:8445"),
    ]
    plain = service_settings.load(None, {}, port=8400, host="0.0.0.0")
    assert edges_started(plain)[0] == ("edge-a", "http://{host}:8401", "")


@pytest.mark.parametrize(
    "wrong", ["edge-a.example", "https://edge-a.example/films", "ftp://edge-a"]
)
def test_an_address_that_players_could_not_use_is_refused(wrong: str) -> None:
    with pytest.raises(BadSettings, match="public_url"):
        load(public_url=wrong)
