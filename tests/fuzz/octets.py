"""Strategies for octets and texts that are wrong on purpose."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

WORDS = (
    "СТОП", "stop", "ПОМОЩ", "ОЦЕНКИ", "ПИН", "12345674", "0888123456", "ИМЕЙЛ a@b.bg", "МАХНИ 0888123456", "ИДВАМ",
    "без оценки", "час 18", "id:1 sub:001 dlvrd:001 submit date:2611271200 done date:2611271200 stat:DELIVRD err:000",
)  # fmt: skip
ODD = (
    "", " ", "\0", "\x7f", "\u200b", "\u202e", "\ufeff", "\ud83d", "😀", "é", "e\u0301", "ß", "İ", "ﷺ", "٣", "𝟞",
    "\r\n",
    "\u2028", "%00", "%s", "{0}", "{pin}", "{{7*7}}", "<script>", "' OR 1=1 --", "\\", '"', "-1", "0", "1e999", "NaN",
    "9" * 20, "2147483648", "9223372036854775808", "1" * 1000, "0000-00-00", "9999-12-31", "2026-02-30",
    "25:61", "../../etc/passwd", "http://[", "a@", "xn--",
)  # fmt: skip


def seldom(one_in: int = 100) -> SearchStrategy[bool]:
    """True once in so many times: hypothesis draws the ends of a range far more often."""
    return st.integers(0, one_in - 1).map(lambda number: number == one_in * 2 // 5)


def odd() -> SearchStrategy[str]:
    """What breaks programs, and what is merely long: more digits than int() takes, more text than a column."""
    long = st.tuples(st.sampled_from(("9", "A", "я ")), st.sampled_from((300, 5_000, 70_000)))
    return st.one_of(
        st.sampled_from(ODD), st.sampled_from(ODD), st.sampled_from(ODD), long.map(lambda one: one[0] * one[1])
    )


def texts(longest: int = 300) -> SearchStrategy[str]:
    """What a person might write, with what nobody would in it."""
    piece = st.one_of(st.sampled_from(WORDS), st.sampled_from(ODD), st.text(max_size=12), st.characters())
    return st.lists(piece, max_size=8).map(lambda pieces: "".join(pieces)[:longest])


@st.composite
def mutated(draw: st.DrawFn, octets: bytes, most: int = 4) -> bytes:
    """`octets` with up to so many changes: bits, cuts, repetitions, rubbish."""
    data = bytearray(octets)
    for _ in range(draw(st.integers(0, most))):
        at = draw(st.integers(0, len(data)))
        until = min(len(data), at + draw(st.integers(1, 16)))
        change = draw(st.sampled_from(("set", "insert", "cut", "repeat", "end", "extreme")))
        if change == "set" and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif change == "insert":
            data[at:at] = draw(st.binary(max_size=20))
        elif change == "cut":
            del data[at:until]
        elif change == "repeat":
            data[at:at] = bytes(data[at:until]) * draw(st.sampled_from((1, 3, 100)))
        elif change == "end":
            del data[at:]
        elif change == "extreme":
            data[at:until] = draw(st.sampled_from((b"\0", b"\xff", b"\x7f", b"\x80"))) * (until - at)
    return bytes(data)
