"""Staff accounts: signing in, sessions, passwords, one-time links, the second factor."""

from school.accounts.demands import demand_second_factor, is_demanded_by
from school.accounts.letters import Invited, forgot_password, send_links
from school.accounts.links import discard_links, invite_again, make_link, owner_of, set_password
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
    sessions_of,
    signed_in,
    touch,
)
from school.accounts.sign_in import NeedsCode, Refusal, Welcome, sign_in

__all__ = [
    "SEEN_EVERY",
    "Assertion",
    "Invited",
    "NeedsCode",
    "Refusal",
    "RelyingParty",
    "SignedIn",
    "StaffSessionRow",
    "Welcome",
    "begin_proof",
    "begin_registration",
    "begin_second_factor",
    "begin_sign_in",
    "change_password",
    "codes_left",
    "confirm_second_factor",
    "demand_second_factor",
    "discard_links",
    "end_session",
    "end_sessions",
    "forgot_password",
    "has_second_factor",
    "invite_again",
    "is_demanded_by",
    "make_link",
    "make_new_codes",
    "owner_of",
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
