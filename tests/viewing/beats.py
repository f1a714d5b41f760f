"""Reports of progress for the tests of viewing."""

from vitascope.kernel.ids import ContentId, ProfileId, SessionId, TitleId
from vitascope.viewing import Progress, Viewing

ANA, BEN = ProfileId("pro_ana"), ProfileId("pro_ben")
FILM, SAGA = TitleId("ttl_film"), TitleId("ttl_saga")


def beat(
    position_ms: int,
    *,
    session: int = 1,
    sequence: int = 1,
    profile: ProfileId = ANA,
    title: TitleId = FILM,
    content: str = "ttl_film",
    at_ms: int | None = None,
) -> Progress:
    return Progress(
        profile_id=profile,
        content_id=ContentId(content),
        title_id=title,
        position_ms=position_ms,
        duration_ms=100_000,
        session_id=SessionId(f"ses_{session}"),
        session_started_at_ms=session * 1000,
        sequence=sequence,
        at_ms=session * 1000 + sequence if at_ms is None else at_ms,
    )


async def position(viewing: Viewing, profile: ProfileId = ANA) -> int | None:
    found = await viewing.positions(profile, [ContentId("ttl_film")])
    return found[ContentId("ttl_film")].position_ms if found else None
