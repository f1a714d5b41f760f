"""The first start brings the demo, a cut one is taken up, and a later one changes nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.setup import MemoryBlobs, MemoryOutbox, WholeCatalog, asset
from tests.conftest import OpenRows
from vitascope.billing import Plan, Subscription, SubscriptionState
from vitascope.catalog import Artwork
from vitascope.identity import Account, Device, EmailTaken, Profile, ProfileDraft, SignedIn, Tokens
from vitascope.ingest import DiskFull
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, ContentId, DeviceId, ProfileId, TitleId, new_id
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.money import Money
from vitascope.operations.demo import seed as seeding
from vitascope.operations.demo.films import DemoMaster, films
from vitascope.operations.demo.seed import DemoSeed
from vitascope.viewing import Viewing
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore

DEMO = Path(__file__).parents[2] / "demo"
FILMS = films(DEMO, AccountId("acc_partner"))
MASTERS = [master for film in FILMS for master in film.masters]
FIRST = FILMS[0].title.id


class Household:
    """Identity and billing as far as the demo asks them."""

    def __init__(self) -> None:
        self.accounts: dict[str, SignedIn] = {}
        self.of: dict[str, list[Profile]] = {}
        self.subscribed: dict[str, str] = {}

    async def sign_up(
        self, email: str, password: str, name: str, device: Any, **more: Any
    ) -> SignedIn:
        if email in self.accounts:
            raise EmailTaken(email)
        account = Account(
            id=AccountId(new_id("acc")), email=email, name=name, role=more["role"],
            country=Country("FR"), locale="en", created_at_ms=0,
        )  # fmt: skip
        made = SignedIn(
            account=account,
            device=Device(id=DeviceId("dev"), name="", kind=device.kind, created_at_ms=0,
                          last_seen_at_ms=0),
            tokens=Tokens(access_token="", expires_in_s=1, refresh_token=""),
        )  # fmt: skip
        self.accounts[email] = made
        self.of[account.id] = [_profile(account.id, ProfileDraft(name=name))]
        return made

    async def sign_in(self, email: str, *_: Any) -> SignedIn:
        return self.accounts[email]

    async def profiles(self, account_id: AccountId) -> list[Profile]:
        return list(self.of[account_id])

    async def add_profile(self, account_id: AccountId, draft: ProfileDraft) -> Profile:
        self.of[account_id].append(_profile(account_id, draft))
        return self.of[account_id][-1]

    async def change_profile(self, who: Any, profile_id: str, draft: ProfileDraft) -> Profile:
        mine = self.of[who.account_id]
        at = [each.id for each in mine].index(ProfileId(profile_id))
        mine[at] = _profile(who.account_id, draft, mine[at].id)
        return mine[at]

    async def plans(self) -> list[Plan]:
        return [
            Plan(id=name, name=name, streams=1, max_height=720, key_labels=(),
                 price=Money(minor=price, currency="EUR"))
            for name, price in (("small", 500), ("large", 1500))
        ]  # fmt: skip

    async def subscribe(self, account_id: AccountId, plan_id: str) -> Subscription:
        self.subscribed[account_id] = plan_id
        state = SubscriptionState.ACTIVE
        return Subscription(account_id=account_id, state=state, plan=None)


def _profile(account_id: AccountId, draft: ProfileDraft, known: ProfileId | None = None) -> Profile:
    return Profile(
        id=known or ProfileId(new_id("pro")), account_id=account_id, name=draft.name or "",
        kids=bool(draft.kids), maturity=draft.maturity or Maturity.EIGHTEEN, locale="en",
        avatar="comet", has_pin=False, autoplay=True, data_saver=False,
    )  # fmt: skip


class Place:
    """A service to seed, whose pipeline publishes what is uploaded at once."""

    def __init__(self, catalog: WholeCatalog, viewing: Viewing, data: Path) -> None:
        self.catalog, self.viewing, self.data = catalog, viewing, data
        self.household = Household()
        self.every_film = True
        self.sent: list[tuple[str, str, str]] = []
        self.steps: set[str] = set()
        self.broken = False
        self.failed: list[str] = []

    def seed(self) -> DemoSeed:
        household: Any = self.household
        return DemoSeed(
            identity=household, billing=household, catalog=self.catalog, viewing=self.viewing,
            upload=self.upload, trouble=self.trouble, clock=SystemClock(), folder=DEMO,
            notes=self.data / "demo", step=lambda name, *_: self.steps.add(name),
            every_film=self.every_film,
        )  # fmt: skip

    async def upload(self, folder: Path, master: DemoMaster, priority: str) -> None:
        for name in (master.file, *master.texts().values()):
            assert await asyncio.to_thread((folder / name).exists)
        self.sent.append((master.file, master.content_id, priority))
        if self.broken:
            self.failed.append(master.content_id)
        else:
            await self.catalog.publish(master.title_id, asset(master.content_id))

    async def trouble(self) -> dict[str, str]:
        return dict.fromkeys(self.failed, "no encoder")


@pytest.fixture
async def place(open_sqlite: OpenRows, clock: HeldClock, data: Path) -> Place:
    blobs: Any = MemoryBlobs()
    catalog = WholeCatalog(
        rows=await open_sqlite("catalog"), outbox=MemoryOutbox(), blobs=blobs, clock=clock
    )
    rows = await open_sqlite("viewing")
    return Place(
        catalog,
        StoredViewing(store=RowsViewingStore(rows=rows, outbox=MemoryOutbox()), clock=clock),
        data,
    )


async def test_the_first_start_brings_everything_one_needs(place: Place) -> None:
    sign_ins = await place.seed().first()
    assert [who for who, _, _ in sign_ins] == ["viewer", "partner", "operator"]
    titles = await place.catalog.all_titles()
    assert len(titles) >= 40
    playable = [title for title in titles if await place.catalog.asset(ContentId(title.id))]
    assert playable
    assert all(title.artwork.poster and title.artwork.tint for title in playable)
    assert [(name, priority) for name, _, priority in place.sent] == [
        ("big-buck-bunny.mp4", "new-release")
    ]
    viewer = place.household.accounts["viewer@vitascope.example"].account.id
    assert place.household.subscribed[viewer] == "large"
    profiles = await place.household.profiles(viewer)
    assert [profile.name for profile in profiles] == ["Ada", "Camille", "Jules", "Mimi"]
    assert [profile.kids for profile in profiles] == [False, False, False, True]


async def test_profiles_have_watched_only_what_can_be_played(place: Place) -> None:
    await place.seed().first()
    await the_habits_are_of_films(place, {FIRST})
    await place.seed().rest()
    sent = {content for _, content, _ in place.sent}
    titles = {title.id for title in await place.catalog.all_titles() if title.playable}
    await the_habits_are_of_films(place, sent | titles)
    viewer = place.household.accounts["viewer@vitascope.example"].account.id
    for profile in await place.household.profiles(viewer):
        assert await place.viewing.recent(profile.id)
        assert await place.viewing.my_list(profile.id)
        assert await place.viewing.all_thumbs(profile.id)


async def the_habits_are_of_films(place: Place, known: set[str]) -> None:
    viewer = place.household.accounts["viewer@vitascope.example"].account.id
    for profile in await place.household.profiles(viewer):
        watched = {each.title_id for each in await place.viewing.recent(profile.id)}
        listed = {each.title_id for each in await place.viewing.my_list(profile.id)}
        thumbs = set(await place.viewing.all_thumbs(profile.id))
        assert watched | listed | thumbs <= known


async def test_ready_waits_until_a_film_can_be_played(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "_LOOKS_BEFORE_ASKING", 1)
    looked_in_vain = asyncio.Event()

    async def encoded_later(folder: Path, master: DemoMaster, priority: str) -> None:
        place.sent.append((master.file, master.content_id, priority))

    async def no_trouble() -> dict[str, str]:
        looked_in_vain.set()
        return {}

    place.upload, place.trouble = encoded_later, no_trouble  # type: ignore[method-assign]
    ready = asyncio.create_task(place.seed().first())
    await asyncio.wait_for(looked_in_vain.wait(), 240)
    assert not ready.done()
    ((_, film, _),) = place.sent
    await place.catalog.publish(TitleId(film), asset(ContentId(film)))
    assert await asyncio.wait_for(ready, 240)


async def test_a_film_that_is_not_taken_is_sent_at_the_next_start(place: Place) -> None:
    """As on a disk that is nearly full: the service is up, and says so."""
    real = place.upload

    async def refused(folder: Path, master: DemoMaster, priority: str) -> None:
        raise DiskFull("No room.")

    place.upload = refused  # type: ignore[method-assign]
    assert await asyncio.wait_for(place.seed().first(), 240)
    assert place.sent == []
    place.upload = real  # type: ignore[method-assign]
    await place.seed().first()
    assert [name for name, _, _ in place.sent] == ["big-buck-bunny.mp4"]


async def test_a_film_that_will_not_come_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "_LOOKS_BEFORE_ASKING", 1)
    place.broken = True
    assert await asyncio.wait_for(place.seed().first(), 240)


async def test_ready_waits_for_the_first_pictures_only(place: Place) -> None:
    await place.seed().first()
    titles = await place.catalog.all_titles()
    assert 0 < sum(bool(title.artwork.poster) for title in titles) < len(titles) / 2
    await place.seed().rest()
    assert all(title.artwork.poster for title in await place.catalog.all_titles())


async def test_the_other_films_are_sent_together_and_waited_for(place: Place) -> None:
    """The pipeline makes all of them playable before it makes any of them better: none is sent
    late."""
    await place.seed().first()
    assert len(place.sent) == 1
    real = place.upload

    async def encoded_later(folder: Path, master: DemoMaster, priority: str) -> None:
        place.sent.append((master.file, master.content_id, priority))
        if len(place.sent) == len(MASTERS):  # with the last one all can be played
            sent, place.sent = place.sent, []
            for one in MASTERS[1:]:
                await real(folder, one, priority)
            place.sent = sent

    place.upload = encoded_later  # type: ignore[method-assign]
    await asyncio.wait_for(place.seed().rest(), 240)
    assert [content for _, content, _ in place.sent] == [m.content_id for m in MASTERS]
    assert {priority for _, _, priority in place.sent[1:]} == {"back-catalog"}
    assert "Bringing in the other films" in place.steps


async def test_one_film_is_enough_for_who_says_so(place: Place) -> None:
    place.every_film = False
    await place.seed().first()
    await place.seed().rest()
    assert len(place.sent) == 1
    assert all(title.artwork.poster for title in await place.catalog.all_titles())


async def test_films_that_were_sent_before_a_stop_are_not_sent_again(place: Place) -> None:
    await place.seed().first()
    real = place.upload

    async def stopped(folder: Path, master: DemoMaster, priority: str) -> None:
        if len(place.sent) == 3:
            raise asyncio.CancelledError
        await real(folder, master, priority)

    place.upload = stopped  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await place.seed().rest()
    place.upload = real  # type: ignore[method-assign]
    await place.seed().first()
    await place.seed().rest()
    contents = [content for _, content, _ in place.sent]
    assert contents == [m.content_id for m in MASTERS]


async def test_a_second_start_changes_nothing(place: Place) -> None:
    await place.seed().first()
    await place.seed().rest()
    before = await place.catalog.all_titles()
    sent = list(place.sent)
    viewer = place.household.accounts["viewer@vitascope.example"].account.id
    ada = (await place.household.profiles(viewer))[0]
    await place.viewing.forget(ada.id, before[0].id)
    history = await place.viewing.history(ada.id)
    await place.seed().first()
    await place.seed().rest()
    assert await place.catalog.all_titles() == before
    assert place.sent == sent
    assert await place.viewing.history(ada.id) == history


async def test_a_film_that_came_before_its_poster_gets_it_and_keeps_its_preview(
    place: Place,
) -> None:
    taken = Artwork(poster="still", landscape="still", preview="clip.mp4", tint="#000011")

    async def published(folder: Path, master: DemoMaster, priority: str) -> None:
        await place.catalog.publish(master.title_id, asset(master.content_id))
        await place.catalog.illustrate(master.title_id, master.content_id, taken)

    place.upload = published  # type: ignore[method-assign]
    await place.seed().first()
    (film,) = [title for title in await place.catalog.all_titles() if title.artwork.preview]
    assert film.artwork.tint not in ("#000011", "")
    assert "still" not in (film.artwork.poster, film.artwork.landscape)
    assert (film.artwork.preview, len(film.artwork.from_film)) == ("clip.mp4", 1)


async def test_a_start_that_was_cut_short_is_taken_up(place: Place) -> None:
    household: Any = place.household
    real = household.add_profile

    async def cut(*_: Any) -> Profile:
        raise RuntimeError("the power went")

    household.add_profile = cut
    with pytest.raises(RuntimeError):
        await place.seed().first()
    household.add_profile = real
    await place.seed().first()
    viewer = place.household.accounts["viewer@vitascope.example"].account.id
    assert len(await place.household.profiles(viewer)) == 4


async def test_a_film_that_will_not_come_does_not_hold_up_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "_LOOKS_BEFORE_ASKING", 1)
    monkeypatch.setattr(seeding, "_LOOK_AGAIN_EVERY_S", 0.01)
    await place.seed().first()
    real = place.upload

    async def one_fails(folder: Path, master: DemoMaster, priority: str) -> None:
        place.broken = len(place.sent) == 2
        await real(folder, master, priority)

    place.upload = one_fails  # type: ignore[method-assign]
    await place.seed().rest()
    assert [content for _, content, _ in place.sent] == [m.content_id for m in MASTERS]
