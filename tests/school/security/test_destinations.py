"""Which numbers our lines reach, and that every door that takes a number asks."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

import settings
from db.kinds import Channel, GuardianRelation
from errors import InputError
from school import roster
from school.roster import cells
from school.security import destinations
from school.security.destinations import Refusal
from school.students import guardians
from tests.school.joined import TODAY
from tests.school.roster.files import STUDENT_HEAD, as_csv, as_xlsx, as_zip, one_roster, student
from tests.school.students.small_schools import NOW, SmallSchool, elsewhere, here, session

__all__ = ["elsewhere", "here", "session"]

AT_EXTRA_COST = {
    "+35990123456": Refusal.KIND,  # 090: premium rate
    "+35970012345": Refusal.KIND,  # 0700: shared cost
    "+35980012345": Refusal.KIND,  # 0800: toll-free
    "+870773111632": Refusal.COUNTRY,  # Inmarsat
    "+881612345678": Refusal.COUNTRY,  # Iridium
    "+881012345678": Refusal.COUNTRY,
    "+883510001234567": Refusal.COUNTRY,  # iNum
    "+5352345678": Refusal.COUNTRY,  # Cuba
    "+2399912345": Refusal.COUNTRY,  # São Tomé and Príncipe
    "+18092345678": Refusal.COUNTRY,  # the Dominican Republic, with the calling code of the USA
    "+12125551234": Refusal.COUNTRY,
    "+447012345678": Refusal.COUNTRY,  # a personal number
    "+447640123456": Refusal.COUNTRY,  # a pager
    "+447797123456": Refusal.COUNTRY,  # Jersey
    "+77012345678": Refusal.COUNTRY,  # Kazakhstan
    "+79161234567": Refusal.COUNTRY,
    "+4915112345678": Refusal.COUNTRY,
}
NO_NUMBERS = ("1987", "112", "anonymous", "+3590888123456", "+359888ABC123", "+359888123456;ext=5", "0888123456", "")


class TestByDefault:
    @pytest.mark.parametrize("phone", ["+359888123456", "+359878123456", "+359988123456", "+359999123456"])
    def test_a_bulgarian_mobile_is_called_and_written_to(self, phone: str) -> None:
        reached = destinations.current()
        assert (reached.refusal(phone), reached.refusal(phone, Channel.SMS)) == (None, None)

    @pytest.mark.parametrize("phone", ["+35929876543", "+35952612345", "+35930012345"])
    def test_a_fixed_line_is_called_and_not_written_to(self, phone: str) -> None:
        reached = destinations.current()
        assert (reached.refusal(phone), reached.refusal(phone, Channel.SMS)) == (None, Refusal.NO_SMS)

    @pytest.mark.parametrize(("phone", "refusal"), AT_EXTRA_COST.items())
    @pytest.mark.parametrize("channel", [Channel.CALL, Channel.SMS])
    def test_what_costs_more_is_not_reached(self, phone: str, refusal: Refusal, channel: Channel) -> None:
        assert destinations.current().refusal(phone, channel) is refusal

    @pytest.mark.parametrize("phone", NO_NUMBERS)
    def test_what_is_no_number_in_e164_is_not_reached(self, phone: str) -> None:
        assert not destinations.current().reaches(phone)
        assert not destinations.current().reaches(phone, Channel.SMS)


@given(st.from_regex(r"\+359(43|48|8|9|70|80|2)[0-9]{4,8}", fullmatch=True))
def test_the_short_way_of_bulgarian_mobiles_says_what_the_library_says(phone: str) -> None:
    number = phonenumbers.parse(phone)
    is_mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    is_whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == phone
    assert destinations.of("BG:mobile").reaches(phone) is (is_mobile and is_whole)


class TestAllowed:
    def test_a_country_and_a_kind_are_allowed_together(self) -> None:
        reached = destinations.of("BG:mobile,RO:mobile")
        assert reached.reaches("+40712345678")
        assert reached.refusal("+40213123456") is Refusal.KIND  # a fixed line
        assert reached.refusal("+35929876543") is Refusal.KIND
        assert reached.refusal("+37369123456") is Refusal.COUNTRY

    def test_a_calling_code_that_countries_share_allows_only_the_named_one(self) -> None:
        assert destinations.of("GB:mobile").reaches("+447400123456")
        assert not destinations.of("GB:mobile").reaches("+447797123456")
        assert not destinations.of("GB:mobile,GB:fixed_line").reaches("+447012345678")
        assert not destinations.of("RU:mobile").reaches("+77012345678")
        assert not destinations.of("US:mobile,US:fixed_line").reaches("+18092345678")

    def test_where_mobile_and_fixed_lines_look_alike_both_must_be_allowed(self) -> None:
        for phone, country in (("+12125551234", "US"), ("+18092345678", "DO")):
            assert not destinations.of(f"{country}:mobile").reaches(phone)
            assert not destinations.of(f"{country}:fixed_line").reaches(phone)
            both = destinations.of(f"{country}:mobile,{country}:fixed_line")
            assert both.reaches(phone)
            assert both.reaches(phone, Channel.SMS)

    def test_what_always_costs_more_cannot_be_allowed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for written in (
            "BG:premium_rate",
            "GB:personal_number",
            "BG",
            "bg:mobile",
            "BG:mobile;RO:mobile",
            "001:mobile",
            "",
        ):
            monkeypatch.setenv("ESCHOOL_DESTINATIONS", written)
            with pytest.raises(InputError, match="ESCHOOL_DESTINATIONS"):
                settings.load()

    def test_the_setting_counts_as_soon_as_it_is_changed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not destinations.current().reaches("+40712345678")
        monkeypatch.setenv("ESCHOOL_DESTINATIONS", "BG:mobile, RO:mobile")
        assert destinations.current().reaches("+40712345678")
        assert cells.phone("+40 712 345 678") == "+40712345678"


WRITTEN = (
    "090 123 456", "0700 12345", "0700-1-2345", "080012345", "+870 773 111 632", "870773111632", "00881612345678",
    "+53 5 2345678", "0053 5 2345678", "+239 991 2345", "+1 (809) 234-5678", "18092345678", "+44 70 1234 5678",
    "+44 7797 123456", "+7 701 234 56 78", 35990123456.0, 90123456,
)  # fmt: skip
"""As people and Excel write them."""


class TestDoors:
    @pytest.mark.parametrize("written", WRITTEN)
    def test_a_cell_of_a_file(self, written: str | float) -> None:
        with pytest.raises(InputError, match=r"called from here|no telephone number|not a telephone number"):
            cells.phone(written)

    @pytest.mark.parametrize("written", [one for one in WRITTEN if isinstance(one, str)])
    def test_a_guardian_on_the_page(self, here: SmallSchool, written: str) -> None:
        with pytest.raises(InputError, match=r"called from here|no telephone number"):
            guardians.add_guardian(
                here.session,
                by=here.leader,
                student_id=here.student,
                first_name="Силвия",
                last_name="Колева",
                relation=GuardianRelation.GUARDIAN,
                phone=written,
                email="",
                now=NOW,
            )

    @pytest.mark.parametrize(
        "written", ["0700 CALL ME", "0888 ABC 123", "0888123456 x12", "0888123456#5", "02 9876543 вътр. 5"]
    )
    def test_letters_and_extensions_are_no_number(self, written: str) -> None:
        with pytest.raises(InputError, match="not a telephone number"):
            cells.phone(written)


class TestFiles:
    """In a file of any kind each such number is a problem of its row, and the file is not carried out."""

    PHONE = 11
    """The column of the first guardian's telephone."""

    @pytest.mark.parametrize("written", ["0900 12 345", "0700 12 345", "+870773111632", "+5352345678", "+447012345678"])
    def test_xlsx_and_csv(self, written: str) -> None:
        row = student(1, c11=written)
        for data in (as_xlsx({"Ученици": [STUDENT_HEAD, row]}), as_csv([row])):
            found = roster.read(data, "списък", TODAY)
            assert len(found.problems) == 1
            assert "called from here" in str(found.problems[0].text) or "not a telephone" in str(found.problems[0].text)

    def test_one_roster(self) -> None:
        files = one_roster()
        assert "0888" in files["users.csv"]
        before = roster.read(as_zip(files), "списък", TODAY)
        assert before.problems == ()
        files["users.csv"] = files["users.csv"].replace("0888111222", "0700 12345")
        after = roster.read(as_zip(files), "списък", TODAY)
        assert any("called from here" in str(one.text) for one in after.problems)
