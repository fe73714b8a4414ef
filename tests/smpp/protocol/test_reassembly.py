"""Long texts of parents put together from their parts."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from smpp.protocol import user_data_header
from smpp.protocol.reassembly import TIME_LIMIT, Added, Key, MemoryStore, PartPayload, add, give_up_old
from smpp.protocol.segmentation import split
from smpp.protocol.user_data_header import Concatenation, concatenation_header

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ANNA = Key("a1", "+359888000001", "1987", "udh8", 5)
BORIS = Key("a1", "+359888000002", "1987", "udh8", 5)


def put(store: MemoryStore, key: Key, number: int, words: str, total: int = 2, at: datetime = NOW) -> Added:
    part = PartPayload(words.encode("utf-16-be"), 8)
    return add(store, key, Concatenation(key.kind, key.reference, total, number), part, at)


def said(added: Added) -> str | None:
    return added.whole.text().text if added.whole else None


def test_interleaved_parts_of_two_parents_with_one_reference_are_kept_apart() -> None:
    store = MemoryStore()
    assert said(put(store, ANNA, 1, "Анна ")) is None
    assert said(put(store, BORIS, 2, "пита")) is None
    assert said(put(store, ANNA, 2, "казва")) == "Анна казва"
    assert said(put(store, BORIS, 1, "Борис ")) == "Борис пита"


def test_the_same_reference_at_another_operator_or_in_another_form_is_another_message() -> None:
    store = MemoryStore()
    put(store, ANNA, 1, "a")
    for other in (
        Key("yettel", ANNA.source, "1987", "udh8", 5),
        Key("a1", ANNA.source, "1988", "udh8", 5),
        Key("a1", ANNA.source, "1987", "udh16", 5),
        Key("a1", ANNA.source, "1987", "sar", 5),
        Key("a1", ANNA.source, "1987", "udh8", 6),
    ):
        assert said(put(store, other, 2, "b")) is None


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), min_size=200, max_size=400),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_repetition_give_the_text_once(text: str, random: Random) -> None:
    parts = list(split(text, 5))
    sent = [*parts, *parts[: len(parts) // 2]]
    random.shuffle(sent)
    store = MemoryStore()
    texts = []
    for part in sent:
        found = user_data_header.split(part.payload)
        assert found.concatenation
        texts.append(said(add(store, ANNA, found.concatenation, PartPayload(found.body, part.data_coding), NOW)))
    assert [words for words in texts if words is not None] == [text]


def test_a_pair_that_a_telephone_cut_in_two_is_whole_again() -> None:
    store = MemoryStore()
    octets = "а😀б".encode("utf-16-be")
    add(store, ANNA, Concatenation("udh8", 5, 2, 1), PartPayload(octets[:4], 8), NOW)
    added = add(store, ANNA, Concatenation("udh8", 5, 2, 2), PartPayload(octets[4:], 8), NOW)
    assert added.whole
    assert added.whole.text().text == "а😀б"
    assert added.whole.text().problem is None


def test_parts_in_different_codings_are_read_each_in_its_own() -> None:
    store = MemoryStore()
    add(store, ANNA, Concatenation("udh8", 5, 2, 2), PartPayload(b"STOP", 0), NOW)
    added = add(store, ANNA, Concatenation("udh8", 5, 2, 1), PartPayload("да ".encode("utf-16-be"), 8), NOW)
    assert said(added) == "да STOP"


def test_a_part_delivered_again_after_the_message_was_whole_does_nothing() -> None:
    store = MemoryStore()
    put(store, ANNA, 1, "едно ")
    assert said(put(store, ANNA, 2, "две")) == "едно две"
    assert put(store, ANNA, 2, "две") == Added(repeated=True)
    assert give_up_old(store, NOW + TIME_LIMIT * 2) == []


def test_a_reference_used_again_begins_a_new_message_and_the_broken_one_is_handed_out() -> None:
    store = MemoryStore()
    put(store, ANNA, 1, "старо ", total=3)
    added = put(store, ANNA, 1, "ново ", total=2)
    assert added.given_up
    assert (added.given_up.text().text, added.given_up.text().problem) == ("старо […]", "incomplete")
    assert said(put(store, ANNA, 2, "съобщение")) == "ново съобщение"


def test_parts_that_come_after_the_time_limit_are_another_message() -> None:
    store = MemoryStore()
    put(store, ANNA, 1, "рано ")
    late = put(store, ANNA, 2, "късно", at=NOW + TIME_LIMIT + timedelta(seconds=1))
    assert said(late) is None
    assert late.given_up
    assert late.given_up.text().text == "рано […]"


def test_what_never_became_whole_is_handed_out_after_the_time_limit() -> None:
    store = MemoryStore()
    put(store, ANNA, 2, "край")
    assert give_up_old(store, NOW + TIME_LIMIT / 2) == []
    ((key, assembly),) = give_up_old(store, NOW + TIME_LIMIT * 2)
    assert (key, assembly.text().text) == (ANNA, "[…]край")
    assert give_up_old(store, NOW + TIME_LIMIT * 2) == []


@given(st.binary(max_size=160))
def test_no_header_breaks_the_reading_of_it(payload: bytes) -> None:
    found = user_data_header.split(payload)
    assert payload.endswith(found.body)
    assert found.body == payload or len(payload) - len(found.body) == payload[0] + 1


def test_ill_formed_headers_lose_no_text() -> None:
    assert user_data_header.split(b"\x20text").body == b"\x20text"
    assert not user_data_header.split(b"\x20text").well
    assert user_data_header.split(b"\x03\x00\x09\x01text").body == b"text"
    assert user_data_header.split(b"\x05\x00\x03\x05\x02\x03text").concatenation is None
    assert user_data_header.split(b"\x05\x00\x03\x05\x02\x00text").concatenation is None
    ports = b"\x0b\x05\x04\x15\x81\x00\x00" + concatenation_header(5, 2, 1)[1:] + b"text"
    assert user_data_header.split(ports).concatenation == Concatenation("udh8", 5, 2, 1)
    assert user_data_header.split(ports).body == b"text"
