"""Staff accounts: signing in, sessions, passwords, one-time links, the second factor."""

from school.accounts.letters import Invited, forgot_password, send_links
from school.accounts.links import invite_again, make_link, owner_of, set_password
from school.accounts.own_password import change_password
from school.accounts.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    has_second_factor,
    remove_second_factor,
    second_factor_address,
)
from school.accounts.sessions import (
    SEEN_EVERY,
    SignedIn,
    StaffSessionRow,
    end_session,
    end_sessions,
    sessions_of,
    signed_in,
    touch,
)
from school.accounts.sign_in import NeedsCode, Refusal, Welcome, sign_in

__all__ = [
    "SEEN_EVERY",
    "Invited",
    "NeedsCode",
    "Refusal",
    "SignedIn",
    "StaffSessionRow",
    "Welcome",
    "begin_second_factor",
    "change_password",
    "confirm_second_factor",
    "end_session",
    "end_sessions",
    "forgot_password",
    "has_second_factor",
    "invite_again",
    "make_link",
    "owner_of",
    "remove_second_factor",
    "second_factor_address",
    "send_links",
    "sessions_of",
    "set_password",
    "sign_in",
    "signed_in",
    "touch",
]
