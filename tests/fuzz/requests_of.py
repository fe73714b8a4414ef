"""Requests drawn from forms, routes and the API's document: right ones with a few things wrong."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from tests.admin_web.structure.test_every_route import bag
from tests.admin_web.structure.two_schools import TwoSchools
from tests.fuzz.octets import mutated, odd, seldom, texts
from tests.fuzz.pages import Form
from tests.fuzz.target import Case

BOUNDARY = "----eschool"
FORM = "application/x-www-form-urlencoded"
TYPES = (FORM, "application/json", "multipart/form-data", "text/plain", "", "multipart/form-data; boundary=")
ACCEPTED = ("text/html", "application/json", "*/*", "", "text/html;q=\0", "a/b;q=9999999999")


def _values(schools: TwoSchools) -> SearchStrategy[str]:
    ids = [
        str(value)
        for of in (bag(schools.own), bag(schools.others))
        for value in of.values()
        if not isinstance(value, dict)
    ]
    near = st.sampled_from(ids)
    numbers = st.integers(-(2**65), 2**65).map(str) | st.integers(-3, 400).map(str)
    dates = st.dates().map(str) | st.sampled_from(("2026-11-24", "2026-11-24T25:00", "24.11.2026", "0001-01-01"))
    return st.one_of(odd(), near, numbers, dates, texts(), near.flatmap(lambda one: _nearly(one)))


def _nearly(text: str) -> SearchStrategy[str]:
    return mutated(text.encode(), 2).map(lambda octets: octets.decode("utf-8", "surrogateescape"))


@st.composite
def _changed(draw: st.DrawFn, fields: Sequence[tuple[str, str]], schools: TwoSchools) -> list[tuple[str, str]]:
    """The fields with some values changed, left out, repeated or added."""
    known, found = sorted(bag(schools.own)), list(fields)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(found) - 1)))
        change = draw(st.sampled_from(("value", "value", "value", "value", "leave out", "repeat", "add")))
        value = draw(_values(schools))
        if change == "add" or not found:
            found.append((draw(st.sampled_from(known) | texts(20)), value))
        elif change == "value":
            found[at] = (found[at][0], value)
        elif change == "repeat":
            found.insert(at, (found[at][0], value))
        else:
            del found[at]
    return found


def _query(fields: Sequence[tuple[str, str]]) -> str:
    return urlencode([(_octets(name), _octets(value)) for name, value in fields])


def _octets(text: str) -> bytes:
    """Also what no form could send: halves of surrogate pairs."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode("utf-8", "replace")
        + _octets(value)
        + b"\r\n"
        for name, value in fields
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'
        .encode("utf-8", "replace")
        + octets + b"\r\n"
        for name, file, octets in files
    ]  # fmt: skip
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@st.composite
def _bodies(draw: st.DrawFn, fields: list[tuple[str, str]], uploads: Sequence[str]) -> tuple[str, bytes]:
    """A content type and a body."""
    if draw(seldom(25)):
        body = _query(fields).encode()
        odd_one: bytes = draw(st.just(body) | mutated(body) | st.just(json.dumps(dict(fields)).encode()))
        return draw(st.sampled_from(TYPES)), odd_one
    if draw(seldom(25)) or uploads:  # files also where none is asked for
        files = [
            (
                name,
                draw(st.sampled_from(("a.csv", "a.xlsx", "a.wav", "a.mp3", "", "../a", "а.csv", 'a"b', "a.zip"))),
                draw(
                    st.sampled_from((b"", b"PK\3\4", b"RIFF\0\0\0\0WAVEfmt ", b"\xff\xfe", "име;клас\n".encode()))
                    | st.binary(max_size=300)
                ),
            )
            for name in uploads or ("file",)
        ]
        body = _multipart(fields, files)
        return f"multipart/form-data; boundary={BOUNDARY}", draw(mutated(body)) if draw(seldom(10)) else body
    return FORM, _query(fields).encode()


@st.composite
def _request(
    draw: st.DrawFn, who: str, method: str, address: str, fields: list[tuple[str, str]], uploads: Sequence[str]
) -> Case:
    headers = {"Accept": draw(st.sampled_from(ACCEPTED))} if draw(seldom(10)) else {}
    if method == "GET":
        joint = "&" if "?" in address else "?"
        return {
            "who": who,
            "method": method,
            "target": (address + joint + _query(fields))[:60_000],
            "headers": headers,
            "body": "",
        }
    kind, body = draw(_bodies(fields, uploads))
    return {
        "who": who,
        "method": method,
        "target": address,
        "headers": headers | {"Content-Type": kind},
        "body": body.hex(),
    }


@st.composite
def forms(draw: st.DrawFn, found: Sequence[tuple[str, Form]], schools: TwoSchools) -> Case:
    """A form of a page, handed in with a few fields changed."""
    who, form = draw(st.sampled_from(found))
    fields = draw(_changed(form.fields, schools))
    return draw(_request(who, form.method, form.address, fields, form.uploads))


@st.composite
def routes(draw: st.DrawFn, addresses: Sequence[tuple[str, str]], people: Sequence[str], schools: TwoSchools) -> Case:
    """Any route as anybody, perhaps with a part of its path changed, with any of the fields that routes know."""
    method, address = draw(st.sampled_from(addresses))
    parts = address.split("/")
    if draw(st.booleans()):
        at = draw(st.integers(1, len(parts) - 1))
        parts[at] = quote(_octets(draw(_values(schools)))[:2000], safe="")
        address = "/".join(parts)
    known = sorted((name, str(value)) for name, value in bag(schools.own).items() if not isinstance(value, dict))
    some = draw(st.lists(st.sampled_from(known), max_size=12, unique=True))
    who = draw(st.sampled_from((*people, *people, "")))
    method = draw(st.sampled_from((method,) * 8 + ("POST", "PUT", "HEAD", "OPTIONS")))
    return draw(_request(who, method, address, draw(_changed(some, schools)), ()))


@st.composite
def api(draw: st.DrawFn, operations: Sequence[Any]) -> Case:
    """A request to the API that its document allows, or forbids."""
    operation = draw(st.sampled_from(operations))
    case = draw(operation.as_strategy(generation_mode=draw(st.sampled_from(list(GenerationMode)))))
    told = case.as_transport_kwargs(base_url="http://127.0.0.1/api/v1")
    address = quote(str(told["url"]).removeprefix("http://127.0.0.1"), safe="/%:@!$&'()*+,;=~")
    query = urlencode(told.get("params") or {}, doseq=True, errors="surrogatepass")
    body = json.dumps(told["json"]).encode() if "json" in told else told.get("data") or b""
    return {
        "who": "program",
        "method": str(case.method),
        "target": f"{address}?{query}" if query else address,
        "headers": {"Content-Type": "application/json"},
        "body": (body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogatepass")).hex(),
    }
