"""Whom a call is from, by the headers that telephone networks really send."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.asserted import caller

FROM = "0888999999"
NUMBER = "+359888123456"


def headers(*identities: str, privacy: tuple[str, ...] = (), claimed: str = "", older: str = "") -> str:
    values = [*identities, "", ""][:2] + [*privacy, "", ""][:2] + [claimed, older]
    return ".".join(b64encode(value.encode()).decode() for value in values)


@pytest.mark.parametrize(
    "identity",
    [
        "<sip:+359888123456@ims.example>",
        '"Мария, Иванова" <sip:+359888123456@ims.example;user=phone>',
        "<tel:+359888123456>",
        "tel:+359-888-123.456",
        "tel:+359888123456, <sip:someone@ims.example>",
        "<tel:+359888123456>,<sip:+359888123456@ims.example;user=phone>",
        "<sip:maria@ims.example>, <tel:+359888123456>",
        "<sip:+359888123456;npdi@ims.example>",
        "<sip:%2B359888123456@ims.example>",
        "<tel:888123456;phone-context=+359>",
        '"tel:+359888000000" <tel:+359888123456>',
        '"a\\", <tel:+359888000000>" <tel:+359888123456>',
        "<sip:maria@ims.example>,\r\n <tel:+359888123456>",
        "SIP:+359888123456@ims.example",
    ],
)
def test_the_number_that_is_asserted_is_the_callers(identity: str) -> None:
    assert caller(headers(identity), FROM) == NUMBER


def test_two_headers_are_one_list() -> None:
    assert caller(headers("<sip:maria@ims.example>", f"<tel:{NUMBER}>"), FROM) == NUMBER


def test_a_national_number_stays_one() -> None:
    assert caller(headers("<sip:0888123456@ims.example>"), FROM) == "0888123456"


@pytest.mark.parametrize(
    "identity",
    ["<sip:maria@ims.example>", "<sip:ims.example>", "<sip:+359888123456>", "rubbish", "<tel:>", '"<tel:+3598812>'],
)
def test_an_identity_without_a_number_is_nobody_and_not_the_one_the_telephone_claims(identity: str) -> None:
    assert caller(headers(identity), FROM) is None


@pytest.mark.parametrize("privacy", ["id", "ID", "user;id", "id;critical", " header; id ", "user", "session,id"])
@pytest.mark.parametrize("identity", ["", f"<tel:{NUMBER}>"])
def test_who_wants_to_be_hidden_is(identity: str, privacy: str) -> None:
    assert caller(headers(identity, privacy=(privacy,)), FROM) is None
    assert caller(headers(identity, privacy=("header", privacy)), FROM) is None


@pytest.mark.parametrize("privacy", ["none", "header", "session", "critical", ""])
def test_other_privacy_hides_no_number(privacy: str) -> None:
    assert caller(headers(f"<tel:{NUMBER}>", privacy=(privacy,)), FROM) == NUMBER


def test_where_nothing_is_asserted_the_call_tells() -> None:
    assert caller(headers(), FROM) == FROM
    assert caller("", FROM) == FROM
    assert caller("", None) is None


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_is_sent_gives_a_number_or_none(identity: str, privacy: str) -> None:
    found = caller(headers(identity, privacy=(privacy,)), FROM)
    assert found is None or found.lstrip("+").isdigit()


@given(st.text(max_size=100))
def test_what_the_dialplan_never_gives_does_no_harm(given_headers: str) -> None:
    found = caller(given_headers, FROM)
    assert found is None or found.lstrip("+").isdigit()


@pytest.mark.parametrize(
    ("claimed", "found"),
    [
        (f"<sip:{NUMBER}@127.0.0.1>;tag=a1", NUMBER),
        (f'"Мария, Иванова" <sip:{NUMBER}@127.0.0.1;user=phone>;tag=a1', NUMBER),
        (f'"<sip:0888000000@x>" <sip:{NUMBER}@127.0.0.1>', NUMBER),
        (f"sip:{NUMBER}@127.0.0.1;tag=a1", NUMBER),
        ('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a1', None),
        ("<sip:ivan@127.0.0.1>", None),
        ("<sip:088812345x@127.0.0.1>", None),
        ("<sip:127.0.0.1>", None),
    ],
)
def test_where_nothing_is_asserted_the_telephone_says_who_calls(claimed: str, found: str | None) -> None:
    assert caller(headers(claimed=claimed)) == found
    assert caller(headers(claimed=claimed, privacy=("id",))) is None
    assert caller(headers(f"<tel:{FROM}>", claimed=claimed)) == FROM


@pytest.mark.parametrize(
    ("older", "found"),
    [
        (f'"Мария" <sip:{NUMBER}@ims.example>;party=calling;screen=yes;privacy=off', NUMBER),
        (f"<sip:{NUMBER}@ims.example>", NUMBER),
        (f"<sip:{NUMBER}@ims.example>;screen=yes;privacy=full", None),
        (f"<sip:{NUMBER}@ims.example>; Privacy = URI", None),
        (f'"a;privacy=full" <sip:{NUMBER}@ims.example>;privacy=name', NUMBER),
        ("<sip:maria@ims.example>", None),
    ],
)
def test_remote_party_id_counts_more_than_from_and_less_than_what_is_asserted(older: str, found: str | None) -> None:
    assert caller(headers(older=older, claimed=f"<sip:{FROM}@127.0.0.1>")) == found
    assert caller(headers(f"<tel:{NUMBER}>", older=older)) == NUMBER
