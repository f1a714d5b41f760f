"""Small Shapes: three episodes about a circle, a square and a triangle, with one opening and one
set of credits."""

from demo.filming.films.small_shapes.episode import SECONDS, episode
from demo.filming.films.small_shapes.sound import sound
from demo.filming.films.small_shapes.stories import going_down, going_up, staying
from demo.filming.reel import Film, drawn

FILMS = {
    f"small-shapes-{n + 1}": Film(
        drawn(SECONDS, episode(n + 1, name, story)), sound(n), SECONDS, crf=22
    )
    for n, (name, story) in enumerate(
        (
            ("Circle Goes Down", going_down),
            ("Square Stays", staying),
            ("Triangle Goes Up", going_up),
        )
    )
}
