"""A parent wants to be spoken to slowly: the same sentence is heard a quarter longer, when they call and when we do."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from db.kinds import FamilyState
from db.models import Subscriber
from devtools.pbx import exchange_of
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from prompts.catalogue import PHRASES
from prompts.clips import Clips
from prompts.slow import make_copies
from tests.calls.outbound import FAST, Ringing
from tests.calls.product import Product, running_asterisk_with_school
from tests.calls.scenarios import Caller
from tests.calls.test_recording import until

pytestmark = pytest.mark.calls


@pytest.fixture(scope="module")
def ringing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringing]:
    """Asterisk and voice server; the dialer is started apart."""
    home = tmp_path_factory.mktemp("slow-speech") / "home"
    with running_asterisk_with_school(home, **FAST) as product, product.voice_server():
        found = Ringing(product)
        yield found
        found.database.dispose()


def seconds_of(telephone: Telephone, phrase_id: str, *, last: bool = False) -> float:
    """How long a phrase took."""
    heard = [one for one in telephone.heard() if PHRASES[phrase_id] in one.texts and one.whole]
    return heard[-1 if last else 0].seconds


def is_slow(ringing: Ringing, phone: str) -> bool:
    with ringing.database.reading() as session:
        return session.scalars(select(Subscriber.slow_speech).where(Subscriber.phone == phone)).one()


def both_speeds(product: Product) -> ClipBook:
    return ClipBook(product.settings.sounds_path, product.settings.slow_sounds_path)


def test_a_parent_chooses_it_by_a_key_and_hears_the_menu_slowly_then_and_at_the_next_call(ringing: Ringing) -> None:
    product, parent = ringing.product, ringing.product.parents_of_one[-1]
    copies = Clips(product.settings, slow=True)
    with product.telephone(parent.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("menu-grades", seconds=60)
        usual = seconds_of(telephone, "menu-grades")
        caller.press("750")  # type-ahead
        until(lambda: is_slow(ringing, parent.phone))
        until(lambda: copies.find(PHRASES["menu-grades"]))  # the call lacked it, unless other tests made it
        telephone.hang_up()
    with Telephone(parent.phone, exchange_of(product.settings), both_speeds(product)) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("menu-grades", seconds=60)
        assert seconds_of(telephone, "menu-grades") == pytest.approx(1.25 * usual + 0.04, rel=0.03)
        greeting = Clips(product.settings).path_of(PHRASES["greeting"]).stat().st_size / 8000
        assert seconds_of(telephone, "greeting") == pytest.approx(greeting, abs=0.05)  # nobody is known yet
        caller.press("75")
        caller.hears("slow-speech-now-off")
        caller.press("0")
        telephone.wait_for_count(PHRASES["menu-absences"], 1)
        telephone.wait_for_count(PHRASES["menu-grades"], 2)
        caller.hears("menu-absences")
        assert seconds_of(telephone, "menu-grades", last=True) == pytest.approx(usual, abs=0.05)
        assert not is_slow(ringing, parent.phone)
        telephone.hang_up()


def test_a_campaign_speaks_slowly_from_its_first_word(ringing: Ringing) -> None:
    campaign_id = ringing.draft()
    make_copies(ringing.settings, [PHRASES[one] for one in ("calling", "invitation-offer", "invitation-choices")])
    family_id, phone = ringing.start_for_one(campaign_id)
    with ringing.database.session() as session:
        known = session.scalar(
            update(Subscriber).where(Subscriber.phone == phone).values(slow_speech=True).returning(Subscriber.id)
        )
        if known is None:
            session.execute(insert(Subscriber).values(phone=phone, slow_speech=True, created_at=datetime.now(UTC)))
    number = f"0{phone.removeprefix('+359')}"
    port = ringing.settings.telephones_port
    with (
        Telephone(number, exchange_of(ringing.settings), both_speeds(ringing.product), port=port) as telephone,
        ringing.dialer(),
    ):
        telephone.answer(60)
        telephone.wait_for(PHRASES["invitation-offer"], 60)
        telephone.press("1")
        telephone.wait_for(PHRASES["invitation-choices"], 60)
        telephone.press("1")
        assert telephone.wait_for_end(30)
        clips = Clips(ringing.settings)
        for phrase_id in ("calling", "invitation-offer", "invitation-choices"):
            usual = clips.path_of(PHRASES[phrase_id]).stat().st_size / 8000
            assert seconds_of(telephone, phrase_id) == pytest.approx(1.25 * usual + 0.04, rel=0.04), phrase_id
    ringing.wait_for(lambda: ringing.family(family_id)[0] is FamilyState.REACHED)
