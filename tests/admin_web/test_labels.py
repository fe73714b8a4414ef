"""Labels to cut: what the paper says, and what a telephone's camera reads off it."""

import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from admin_web import labels
from school.students import student_code
from school.students.labels import LabelRow

SCHOOL = "Средно училище „Христо Ботев“"
LONG = "Профилирана езикова гимназия „Свети Константин-Кирил Философ“ – град Русе, област Русе, България"


def rows(count: int, first_name: str = "Мария", last_name: str = "Колева") -> list[LabelRow]:
    return [LabelRow(one, one, first_name, last_name, student_code.generate()) for one in range(1, count + 1)]


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def read_codes(data: bytes) -> list[str]:
    """The QR codes of all sheets as a camera sees them, in reading order."""
    found = []
    for page in pypdfium2.PdfDocument(data):
        image = page.render(scale=150 / 72).to_pil()
        seen = zxingcpp.read_barcodes(image)
        found += [
            one.text for one in sorted(seen, key=lambda one: (one.position.top_left.y // 50, one.position.top_left.x))
        ]
    return found


def test_every_label_says_who_the_code_and_what_to_do() -> None:
    listed = rows(26)
    texts = pages(labels.labels_pdf(SCHOOL, "8а", listed))
    assert len(texts) == 3
    whole = " ".join(" ".join(texts).split())
    for row in listed:
        assert f"8а клас, № {row.number}" in whole
        assert f"{row.code[:4]} {row.code[4:]}" in whole
    assert whole.count("Мария Колева") == 26
    assert whole.count("SMS на 1987 Обаждане на 0882 818 905") == 26
    assert len(re.findall(r"Изпратете ID-кода като SMS на 1987", whole)) == 26
    assert whole.count(SCHOOL) == 26


def test_a_camera_reads_the_code_of_each_label() -> None:
    listed = rows(13)
    assert read_codes(labels.labels_pdf(SCHOOL, "8а", listed)) == [f"smsto:1987:{row.code}" for row in listed]


def test_the_number_to_call_is_the_platforms_own() -> None:
    (text,) = pages(labels.labels_pdf(SCHOOL, "8а", rows(1), inbound_number="0700 12 345"))
    assert "0700 12 345" in text
    assert "0882" not in text


@pytest.mark.parametrize("last_name", ["Константинова-Хаджидимитрова", "Щ" * 80])
def test_long_names_stay_on_their_label(last_name: str) -> None:
    data = labels.labels_pdf(LONG, "11а", rows(10, "Александра-Виктория", last_name))
    (text,) = pages(data)
    assert text.count("Александра") == 10
    for block in _text_boxes(data):
        assert block[2] <= 210 / 25.4 * 72 - labels.MARGIN_X / 25.4 * 72
    assert len(read_codes(data)) == 10


def test_an_ordinary_long_name_is_not_cut() -> None:
    (text,) = pages(labels.labels_pdf(SCHOOL, "11а", rows(1, "Александра-Виктория", "Константинова-Хаджидимитрова")))
    assert "Александра-Виктория Константинова-Хаджидимитрова" in " ".join(text.split())


def test_a_class_without_students_is_an_empty_sheet() -> None:
    assert len(pages(labels.labels_pdf(SCHOOL, "8а", []))) == 1


def test_the_font_is_embedded() -> None:
    page: Any = PdfReader(io.BytesIO(labels.labels_pdf(SCHOOL, "8а", rows(1)))).pages[0]
    fonts = page["/Resources"]["/Font"]
    embedded = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts.values()]
    assert embedded
    assert all("/FontFile2" in one.get_object() for one in embedded)


def _text_boxes(data: bytes) -> list[tuple[float, float, float, float]]:
    """The boxes of all letters, in points."""
    text = pypdfium2.PdfDocument(data)[0].get_textpage()
    return [text.get_charbox(index) for index in range(text.count_chars())]
