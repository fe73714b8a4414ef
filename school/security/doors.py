"""What a try counts against at each door: which buckets of `school.security.lockouts` it fills."""

from ipaddress import ip_address, ip_network

from db.kinds import Door, LockoutKind
from school.security.crypto import Vault
from school.security.lockouts import Bucket

_CODE_BY = {
    Door.CALL: LockoutKind.CODE_BY_CALL,
    Door.SMS: LockoutKind.CODE_BY_SMS,
    Door.WEB: LockoutKind.CODE_BY_WEB,
}


def caller(vault: Vault, number: str | None) -> Bucket:
    """A caller's number (E.164), or all who hide theirs.

    Those cannot be told apart. A strict common count would let one of them lock out all; none at all would be a
    shortcut for trying many codes.
    """
    if number:
        return Bucket(LockoutKind.CALLER, vault.fingerprint("lockout caller", number))
    return Bucket(LockoutKind.HIDDEN, vault.fingerprint("lockout caller", "hidden"))


def code_of_caller(vault: Vault, typed: str, number: str | None) -> Bucket:
    """A code or national id as one number types it, whether it exists or not: nobody fills it for another number."""
    subject = vault.fingerprint("lockout code and caller", f"{number or 'hidden'} {typed}")
    return Bucket(LockoutKind.CODE_AND_CALLER, subject, code(vault, typed))


def code_at(vault: Vault, typed: str, door: Door) -> Bucket:
    """A code or national id as all strangers together type it at a door."""
    subject = code(vault, typed)
    return Bucket(_CODE_BY[door], subject, subject)


def code(vault: Vault, typed: str) -> bytes:
    """The owner of all counts of a code or national id."""
    return vault.fingerprint("lockout student", typed)


def account_from(vault: Vault, email: str, address: str) -> Bucket:
    """Sign-ins to a staff account, whether it exists or not, from one network."""
    subject = vault.fingerprint("lockout account from", f"{network_of(address)} {email}")
    return Bucket(LockoutKind.ACCOUNT, subject, account(vault, email))


def account_anywhere(vault: Vault, email: str) -> Bucket:
    """Sign-ins to a staff account by all devices that it does not know."""
    subject = account(vault, email)
    return Bucket(LockoutKind.ACCOUNT_ANYWHERE, subject, subject)


def device(vault: Vault, email: str, nonce: str) -> Bucket:
    """Sign-ins to a staff account by one device that it knows."""
    return Bucket(LockoutKind.DEVICE, vault.fingerprint("lockout device", nonce), account(vault, email))


def own_password(vault: Vault, email: str) -> Bucket:
    """The old password of an account, asked of who is signed in."""
    subject = account(vault, email)
    return Bucket(LockoutKind.OLD_PASSWORD, subject, subject)


def account(vault: Vault, email: str) -> bytes:
    """The owner of all counts of a staff account."""
    return vault.fingerprint("lockout account", email)


def sign_ins_from(vault: Vault, address: str) -> Bucket:
    """Sign-ins from a network address: a whole school may share one."""
    return Bucket(LockoutKind.ADDRESS, vault.fingerprint("lockout address", host_of(address)))


def recording_passes(vault: Vault) -> Bucket:
    """Codes for recording by telephone as all callers type them."""
    return Bucket(LockoutKind.HIDDEN, vault.fingerprint("lockout caller", "recording passes"))


def codes_on_the_web(vault: Vault, typed: str, mailbox: str, address: str) -> tuple[Bucket, ...]:
    """An ID-code typed with an e-mail address on the page where letters are asked for."""
    return (
        code_at(vault, typed, Door.WEB),
        Bucket(LockoutKind.MAILBOX, vault.fingerprint("lockout mailbox", _one_mailbox(mailbox))),
        Bucket(LockoutKind.WEB_ADDRESS, vault.fingerprint("lockout web address", host_of(address))),
        Bucket(LockoutKind.WEB_NETWORK, vault.fingerprint("lockout web network", network_of(address))),
    )


def codes_while_guessed(vault: Vault, address: str) -> Bucket:
    """Codes typed on that page from one network while many are wrong there, whoever types them."""
    return Bucket(LockoutKind.WEB_BRAKED, vault.fingerprint("lockout web braked", network_of(address)))


def codes_of_payers(vault: Vault, typed: str, address: str) -> tuple[Bucket, ...]:
    """An ID-code or a payer's number typed on the payment pages."""
    return (
        code_at(vault, typed, Door.WEB),
        Bucket(LockoutKind.WEB_ADDRESS, vault.fingerprint("lockout web address", host_of(address))),
        Bucket(LockoutKind.WEB_NETWORK, vault.fingerprint("lockout web network", network_of(address))),
    )


def payer_codes_from(vault: Vault, address: str) -> tuple[Bucket, ...]:
    """SMS with codes for the payment pages that one network address, and all of its network, ask for."""
    return (
        Bucket(LockoutKind.PAYER_ADDRESS, vault.fingerprint("lockout payer address", host_of(address))),
        Bucket(LockoutKind.PAYER_NETWORK, vault.fingerprint("lockout payer network", network_of(address))),
    )


def letter(vault: Vault, kind: LockoutKind, email: str) -> Bucket:
    """Letters to an address that its owner may not have asked for."""
    return Bucket(kind, vault.fingerprint("lockout letter", _one_mailbox(email)))


def host_of(address: str) -> str:
    """What one asker has of the network: an IPv4 address, or the /64 in which IPv6 lets a host name itself at will.

    RFC 4291, 2.5.4. What is no address, such as that of a test, stays as it is.
    """
    return _prefix(address, 32, 64)


def network_of(address: str) -> str:
    """What one owner of addresses commonly has: an IPv4 /24, or the IPv6 /48 of a site (RFC 6177)."""
    return _prefix(address, 24, 48)


def _prefix(address: str, bits_of_4: int, bits_of_6: int) -> str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return str(ip_network((found, bits_of_4 if found.version == 4 else bits_of_6), strict=False))


def _one_mailbox(email: str) -> str:
    """The address without what follows a plus: providers deliver both to one mailbox (RFC 5233)."""
    name, at, domain = email.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}"
