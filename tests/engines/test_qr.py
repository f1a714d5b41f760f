"""P13: QR codes for a terminal and for a page."""

import segno

from vitascope.engines import qr


def test_the_code_has_every_square_of_the_address() -> None:
    """Two rows of squares in a line: a full block, its upper or its lower half is light."""
    address = "http://192.168.1.5:8400/trust"
    rows: list[list[bool]] = []
    for line in qr.in_characters(address).splitlines():
        rows.append([square in "█▀" for square in line])
        rows.append([square in "█▄" for square in line])
    code = segno.make(address, error="m", micro=False)
    wanted = [[bool(square) for square in row] for row in code.matrix_iter(border=2)]
    dark = [[not light for light in row] for row in rows]
    assert dark[: len(wanted)] == wanted


def test_a_page_gets_the_rows_without_a_margin() -> None:
    address = "http://192.168.1.5:8400/enter#7h2k9wqmx4tn"
    rows = qr.squares(address)
    assert {len(row) for row in rows} == {len(rows)}
    code = segno.make(address, error="m", micro=False)
    assert [[square == "1" for square in row] for row in rows] == [
        [bool(square) for square in row] for row in code.matrix_iter(border=0)
    ]
