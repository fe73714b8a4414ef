# ruff: noqa: E501  (headers stand as they are sent)
"""Requests after the cases of RFC 4475 (SIP torture test messages), to our number: legal ones that look odd, and odd ones.

`{exchange}`, `{local}` (addresses with ports), `{branch}` and `{number}` are put in where a message is sent.
"""

BODY = (
    "v=0\r\no=mhandley 29739 7272939 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 49217 RTP/AVP 8 12\r\na=rtpmap:8 PCMA/8000\r\n"
)
URI = "sip:{number}@{exchange}"


def request(
    method: str = "INVITE",
    uri: str = URI,
    *,
    version: str = "SIP/2.0",
    via: str = "Via: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport",
    sender: str = "From: <sip:0888123456@{local}>;tag={branch}",
    to: str = "To: <sip:{number}@{exchange}>",
    call_id: str = "Call-ID: {branch}@fuzzing",
    sequence: str = "",
    more: str = "",
    length: str | None = None,
    body: str = BODY,
) -> bytes:
    """A request; every line can be another."""
    lines = [f"{method} {uri} {version}", via, "Max-Forwards: 70", sender, to, call_id, sequence or f"CSeq: 1 {method}"]
    lines += ["Contact: <sip:0888123456@{local}>", *more.splitlines()]
    lines += ["Content-Type: application/sdp"] if body else []
    lines.append(f"Content-Length: {len(body)}" if length is None else length)
    return ("\r\n".join(line for line in lines if line) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape")


MESSAGES: dict[str, bytes] = {
    # 3.1.1, valid
    "plain": request(),
    "short tortuous": request(
        via="v: SIP / 2.0\r\n /UDP\r\n    {local};branch  =   z9hG4bK{branch};rport",
        sender='FROM\t:\r\n "J Rosenberg \\\\\\""       <sip:0888123456@{local}>\r\n  ;\r\n  tag = {branch}',
        to="TO :\r\n sip:{number}@{exchange} ;   tag    =",
        sequence="CSeq : 0009\r\n  INVITE",
        more='NewFangledHeader:   newfangled value\r\n continued newfangled value\r\nUnknownHeaderWithUnusualValue: ;;,,;;,;',
    ),
    "wide range of characters": request(
        "!interesting-Method0123456789_*+`.%indeed'~",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@{exchange}",
        sender='From: token1~` token2\'+_ token3*%!.- <sip:mundane@{local}>;fromParam\'\'~+*_!.-%="\u0440";tag={branch}',
        sequence="CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
        body="",
    ),
    "escaped characters": request(uri="sip:%30882818905%40{exchange}@{exchange}", to="To: <sip:%75se%72@{exchange}>"),
    "escaped nulls": request("REGISTER", to="To: sip:null-%00-null@{exchange}", more="Contact: <sip:%00@{local}>", body=""),
    "percent that escapes nothing": request("RE%47IST%45R", sequence="CSeq: 29344 RE%47IST%45R", body=""),
    "no space in the display name": request(sender="From: caller<sip:0888123456@{local}>;tag={branch}"),
    "long values": request(
        sender=f'From: "{"A" * 400}" <sip:{"0888" * 60}@{{local}}>;tag={{branch}};longParam{"9" * 300}="{"x" * 300}"',
        call_id=f"Call-ID: {{branch}}.{'a' * 300}@fuzzing",
        more="\r\n".join(f"Via: SIP/2.0/TCP sip{n}.example.com" for n in range(33)) + f"\r\nUnknown-{'Long' * 60}: {'y' * 500}",
    ),
    "octets behind the request": request("REGISTER", body="") + request(),
    "semicolon in the user": request("OPTIONS", "sip:user;par=u%40example.net@{exchange}", body=""),
    "many transports": request("OPTIONS", more="Via: SIP/2.0/SCTP a.example\r\nVia: SIP/2.0/UNKNOWN b.example", body=""),
    "multipart": request(
        "MESSAGE", more="Content-Type: multipart/mixed;boundary=7a9cbec02ceef655",
        body="--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655--\r\n",
    ),
    "unusual reason": b"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe\xff\r\nVia: SIP/2.0/UDP {exchange};branch=z9hG4bK1\r\n"
    b"Call-ID: {branch}@x\r\nCSeq: 35 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nContent-Length: 0\r\n\r\n",
    "empty reason": b"SIP/2.0 100 \r\nVia: SIP/2.0/UDP {exchange};branch=z9hG4bK2\r\nCall-ID: {branch}@x\r\n"
    b"CSeq: 35 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nContent-Length: 0\r\n\r\n",
    # 3.1.2, invalid
    "separators without values": request(
        via="Via: SIP/2.0/UDP {local};;,;,,;branch=z9hG4bK{branch}", more='Contact: "Joe" <sip:joe@example.org>;;;;'
    ),
    "length larger than the body": request(length="Content-Length: 9999"),
    "negative length": request(length="Content-Length: -999"),
    "numbers of 36 digits": request(
        "REGISTER", via="Via: SIP/2.0/UDP {local};branch=z9hG4bK{branch};ttl=300",
        sequence="CSeq: 36893488147419103232 REGISTER", body="",
        more="Expires: 10000000000000000000000000000000000000000000\r\nContact: <sip:u@{local}>;expires=280297596632815",
    ),
    "a response of 36 digits": b"SIP/2.0 503 x\r\nVia: SIP/2.0/TCP {exchange};branch=z9hG4bK3\r\nCall-ID: {branch}@x\r\n"
    b"CSeq: 9292394834772304023312 OPTIONS\r\nRetry-After: 949302838503028349304023988\r\nContent-Length: 0\r\n\r\n",
    "an open quote": request(to='To: "Mr. J. User <sip:{number}@{exchange}>'),
    "brackets round the address": request(uri="<" + URI + ">"),
    "spaces in the address": request(uri="sip:{number}@{exchange}; lr"),
    "spaces in the first line": request(method="INVITE  ", sequence="CSeq: 1 INVITE"),
    "a space at its end": request(version="SIP/2.0  "),
    "escaped headers in the address": request(uri=URI + "?Route=%3Csip:example.com%3E"),
    "a date of no time zone": request(more="Date: Fri, 01 Jan 2010 16:00:00 EST"),
    "contact parameters outside": request("REGISTER", more="Contact: sip:user@{local}?Route=%3Csip:sip.example.com%3E", body=""),
    "an address with spaces": request(to='To: "Watson, Thomas" < sip:{number}@{exchange} >'),
    "a display name of no token": request(sender="From: Bell, Alexander <sip:0888123456@{local}>;tag={branch}"),
    "another version": request("OPTIONS", version="SIP/7.0", body=""),
    "another method in CSeq": request("OPTIONS", sequence="CSeq: 8 INVITE", body=""),
    "an unknown method in CSeq": request("NEWMETHOD", sequence="CSeq: 8 OTHER", body=""),
    "a response of 4 billion": b"SIP/2.0 4294967301 x\r\nVia: SIP/2.0/UDP {exchange};branch=z9hG4bK4\r\nCall-ID: {branch}@x\r\n"
    b"CSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nContent-Length: 0\r\n\r\n",
    # 3.2 and 3.3
    "a branch of the cookie alone": request(via="Via: SIP/2.0/UDP {local};branch=z9hG4bK"),
    "no required header": b"INVITE sip:{number}@{exchange} SIP/2.0\r\nCSeq: 193942 INVITE\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK5"
    b"\r\nContent-Type: application/sdp\r\n\r\n",
    "an unknown scheme": request("OPTIONS", "nobodyKnowsThisScheme:totallyopaquecontent", body=""),
    "a known scheme that is no SIP": request("OPTIONS", "soap.beep://192.0.2.103:3002", body=""),
    "unknown schemes in From and To": request(sender="From: <http://www.example.com>;tag={branch}", to="To: isbn:2983792873"),
    "what nobody supports": request("OPTIONS", more="Require: nothingSupportsThis, nothingSupportsThisEither\r\nProxy-Require: x", body=""),
    "an unknown kind of body": request(more="Content-Type: application/unknownformat"),
    "an unknown way to sign in": request("REGISTER", more='Authorization: NoOneKnowsThisScheme opaque-data="here"', body=""),
    "several of what may be one": request(more="CSeq: 93 MESSAGE\r\nCall-ID: other@x\r\nFrom: <sip:x@y>;tag=9\r\nTo: <sip:z@y>\r\nMax-Forwards: 5"),
    "several lengths": request(more="Content-Length: 13"),
    "a broadcast response": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK6\r\nCall-ID: {branch}@x\r\n"
    b"CSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nContent-Length: 0\r\n\r\n",
    "no hops left": request("OPTIONS", more="Max-Forwards: 0", body=""),
    "a contact of no address": request("REGISTER", more="Contact: <>\r\nContact: *\r\nExpires: 0", body=""),
    "only one kind of answer": request(more="Accept: text/nobodyKnowsThis", body=""),
    "an old client": request(via="Via: SIP/2.0/UDP {local}", sender="From: <sip:0888123456@{local}>", sequence="CSeq: 1 INVITE"),
    # ours
    "nobody who is called": request(to=""),
    "asserted by everybody": request(more="P-Asserted-Identity: " + ",".join(["<sip:a@b>"] * 200) + "\r\nPrivacy: id;user;none;"),
    "a caller that is a command": request(sender="From: \"`id`$(id)${EVAL}\" <sip:0888123456&system(id),x)@{local}>;tag={branch}"),
    "a body that is no offer": request(body="v=0\r\nm=audio 99999999 RTP/AVP " + "8 " * 300 + "\r\nc=IN IP6 ::::\r\n"),
    "a keep-alive": b"\r\n\r\n",
    "nothing but NULs": b"\0" * 300,
}  # fmt: skip
