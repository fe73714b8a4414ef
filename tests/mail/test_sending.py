"""The sender as a process, against a mail server on a real socket: what a parent gets, and what breaks on the way."""

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from db.models import Message
from devtools.mailbox import PASSWORD, USER, Certificate, Mailbox, running, waits_until
from tests.cli.test_command_line import eschool, sentence
from tests.mail.conftest import MOTHER, SchoolByMail, Start, kill


def hurry(school: SchoolByMail) -> None:
    """Let what waits for another attempt be due now."""
    with school.database.session() as session:
        session.execute(update(Message).where(Message.state == "ready").values(due_at=datetime.now(UTC)))


ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
"""What does not depend on the kind of database."""


@ON_SQLITE
class TestDelivering:
    def test_a_grade_is_in_the_mailbox_within_two_seconds_of_its_entry(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            waits_until(lambda: mailbox.connections)
            began = monotonic()
            school.grade()
            (got,) = mailbox.wait_for(1)
            took = monotonic() - began
        assert took < 2
        assert got.recipient == MOTHER
        assert f"{school.child}:" in got.text
        assert "– Математика – Отличен (6), тест" in got.text

    def test_one_connection_carries_all_letters_and_is_protected_and_signed_in(
        self, school: SchoolByMail, start_sender: Start, mail_certificate: Certificate
    ) -> None:
        mailbox = Mailbox()
        user, password = USER.replace("@", "%40"), "p%40ss%3Aword%2F%25%3F"
        with running(mailbox, starttls=mail_certificate.context, signing_in=True) as port:
            start_sender(f"smtp://{user}:{password}@localhost:{port}", ESCHOOL_SMTP_CA=str(mail_certificate.path))
            ids = school.write(*(f"parent{number}@example.org" for number in range(30)))
            got = mailbox.wait_for(30)
            waits_until(lambda: set(school.states(*ids)) == {"sent"})
        assert {one.connection for one in got} == {1}
        assert (mailbox.connections, len(mailbox.signed_in)) == (1, 1)
        assert all(mailbox.protected)
        assert PASSWORD not in str(got[0].data)

    def test_tls_from_the_first_octet(
        self, school: SchoolByMail, start_sender: Start, mail_certificate: Certificate
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox, tls=mail_certificate.context) as port:
            start_sender(f"smtps://localhost:{port}", ESCHOOL_SMTP_CA=str(mail_certificate.path))
            school.write(MOTHER)
            mailbox.wait_for(1)
        assert mailbox.protected == [True]

    def test_a_server_that_hung_up_in_between_is_no_trouble(self, school: SchoolByMail, start_sender: Start) -> None:
        mailbox = Mailbox()
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            school.write(MOTHER)
            mailbox.wait_for(1)
        with running(mailbox, port=port):
            (second,) = school.write(MOTHER)
            assert mailbox.wait_for(2)[1].connection == 2
            waits_until(lambda: school.states(second) == ["sent"])

    def test_a_secret_is_in_the_letter_and_nowhere_else_afterwards(
        self, school: SchoolByMail, start_sender: Start, tmp_path: Path
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            (message_id,) = school.write(MOTHER, text="ПИН\n\nВашият ПИН е {pin}.", pin="4711")
            (got,) = mailbox.wait_for(1)
            waits_until(lambda: school.states(message_id) == ["sent"])
        assert "Вашият ПИН е 4711." in got.text
        with school.database.reading() as session:
            row = session.get_one(Message, message_id)
            assert (row.pin_encrypted, "4711" in row.text) == (None, False)
        log = (tmp_path / "mail.log").read_text("utf-8")
        assert "4711" not in log
        assert MOTHER not in log


@ON_SQLITE
class TestRefusals:
    def test_for_good_and_for_now_are_told_apart_for_each_recipient(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(
            to_recipient={
                "gone@example.org": ["550 5.1.1 no such person gone@example.org"],
                "full@example.org": ["452 4.2.2 mailbox full"],
                "grey@example.org": ["450 4.7.1 greylisted, come again"],
                "relay@example.org": ["550 5.7.1 relaying denied"],
            },
            to_letter={"spam@example.org": ["554 5.6.0 not wanted"], "later@example.org": ["451 4.3.0 try again"]},
        )
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            names = ("gone", "spam", "fine", "full", "grey", "relay", "later")
            ids = school.write(*(f"{name}@example.org" for name in names))
            waits_until(lambda: school.states(*ids)[:2] == ["failed", "failed"])
            waits_until(lambda: set(school.states(*ids)[2:]) == {"sent"}, meanwhile=lambda: hurry(school))
        assert Counter(one.recipient for one in mailbox.got) == Counter(f"{name}@example.org" for name in names[2:])
        with school.database.reading() as session:
            errors = [session.get_one(Message, message_id).error for message_id in ids[:2]]
        assert errors == ["The mail server refused it: RCPT 550 5.1.1.", "The mail server refused it: DATA 554 5.6.0."]

    def test_without_pipelining_it_is_the_same(self, school: SchoolByMail, start_sender: Start) -> None:
        mailbox = Mailbox(pipelining=False, to_recipient={"gone@example.org": ["550 5.1.1 no such person"]})
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            ids = school.write("gone@example.org", "fine@example.org")
            waits_until(lambda: school.states(*ids) == ["failed", "sent"])

    @pytest.mark.slow
    def test_a_sender_that_is_not_wanted_costs_no_letter_an_attempt(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(to_sender=["550 5.7.1 you may not send as this"] * 3)
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            (message_id,) = school.write(MOTHER)
            waits_until(lambda: school.states(message_id) == ["sent"], 40, meanwhile=lambda: hurry(school))
        with school.database.reading() as session:
            assert session.get_one(Message, message_id).attempts == 1

    def test_a_wrong_password_fails_nothing_and_is_told(
        self, school: SchoolByMail, start_sender: Start, tmp_path: Path, mail_certificate: Certificate
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox, starttls=mail_certificate.context, signing_in=True) as port:
            start_sender(f"smtp://me:wrong@localhost:{port}", ESCHOOL_SMTP_CA=str(mail_certificate.path))
            (message_id,) = school.write(MOTHER)
            log = tmp_path / "mail.log"
            waits_until(lambda: "does not accept the user or the password" in log.read_text("utf-8"))
            sleep(0.5)
        assert school.states(message_id) == ["ready"]
        assert "wrong" not in log.read_text("utf-8")

    def test_a_server_whose_certificate_is_anybodys_gets_no_password(
        self, school: SchoolByMail, start_sender: Start, tmp_path: Path, mail_certificate: Certificate
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox, tls=mail_certificate.context) as port:
            start_sender(f"smtps://me:secret@localhost:{port}")
            waits_until(lambda: "is not trusted" in (tmp_path / "mail.log").read_text("utf-8"))
        assert not mailbox.signed_in


class TestBreakingDown:
    @pytest.mark.slow
    @ON_SQLITE
    def test_a_connection_that_breaks_in_the_letter_is_tried_again_and_the_letter_comes_once(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(drop_in_letter=2)
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            ids = school.write("a@example.org", "b@example.org", "c@example.org")
            waits_until(lambda: set(school.states(*ids)) == {"sent"})
        assert len(mailbox.got) == 3

    @pytest.mark.slow
    @ON_SQLITE
    def test_a_letter_taken_without_a_word_comes_again_with_the_same_message_id(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(drop_after_letter=1)
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}")
            ids = school.write("a@example.org", "b@example.org")
            waits_until(lambda: set(school.states(*ids)) == {"sent"})
        of = Counter((one.recipient, one.letter["Message-ID"]) for one in mailbox.got)
        assert sorted(of.values()) == [1, 2]
        assert len(of) == 2

    @pytest.mark.slow
    def test_a_killed_sender_loses_nothing_and_repeats_at_most_the_letter_under_way(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(seconds_per_letter=0.02)
        with running(mailbox) as port:
            ids = school.write(*(f"parent{number}@example.org" for number in range(60)))
            for letters in (7, 23, 44):
                process = start_sender(f"smtp://127.0.0.1:{port}")
                mailbox.wait_for(letters)
                kill(process)
            start_sender(f"smtp://127.0.0.1:{port}")
            waits_until(lambda: set(school.states(*ids)) == {"sent"})
        counts = Counter(one.recipient for one in mailbox.got)
        assert set(counts) == {f"parent{number}@example.org" for number in range(60)}
        assert len(mailbox.got) - 60 <= 3

    @pytest.mark.slow
    @ON_SQLITE
    def test_it_waits_for_a_server_that_is_away_without_using_up_attempts(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox()
        with running(mailbox) as port:
            pass
        start_sender(f"smtp://127.0.0.1:{port}")
        (message_id,) = school.write(MOTHER)
        sleep(1.5)
        assert school.states(message_id) == ["ready"]
        with running(mailbox, port=port):
            mailbox.wait_for(1, 40)
            waits_until(lambda: school.states(message_id) == ["sent"])
        with school.database.reading() as session:
            assert session.get_one(Message, message_id).attempts == 1

    @pytest.mark.slow
    @ON_SQLITE
    def test_sigterm_finishes_the_letter_and_gives_the_others_back(
        self, school: SchoolByMail, start_sender: Start
    ) -> None:
        mailbox = Mailbox(seconds_per_letter=0.3)
        with running(mailbox) as port:
            process = start_sender(f"smtp://127.0.0.1:{port}")
            ids = school.write(*(f"parent{number}@example.org" for number in range(10)))
            mailbox.wait_for(2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        states = Counter(school.states(*ids))
        assert states == {"sent": len(mailbox.got), "ready": 10 - len(mailbox.got)}

    @pytest.mark.slow
    @ON_SQLITE
    def test_a_limit_a_minute_is_kept(self, school: SchoolByMail, start_sender: Start) -> None:
        mailbox = Mailbox()
        with running(mailbox) as port:
            start_sender(f"smtp://127.0.0.1:{port}", ESCHOOL_MAIL_PER_MINUTE="120")
            school.write(*(f"parent{number}@example.org" for number in range(6)))
            mailbox.wait_for(1)
            began = monotonic()
            mailbox.wait_for(6)
            assert 2.2 < monotonic() - began < 6


class TestTwoSenders:
    @pytest.mark.slow
    def test_two_hosts_send_each_letter_once(self, school: SchoolByMail, start_sender: Start) -> None:
        mailbox = Mailbox(seconds_per_letter=0.01)
        with running(mailbox) as port:
            for _ in range(2):
                start_sender(f"smtp://127.0.0.1:{port}")
            waits_until(lambda: mailbox.connections == 2)
            ids = school.write(*(f"parent{number}@example.org" for number in range(60)))
            waits_until(lambda: set(school.states(*ids)) == {"sent"}, 40)
        assert Counter(one.recipient for one in mailbox.got).most_common(1)[0][1] == 1


def test_a_wrong_setting_ends_the_command_with_one_sentence(tmp_path: Path) -> None:
    result = eschool("mail", "serve", home=tmp_path, ESCHOOL_SMTP_URL="smtp://user:geheim@mail.example:port")
    line = sentence(result, 2)
    assert "ESCHOOL_SMTP_URL is no mail server's address: write smtps://" in line
    assert "geheim" not in line
