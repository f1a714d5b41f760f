"""Where other devices find the service, as the terminal tells it: addresses and a QR code."""

import msgspec

from vitascope.engines import qr

TRUST = "/trust"


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """`hosts` are likeliest first. `authority` is the SHA-256 of the certificate that devices are
    to trust; "" where the operator gave one that they trust already, or without TLS."""

    hosts: tuple[str, ...]
    port: int
    tls_port: int = 0
    authority: str = ""
    public_url: str = ""

    @property
    def address(self) -> str:
        """Returns what a device opens first; "" when this machine is in no network. It is told how
        to trust the service there, over plain HTTP, because it does not yet."""
        if self.public_url or not self.hosts:
            return self.public_url
        if self.authority:
            return f"http://{self.hosts[0]}:{self.port}{TRUST}"
        return f"https://{self.hosts[0]}:{self.tls_port}" if self.tls_port else self.plain

    @property
    def plain(self) -> str:
        return f"http://{self.hosts[0]}:{self.port}"


def told(reached: Reached) -> str:
    """Returns the lines for the terminal."""
    if not reached.address:
        return "This machine has no address in a network. Connect it, and start again."
    lines = ["On other devices of this network, open", "", f"  {reached.address}", ""]
    lines += [f"  {line}" for line in qr.in_characters(reached.address).splitlines()]
    if reached.authority:
        lines += ["Its certificate authority (SHA-256), as devices show it before they trust it:"]
        lines += [f"  {reached.authority[:47]}", f"  {reached.authority[48:]}"]
    if others := reached.hosts[1:]:
        lines.append(f"This machine's other addresses: {', '.join(others)}")
    return "\n".join(lines)
