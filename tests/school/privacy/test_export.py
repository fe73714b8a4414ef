"""The copy of a person's data: whole by the registry, with nothing of others, in both parts."""

import io
import json
import zipfile
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import Enum, select, update

from db.models import Base, Message, Notification
from db.session import Database
from errors import MissingError
from school.privacy import export, people, sections, words
from school.privacy.people import Person
from school.privacy.registry import REGISTRY
from school.privacy.values import OF_OTHERS, READERS
from tests.school.privacy.family import (
    AUNT,
    FATHER,
    FATHERS_LETTERS,
    GIVEN,
    LAST,
    LETTERS,
    MIDDLE,
    MOTHER,
    NOTE,
    ORDER,
    REASON,
    REMARK,
    TEXTED,
    Family,
    plant,
)
from tests.school.students.small_schools import NOW, small_school


@pytest.fixture
def family(database: Database) -> Family:
    """Planted and committed."""
    with database.session() as session:
        return plant(small_school(session, "1690180"))


def person_of(database: Database, family: Family, who: str) -> Person:
    with database.reading() as session:
        if who == "student":
            return people.of_student(session, family.school.id, family.student)
        if who == "mother":
            return people.of_guardian(session, family.school.id, family.mother)
        return people.of_follower(session, family.school.id, family.subscriptions[who])


def copy_of(database: Database, person: Person) -> tuple[str, dict[str, Any], list[str]]:
    """The page, the JSON, and the names of the files."""
    content = b"".join(export.stream(database.reading, person, NOW))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.read("data.html").decode(), json.loads(archive.read("data.json")), archive.namelist()


class TestStudent:
    def test_all_that_is_stored_is_in_both_parts(self, database: Database, family: Family) -> None:
        page, data, names = copy_of(database, person_of(database, family, "student"))
        assert names == ["data.html", "data.json", "schema.json"]
        masked = f"{family.national_id[:2]}******{family.national_id[-2:]}"
        text = json.dumps(data, ensure_ascii=False)
        for one in (GIVEN, MIDDLE, LAST, masked, family.code, REMARK, NOTE, ORDER, REASON, "Снежина", "Върбан"):
            assert one in page, one
            assert one in text, one
        assert (data["format"], data["version"]) == (export.FORMAT, export.VERSION)
        assert data["person"] == {"kind": "student", "id": family.student}
        wanted = {name for name, one in REGISTRY.items() if one.of_student} | {"audit"}
        assert data["tables"].keys() == wanted
        empty = {name for name, rows in data["tables"].items() if not rows}
        assert not empty, "the family was planted in every table"
        for name, rows in data["tables"].items():
            columns = {one.removesuffix("_encrypted") for one in (*REGISTRY[name].personal, *REGISTRY[name].technical)}
            assert columns <= rows[0].keys(), name

    def test_of_others_no_number_address_or_secret_is_in_it(self, database: Database, family: Family) -> None:
        page, data, _ = copy_of(database, person_of(database, family, "student"))
        text = page + json.dumps(data, ensure_ascii=False)
        for one in (MOTHER, FATHER, AUNT, LETTERS, FATHERS_LETTERS, family.national_id, "pin_hash", "Иван Петров"):
            assert one not in text, one
        assert "+359 88* *** *59" in text

    def test_a_message_about_a_sibling_too_keeps_its_words(self, database: Database, family: Family) -> None:
        with database.session() as session:
            one = session.scalars(
                select(Notification.message_id).where(Notification.message_id.is_not(None)).limit(1)
            ).one()
            _, others = family.school.__class__.follower(_in(family, session), MOTHER, family.school.classmate)
            other = session.scalars(select(Notification).where(Notification.message_id != one).limit(1)).one()
            other.subscription_id, other.message_id = others, one
            session.execute(update(Message).where(Message.id == one).values(text="Иван: 2 по математика"))
        page, data, _ = copy_of(database, person_of(database, family, "student"))
        assert "Иван: 2" not in page + json.dumps(data, ensure_ascii=False)
        assert [row["text"] for row in data["tables"]["message"] if row["id"] == one] == [OF_OTHERS]

    def test_another_schools_student_is_not_found(self, database: Database, family: Family) -> None:
        with database.session() as session:
            other = small_school(session, "1690181")
        with database.reading() as session, pytest.raises(MissingError):
            people.of_student(session, other.id, family.student)


class TestParent:
    @pytest.mark.parametrize("who", ["mother", "aunt", "father"])
    def test_all_that_is_stored_is_in_it_with_the_own_number(
        self, database: Database, family: Family, who: str
    ) -> None:
        page, data, _ = copy_of(database, person_of(database, family, who))
        own = {"mother": (MOTHER, LETTERS, "Снежина"), "aunt": (AUNT,), "father": (FATHERS_LETTERS, "Върбан")}[who]
        others = {MOTHER, AUNT, FATHERS_LETTERS} - set(own)
        text = page + json.dumps(data, ensure_ascii=False)
        for one in (*own, REMARK, GIVEN):
            assert one in page, one
            assert one in json.dumps(data, ensure_ascii=False), one
        for one in others:
            assert one not in text, one
        if who != "father":
            assert TEXTED in page
            assert len(data["tables"]["call"]) == 1  # the record of a call that was refused does not say who called

    def test_a_national_id_in_a_text_is_masked(self, database: Database, family: Family) -> None:
        from school.subscriptions import inbox

        with database.session() as session:
            inbox.store(session, "a1", "t", AUNT, f"абонамент {family.national_id}", NOW)
        page, data, _ = copy_of(database, person_of(database, family, "aunt"))
        assert family.national_id not in page + json.dumps(data, ensure_ascii=False)


class TestShape:
    def test_every_encrypted_column_that_is_exported_can_be_read(self) -> None:
        exported = {
            (name, column)
            for name, one in REGISTRY.items()
            for column in one.columns
            if column.endswith("_encrypted") and column not in one.withheld
        }
        assert exported == READERS.keys()

    def test_every_column_and_kind_on_the_page_has_its_bulgarian(self) -> None:
        for name, holding in REGISTRY.items():
            for column in holding.personal:
                assert column in words.COLUMNS, column
                kind = Base.metadata.tables[name].c[column].type
                if isinstance(kind, Enum) and kind.enum_class:
                    assert issubclass(kind.enum_class, StrEnum)
                    for member in kind.enum_class:
                        assert words.word(member), (name, column, member)

    def test_rows_are_read_in_batches(
        self, database: Database, family: Family, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = person_of(database, family, "student")
        _, whole, _ = copy_of(database, person)
        monkeypatch.setattr(sections, "AT_ONCE", 2)
        _, batched, _ = copy_of(database, person)
        assert batched == whole

    def test_markup_in_a_name_stays_text(self, database: Database, family: Family) -> None:
        with database.session() as session:
            session.execute(update(Message).values(text="<script>alert(1)</script>"))
        page, _, _ = copy_of(database, person_of(database, family, "aunt"))
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def _in(family: Family, session: Any) -> Any:
    from dataclasses import replace

    return replace(family.school, session=session)
