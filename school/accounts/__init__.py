"""Staff accounts: signing in, sessions, passwords, one-time links, the second factor."""

from school.accounts.demands import demand_second_factor, is_demanded_by
from school.accounts.email_change import ask_for_new_email, asked_email, confirm_new_email
from school.accounts.entering import Entered, enter
from school.accounts.letters import Invited, forgot_password, send_links
from school.accounts.links import Opened, discard_links, invite_again, join, make_link, opened, set_password
from school.accounts.memberships import Membership, act_at, email_of, memberships
from school.accounts.own_password import change_password
from school.accounts.passkeys import (
    Assertion,
    begin_proof,
    begin_registration,
    begin_sign_in,
    passkeys_of,
    register,
    remove_passkey,
    sign_in_with_passkey,
)
from school.accounts.proof import prove
from school.accounts.recovery_codes import codes_left, make_new_codes
from school.accounts.relying_party import RelyingParty, relying_party
from school.accounts.resetting import reset_by_email, reset_in_school
from school.accounts.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    has_second_factor,
    remove_second_factor,
)
from school.accounts.sessions import (
    SEEN_EVERY,
    SignedIn,
    StaffSessionRow,
    end_session,
    end_sessions,
    end_sessions_at_school,
    sessions_of,
    signed_in,
    touch,
)
from school.accounts.sign_in import Known, NeedsCode, Refusal, Welcome, identify, sign_in

__all__ = [
    "SEEN_EVERY",
    "Assertion",
    "Entered",
    "Invited",
    "Known",
    "Membership",
    "NeedsCode",
    "Opened",
    "Refusal",
    "RelyingParty",
    "SignedIn",
    "StaffSessionRow",
    "Welcome",
    "act_at",
    "ask_for_new_email",
    "asked_email",
    "begin_proof",
    "begin_registration",
    "begin_second_factor",
    "begin_sign_in",
    "change_password",
    "codes_left",
    "confirm_new_email",
    "confirm_second_factor",
    "demand_second_factor",
    "discard_links",
    "email_of",
    "end_session",
    "end_sessions",
    "end_sessions_at_school",
    "enter",
    "forgot_password",
    "has_second_factor",
    "identify",
    "invite_again",
    "is_demanded_by",
    "join",
    "make_link",
    "make_new_codes",
    "memberships",
    "opened",
    "passkeys_of",
    "prove",
    "register",
    "relying_party",
    "remove_passkey",
    "remove_second_factor",
    "reset_by_email",
    "reset_in_school",
    "send_links",
    "sessions_of",
    "set_password",
    "sign_in",
    "sign_in_with_passkey",
    "signed_in",
    "touch",
]
