"""The person behind a request, for Flask-Login: the cookie holds a session's token, the database the session."""

from datetime import UTC, datetime

from flask import g
from flask_login import LoginManager, UserMixin, current_user

from admin_web.database import reading, writing
from school import accounts
from school.accounts import SignedIn
from school.staff.authority import Author

manager = LoginManager()


class Person(UserMixin):  # type: ignore[misc]  # the library ships no types
    """A signed-in person as Flask-Login wants one."""

    def __init__(self, token: str, who: SignedIn) -> None:
        self.who = who
        self._token = token

    def get_id(self) -> str:
        """What the cookie keeps."""
        return self._token


@manager.user_loader  # type: ignore[untyped-decorator]
def load(token: str) -> Person | None:
    """The holder of a token, once a request."""
    now = moment()
    with reading() as session:
        who = accounts.signed_in(session, token, now)
    if who is None:
        return None
    if now - who.last_seen_at > accounts.SEEN_EVERY:
        with writing() as session:
            accounts.touch(session, who, now)
    return Person(token, who)


def me() -> SignedIn:
    """Who asks. Only for views that are not open to anyone."""
    who: SignedIn = current_user.who
    return who


def acting() -> Author:
    """Who asks, for rules: the session has told already what they would ask. Platform operators act at no school."""
    return Author(me().staff_id, my_school(), me().leads)


def my_school() -> int:
    """The school of who asks: what every question of a view is limited to. Platform operators have none."""
    school_id = me().school_id
    if school_id is None:
        raise RuntimeError("a view for platform operators asks for a school")
    return school_id


def moment() -> datetime:
    """The time of this request: one for all it does."""
    if "moment" not in g:
        g.moment = datetime.now(UTC)
    now: datetime = g.moment
    return now
