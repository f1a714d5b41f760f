"""P13: what the terminal tells of a service that other devices reach."""

from vitascope.operations.reached import Reached, told

AUTHORITY = ":".join(["AB"] * 32)


def test_a_device_is_first_told_how_to_trust_the_service() -> None:
    reached = Reached(
        hosts=("192.168.1.5", "10.0.0.7"), port=8400, tls_port=8443, authority=AUTHORITY
    )
    assert reached.address == "http://192.168.1.5:8400/trust"
    lines = told(reached).splitlines()
    assert "  http://192.168.1.5:8400/trust" in lines
    assert "".join(line.strip() for line in lines if "AB:" in line).count("AB") == 32
    assert lines[-1] == "This machine's other addresses: 10.0.0.7"


def test_where_devices_trust_it_already_they_are_sent_to_the_secure_address() -> None:
    own = Reached(hosts=("192.168.1.5",), port=8400, tls_port=8443)
    assert own.address == "https://192.168.1.5:8443"
    named = Reached(
        hosts=("192.168.1.5",), port=8400, tls_port=8443, public_url="https://films.example"
    )
    assert named.address == "https://films.example"
    assert Reached(hosts=("192.168.1.5",), port=8400).address == "http://192.168.1.5:8400"


def test_a_machine_without_a_network_says_so() -> None:
    assert "no address" in told(Reached(hosts=(), port=8400, tls_port=8443, authority=AUTHORITY))
