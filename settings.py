"""Every setting of the product, in one typed object read from `ESCHOOL_*` environment variables.

`settings.load()` is the only way in. A wrong value raises `InputError` naming the variable, what it held
and what it should hold. Secrets may also be files (`ESCHOOL_SECRET_KEY` unset: `<home>/secret.key`). The home folder
is its owner's alone: it is made so, found so, or refused.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from enum import StrEnum
from functools import cached_property, lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from errors import InputError, OperationError, as_disk_error

PRIVATE = 0o077
"""The permissions that nobody but the owner has: the umask of every process, and no mode in the home folder has one."""
SHORTEST_KEY = 32
SIGNS_OF_A_HOME = frozenset({"eschool.db", "secret.key", "run.lock", "sounds", "asterisk", "calls-waiting", "metrics"})
"""A folder with one of these has been a home folder."""

Port = Annotated[int, Field(ge=1, le=65535)]


class Engine(StrEnum):
    """Who speaks: the speech engines of `prompts`; AUTO is the best that this machine has."""

    AUTO = "auto"
    RHVOICE = "rhvoice"
    ESPEAK = "espeak"
    PIPER = "piper"
    GTTS = "gtts"
    RECORDED = "recorded"
    COMMAND = "command"


class Numbers(StrEnum):
    """How the trunk wants a number dialled: 0888123456, 359888123456 or +359888123456."""

    NATIONAL = "national"
    INTERNATIONAL = "international"
    PLUS = "plus"


class Keys(StrEnum):
    """How the trunk sends the keys that callers press, by the names of Asterisk's `dtmf_mode`.

    AUTO: RFC 4733 where the trunk offers it, else as tones in the sound; AUTO_INFO: else as SIP INFO.
    """

    RFC4733 = "rfc4733"
    INFO = "info"
    INBAND = "inband"
    AUTO = "auto"
    AUTO_INFO = "auto_info"


class Trunk(StrEnum):
    """How Asterisk is connected to the telephone network."""

    LOOPBACK = "loopback"
    IP = "ip"
    REGISTRATION = "registration"


def _port_range(value: str) -> str:
    low, dash, high = value.partition("-")
    if not (dash and low.isdecimal() and high.isdecimal() and 1024 <= int(low) < int(high) <= 65535):
        raise ValueError("give two ports from 1024 to 65535 joined by a dash, such as 10000-20000")
    return value


NUMBER_KINDS = ("mobile", "fixed_line", "voip", "toll_free", "shared_cost", "uan")
"""Kinds of numbers that a platform may allow. Premium rate, personal numbers, pagers and satellites it may not."""
_DESTINATION = re.compile(rf"[A-Z]{{2}}:({'|'.join(NUMBER_KINDS)})")


def _destinations(value: str) -> str:
    named = [one.strip() for one in value.split(",")]
    if not all(_DESTINATION.fullmatch(one) for one in named):
        raise ValueError(
            "give pairs of a country and a kind of number, joined by commas, such as BG:mobile,BG:fixed_line; "
            f"the kinds are {', '.join(NUMBER_KINDS)}"
        )
    return ",".join(named)


BILLING_OUTCOMES = ("unknown", "nothing", "duplicate", "amount", "checksum", "error")
"""What an answer of ePay Billing says besides „found“, by the names that `epay.protocol.billing` has for them."""


def _billing_statuses(value: str) -> str:
    pairs = [tuple(one.strip().split("=")) for one in value.split(",") if one.strip()]
    if pairs and not (
        sorted(pair[0] for pair in pairs) == sorted(BILLING_OUTCOMES)
        and all(len(pair) == 2 and re.fullmatch("[0-9]{1,3}", pair[1]) for pair in pairs)
    ):
        raise ValueError(
            f"give a number of at most three digits for each of {', '.join(BILLING_OUTCOMES)}, such as unknown=12, "
            "joined by commas"
        )
    return ",".join("=".join(pair) for pair in pairs)


def _networks(value: str) -> str:
    try:
        for one in value.split(","):
            ip_network(one.strip())
    except ValueError:
        raise ValueError("give networks as 10.1.0.0/16, joined by commas") from None
    return value.replace(" ", "")


PROCESSES = ("asterisk", "agi", "dialer", "smpp", "web", "mail", "scheduler")
"""What a platform consists of, by the names in the Procfile."""


def _process_names(value: str) -> str:
    named = [one.strip() for one in value.split(",") if one.strip()]
    if not set(named) <= set(PROCESSES):
        raise ValueError(f"give names out of {', '.join(PROCESSES)}, joined by commas")
    return ",".join(named)


class General(BaseModel):
    """The machine, its files and the database."""

    home: Path = Field(Path("var"), description="Folder of everything the running product writes.")
    cache: Path = Field(
        Path("~/.cache/eschool"), description="Folder of downloads that several copies share (Asterisk)."
    )
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = Field(
        "INFO", description="The least that is logged: DEBUG, INFO, WARNING or ERROR."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the home folder.")
    database_direct_url: str = Field(
        "",
        description="The PostgreSQL server's own address, where ESCHOOL_DATABASE_URL is that of a PgBouncer which "
        "lends connections for a transaction; empty: ESCHOOL_DATABASE_URL is the server's.",
    )
    processes: Annotated[str, AfterValidator(_process_names)] = Field(
        "",
        description="Processes that are to run on this host, comma-separated, for `eschool status`: asterisk, agi, "
        "dialer, smpp, web, mail, scheduler; empty: all.",
    )
    secret_key: str = Field(
        "",
        description="Key of encryption and of keyed hashes, at least 32 characters; the same on every host "
        "of one platform. Empty: made with the database and kept in <home>/secret.key.",
    )


class Telephone(BaseModel):
    """Asterisk, the voice server, and what connects them."""

    inbound_number: Annotated[str, Field(pattern=r"^0\d{8,9}$")] = Field(
        "0882818905", description="Number that parents call, as dialled within the country; outbound calls show it."
    )
    recording_number: Annotated[str, Field(pattern=r"^(0\d{8,9})?$")] = Field(
        "", description="Number at which staff record the telephone's voice with a code from its page; empty: none."
    )
    sip_address: str = Field("127.0.0.1", description="Address Asterisk listens on for SIP and RTP.")
    sip_port: Port = Field(5060, description="UDP port Asterisk listens on for SIP.")
    rtp_ports: Annotated[str, AfterValidator(_port_range)] = Field(
        "10000-20000", description="UDP ports of sound, two for each call."
    )
    agi_address: str = Field("127.0.0.1", description="Address the voice server listens on for Asterisk.")
    agi_port: Port = Field(4573, description="Port the voice server listens on for Asterisk.")
    ami_port: Port = Field(5038, description="Port of Asterisk's manager interface, for this machine only.")
    ami_secret: str = Field("", description="Password of the manager interface; empty: derived from the secret key.")
    max_calls: Annotated[int, Field(ge=1, le=20000)] = Field(1000, description="Simultaneous calls accepted.")
    max_plain_calls: Annotated[int, Field(ge=0, le=100)] = Field(
        4, description="Simultaneous calls that processes of their own serve while the voice server is away."
    )


class TrunkOfCalls(BaseModel):
    """How Asterisk is connected to the telephone network."""

    trunk: Trunk = Field(Trunk.LOOPBACK, description="loopback (telephones on this machine), ip or registration.")
    trunk_host: str = Field("", description="Operator's or GSM gateway's SIP host name or address.")
    trunk_port: Port = Field(5060, description="Port of ESCHOOL_TRUNK_HOST.")
    trunk_networks: str = Field(
        "", description="Addresses the trunk's calls come from, comma-separated CIDR; empty: ESCHOOL_TRUNK_HOST's."
    )
    trunk_user: str = Field("", description="Account at the operator, for a trunk that registers.")
    trunk_password: str = Field("", description="Password of that account.")
    trunk_keys: Keys = Field(
        Keys.AUTO_INFO, description="How it sends callers' keys: rfc4733, info, inband, auto or auto_info."
    )
    trunk_codecs: str = Field("alaw", description="Codecs offered on the trunk, comma-separated: alaw, ulaw or both.")
    public_address: str = Field("", description="Address put into SDP when behind NAT; empty: ESCHOOL_SIP_ADDRESS.")
    trunk_channels: Annotated[int, Field(ge=1, le=20000)] = Field(
        30, description="Simultaneous calls that the trunk carries, in and out."
    )
    inbound_share: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.3, description="Share of the trunk's channels that outbound calls leave free for parents who call in."
    )
    trunk_numbers: Numbers = Field(
        Numbers.NATIONAL, description="How the trunk wants numbers dialled: national, international or plus."
    )


class OutboundCalls(BaseModel):
    """How parents are rung."""

    dial_rate: Annotated[float, Field(gt=0, le=100)] = Field(5.0, description="Outbound calls per second, at most.")
    ring_seconds: Annotated[int, Field(ge=5, le=120)] = Field(30, description="How long a parent's telephone rings.")
    retry_scale: Annotated[float, Field(ge=0, le=10)] | None = Field(
        None, description="Multiplies the pauses before calling again; empty: 1, on the loopback trunk 0.05."
    )
    call_back: bool = Field(
        False,
        description="Call known parents back who let it ring once or text ОБАДИ СЕ; calls are answered later then.",
    )
    call_back_ring_seconds: Annotated[int, Field(ge=2, le=20)] = Field(
        5, description="How long a call rings before it is answered, with ESCHOOL_CALL_BACK."
    )
    call_backs_a_day: Annotated[int, Field(ge=1, le=100)] = Field(
        3, description="How often one number is called back in 24 hours."
    )
    call_backs_of_school: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        200, description="How many of a school's parents are called back in 24 hours."
    )
    telephones_port: Port = Field(
        5062, description="Where telephones of this machine are rung over the loopback trunk (make ring)."
    )


class Speech(BaseModel):
    """Who speaks, and from what."""

    engine: Engine = Field(
        Engine.AUTO,
        description="Speech engine: rhvoice, espeak, piper, gtts, command, recorded, or auto: rhvoice where the set-up "
        "could get it, else espeak.",
    )
    voice: str = Field("", description="Name of the folder of clips; empty: the engine's own name.")
    speech_command: str = Field(
        "",
        description="Command line of the engine `command`: it reads a text in UTF-8 from standard input and writes a "
        "WAV file to standard output.",
    )
    speech_seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        60, description="Seconds that the engine `command` may take for one text."
    )
    piper_model: Path | None = Field(None, description="Piper's .onnx voice, such as bg_BG-dimitar-medium.onnx.")
    gtts_url: str = Field("", description="Base address that replaces translate.google.<tld>; empty: Google.")
    recordings: Path | None = Field(None, description="Folder of a person's recordings, <phrase id>.wav each.")


class ShortMessages(BaseModel):
    """The number that parents text, and the operators."""

    short_code: Annotated[str, Field(pattern=r"^[0-9]{3,8}$")] = Field("1987", description="Number that parents text.")
    operators_file: Path | None = Field(
        None, description="Path of operators.toml, the mobile operators; empty: an SMSC for trying the product."
    )
    sms_simulator_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="Where the SMSC for trying out listens, for this machine only; 0: a free port, kept."
    )


class Lines(BaseModel):
    """Whom our lines may reach, and how much a school may use of them in a day."""

    destinations: Annotated[str, AfterValidator(_destinations)] = Field(
        "BG:mobile,BG:fixed_line",
        description="Numbers that may be called and written to: country:kind, comma-separated, such as "
        "BG:mobile,BG:fixed_line,RO:mobile. Kinds: mobile, fixed_line, voip, toll_free, shared_cost, uan.",
    )
    calls_a_day: Annotated[int, Field(ge=0)] = Field(3000, description="Calls of one school a day; 0: no limit.")
    minutes_a_day: Annotated[int, Field(ge=0)] = Field(
        3000, description="Minutes of conversation that one school's calls may take a day; 0: no limit."
    )
    sms_parts_a_day: Annotated[int, Field(ge=0)] = Field(
        10_000, description="Parts of SMS of one school a day; 0: no limit."
    )
    campaign_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.8, description="Share of a school's day that campaigns may use; the rest is kept for news of children."
    )
    number_calls_an_hour: Annotated[int, Field(ge=1, le=100)] = Field(
        2, description="Calls of campaigns, whichever they are, to one telephone within an hour, at most."
    )
    number_calls_a_day: Annotated[int, Field(ge=1, le=100)] = Field(6, description="The same within a day.")
    brake_times: Annotated[float, Field(ge=1, le=100)] = Field(
        3.0,
        description="So many times a usual day of campaigns, and a school's campaigns are stopped and alarm is raised.",
    )
    brake_floor: Annotated[int, Field(ge=1)] = Field(
        600, description="Calls and SMS of a school's campaigns in a day below which they are never stopped."
    )
    brake_platform_floor: Annotated[int, Field(ge=1)] = Field(6000, description="The same for all schools together.")


class Web(BaseModel):
    """The pages, the API, and the figures for monitoring."""

    web_address: str = Field("127.0.0.1", description="Address the web application listens on.")
    web_port: Port = Field(8000, description="Port the web application listens on.")
    web_workers: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Processes of the web application.")
    web_https: bool = Field(False, description="Served through a proxy with HTTPS: cookies then demand it.")
    web_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        0, description="Proxies in front of the web application whose X-Forwarded-For is to be believed."
    )
    metrics_networks: Annotated[str, AfterValidator(_networks)] = Field(
        "127.0.0.0/8,::1/128", description="Networks from which /metrics may be read, comma-separated CIDR."
    )
    api_requests_a_minute: Annotated[int, Field(ge=1)] = Field(
        300, description="Requests of one token that each process of the web application answers a minute."
    )
    public_url: str = Field("", description="Address people open, for links in messages; empty: the one listened on.")


class ClassBook(BaseModel):
    """How the class book counts."""

    state_counts_lateness: bool = Field(
        True, description="Whether half hours of lateness are among the unexcused hours that the state counts a month."
    )


class Mail(BaseModel):
    """Letters to parents."""

    smtp_url: str = Field(
        "",
        description="Mail server: smtps://user:password@host, or smtp:// for STARTTLS, demanded unless the server is "
        "on this machine. Empty: letters are kept in <home>/mail, for trying out.",
    )
    smtp_ca: Path | None = Field(None, description="Certificate authority of the mail server; empty: the system's.")
    mail_from: str = Field(
        "", description="Address that letters come from; empty: no-reply@ the host name of ESCHOOL_PUBLIC_URL."
    )
    mail_reply_to: str = Field("", description="Address that answers to letters go to; empty: none is named.")
    mail_per_minute: Annotated[int, Field(ge=0, le=100_000)] = Field(
        0, description="Letters per minute that the mail server permits; 0: no limit."
    )
    mail_simulator_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="Where the mail server for trying out listens, for this machine only; 0: a free port, kept."
    )


class Backups(BaseModel):
    """Backups of the database and of what cannot be made anew in the home."""

    backup_folder: Path | None = Field(
        None, description="Folder of backups, on another disk than the database; empty: none are made by themselves."
    )
    backup_nightly: bool = Field(
        True, description="Whether the scheduler makes a backup every night and restores it elsewhere to verify it."
    )
    backup_keep: Annotated[int, Field(ge=1, le=1000)] = Field(
        14, description="How many backups are kept, besides the last one that was found good."
    )
    backup_alarm_hours: Annotated[int, Field(ge=0, le=8760)] = Field(
        30, description="Age in hours of the last good backup from which there is alarm; 0: never."
    )


class Billing(BaseModel):
    """Whether parents pay, and how they are charged."""

    billing: bool = Field(False, description="Whether parents pay; false: everybody is told, and nobody is charged.")
    billing_free_months: Annotated[int, Field(ge=0, le=12)] = Field(
        1, description="Months that are free for a new payer; the free time goes on to the end of its calendar month."
    )
    billing_shows_leva: bool = Field(True, description="Show what the price was in leva in brackets behind the euro.")
    billing_hours: Annotated[str, Field(pattern=r"^([01]?\d|2[0-3])-([01]?\d|2[0-4])$")] = Field(
        "9-19", description="Hours of the day between which telephones are charged, Sofia time."
    )
    billing_number_a_day: Annotated[int, Field(ge=1, le=10)] = Field(
        1, description="Attempts to charge one number within a day, at most."
    )
    billing_charges_a_day: Annotated[int, Field(ge=1)] = Field(
        200_000, description="Attempts to charge on the whole platform within a day: beyond them all charging is held."
    )
    billing_report_days: Annotated[int, Field(ge=1, le=30)] = Field(
        3, description="Days after which a charge without a report counts as unknown until the operator's file."
    )
    billing_failed_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.3, description="Share of a day's charges that may fail before alarm is raised."
    )


class EpaySite(StrEnum):
    """Which of ePay.bg's two sites takes payments."""

    PRODUCTION = "production"
    DEMO = "demo"


class Payments(BaseModel):
    """What parents pay by: ePay.bg, cards, and EasyPay's cash desks."""

    epay_min: Annotated[str, Field(pattern="^[A-Za-z]?[0-9]{0,20}$")] = Field(
        "", description="The merchant's number at ePay.bg (КИН, MIN); empty: a stand-in for trying the product."
    )
    epay_secret: str = Field("", description="The merchant's secret word at ePay.bg.")
    epay_site: EpaySite = Field(EpaySite.PRODUCTION, description="Which site of ePay.bg: production or demo.")
    epay_code_days: Annotated[int, Field(ge=1, le=30)] = Field(
        7, description="Days for which a code for EasyPay can be paid; ePay.bg allows 30 at most."
    )
    epay_billing_merchant: Annotated[str, Field(pattern="^[0-9]{0,8}$")] = Field(
        "", description="MERCHANTID of ePay Billing; empty: cash desks cannot ask what a payer owes."
    )
    epay_billing_secret: str = Field("", description="The secret of ePay Billing.")
    epay_billing_statuses: Annotated[str, AfterValidator(_billing_statuses)] = Field(
        "",
        description="Numbers of the contract of ePay Billing: unknown=..,nothing=..,duplicate=..,amount=..,checksum=.."
        ",error=.. (00, found, is fixed).",
    )
    epay_billing_currency: Annotated[str, Field(pattern="^(EUR|BGN)$")] = Field(
        "EUR", description="The currency whose hundredths AMOUNT and TOTAL of ePay Billing count: EUR or BGN."
    )
    epay_app_id: str = Field("", description="APPID of One Touch; empty: cards are not stored for the months to come.")
    epay_app_secret: str = Field("", description="The secret of One Touch.")
    epay_app_web: str = Field(
        "", description="Address of One Touch for browsers (API_BASE_WEB); empty: the demo site's."
    )
    epay_app_api: str = Field("", description="Address of One Touch for requests (API_BASE); empty: the demo site's.")
    epay_app_paid_states: Annotated[str, Field(pattern="^[0-9]+(,[0-9]+)*$")] = Field(
        "3", description="Numbers of STATE by which One Touch says that a payment was made, comma-separated."
    )
    payer_codes_an_hour: Annotated[int, Field(ge=1)] = Field(
        600, description="SMS with codes for the payment pages that the platform sends an hour, at most."
    )
    epay_simulator_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="Where the stand-in for ePay.bg listens, for this machine only; 0: a free port, kept."
    )


GROUPS: dict[str, type[BaseModel]] = {
    "General": General,
    "Telephone": Telephone,
    "Trunk": TrunkOfCalls,
    "Calls to parents": OutboundCalls,
    "Speech": Speech,
    "SMS": ShortMessages,
    "Lines": Lines,
    "Web": Web,
    "Class book": ClassBook,
    "E-mail": Mail,
    "Backups": Backups,
    "Billing": Billing,
    "Payments": Payments,
}
"""The settings by what they are about, in the order in which they are told."""


class Settings(
    General,
    Telephone,
    TrunkOfCalls,
    OutboundCalls,
    Speech,
    ShortMessages,
    Lines,
    Web,
    ClassBook,
    Mail,
    Backups,
    Billing,
    Payments,
    BaseSettings,
):
    """All settings with their defaults; the environment variable is `ESCHOOL_` + the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="ESCHOOL_", extra="ignore", frozen=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.secret_key and len(self.secret_key) < SHORTEST_KEY:
            raise ValueError(f"ESCHOOL_SECRET_KEY is too short: give at least {SHORTEST_KEY} characters")
        if self.recording_number == self.inbound_number:
            raise ValueError("ESCHOOL_RECORDING_NUMBER is the number that parents call: give another, or none")
        if self.trunk is not Trunk.LOOPBACK and not self.trunk_host:
            raise ValueError(f"ESCHOOL_TRUNK={self.trunk} also needs ESCHOOL_TRUNK_HOST")
        if self.trunk is Trunk.REGISTRATION and not (self.trunk_user and self.trunk_password):
            raise ValueError("ESCHOOL_TRUNK=registration also needs ESCHOOL_TRUNK_USER and ESCHOOL_TRUNK_PASSWORD")
        if self.engine is Engine.PIPER and self.piper_model is None:
            raise ValueError("ESCHOOL_ENGINE=piper also needs ESCHOOL_PIPER_MODEL, the path of a .onnx voice")
        if self.engine is Engine.RECORDED and self.recordings is None:
            raise ValueError("ESCHOOL_ENGINE=recorded also needs ESCHOOL_RECORDINGS, a folder of .wav files")
        if self.engine is Engine.COMMAND and not self.speech_command.strip():
            raise ValueError("ESCHOOL_ENGINE=command also needs ESCHOOL_SPEECH_COMMAND, the command line of a voice")
        self._check_payments()
        return self

    def _check_payments(self) -> None:
        """Raises ValueError for half of a merchant's data."""
        if bool(self.epay_min) != bool(self.epay_secret):
            raise ValueError("ESCHOOL_EPAY_MIN and ESCHOOL_EPAY_SECRET are given together, or neither")
        if bool(self.epay_app_id) != bool(self.epay_app_secret):
            raise ValueError("ESCHOOL_EPAY_APP_ID and ESCHOOL_EPAY_APP_SECRET are given together, or neither")
        if bool(self.epay_app_web) != bool(self.epay_app_api):
            raise ValueError("ESCHOOL_EPAY_APP_WEB and ESCHOOL_EPAY_APP_API are given together, or neither")
        if self.epay_app_id and self.epay_site is EpaySite.PRODUCTION and not self.epay_app_web:
            raise ValueError(
                "ESCHOOL_EPAY_APP_ID on ESCHOOL_EPAY_SITE=production also needs ESCHOOL_EPAY_APP_WEB and "
                "ESCHOOL_EPAY_APP_API: ePay.bg tells its merchants the addresses"
            )
        if (self.epay_app_id or self.epay_billing_merchant) and not self.epay_min:
            raise ValueError("One Touch and Billing of ePay.bg also need ESCHOOL_EPAY_MIN and ESCHOOL_EPAY_SECRET")
        billing = (self.epay_billing_merchant, self.epay_billing_secret, self.epay_billing_statuses)
        if any(billing) and not all(billing):
            raise ValueError(
                "ESCHOOL_EPAY_BILLING_MERCHANT, ESCHOOL_EPAY_BILLING_SECRET and ESCHOOL_EPAY_BILLING_STATUSES are "
                "given together, or none of them"
            )

    @cached_property
    def home_path(self) -> Path:
        """The home folder, absolute."""
        return self.home.expanduser().resolve()

    @cached_property
    def cache_path(self) -> Path:
        """The shared cache folder, absolute."""
        return self.cache.expanduser().resolve()

    @cached_property
    def rhvoice_path(self) -> Path:
        """Folder of the cache that RHVoice is unpacked into; there is none where it could not be had."""
        return self.cache_path / "rhvoice-1.8.0"

    @cached_property
    def speaker(self) -> Engine:
        """The engine that speaks what is not recorded: never AUTO or RECORDED. A process decides once."""
        if self.engine not in (Engine.AUTO, Engine.RECORDED):
            return self.engine
        return Engine.RHVOICE if self.rhvoice_path.is_dir() else Engine.ESPEAK

    @cached_property
    def voice_name(self) -> str:
        """Name of the folder of clips under <home>/sounds."""
        return self.voice or str(self.engine if self.engine is Engine.RECORDED else self.speaker)

    @cached_property
    def sounds_path(self) -> Path:
        """Folder of the current voice's clips and their manifest.jsonl."""
        return self.home_path / "sounds" / self.voice_name

    @cached_property
    def slow_sounds_path(self) -> Path:
        """Folder of the slow copies of the current voice's clips, beside it, with a manifest of its own."""
        return self.sounds_path.with_name(f"{self.voice_name}-slow")

    @cached_property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home_path / 'eschool.db'}"

    @cached_property
    def database_direct(self) -> str:
        """The SQLAlchemy URL of the database itself, for what needs a connection of its own: LISTEN, migrations."""
        return self.database_direct_url or self.database

    @cached_property
    def processes_here(self) -> tuple[str, ...]:
        """What is to run on this host."""
        return tuple(self.processes.split(",")) if self.processes else PROCESSES

    @cached_property
    def web_root(self) -> str:
        """The address people open, without a slash at the end."""
        return (self.public_url or f"http://{self.web_address}:{self.web_port}").rstrip("/")

    @cached_property
    def pauses_scale(self) -> float:
        """Times the pauses between calls to one telephone: on the loopback minutes are seconds."""
        if self.retry_scale is not None:
            return self.retry_scale
        return 0.05 if self.trunk is Trunk.LOOPBACK else 1.0

    @cached_property
    def rtp_range(self) -> tuple[int, int]:
        """First and last RTP port."""
        low, _, high = self.rtp_ports.partition("-")
        return int(low), int(high)

    def manager_secret(self) -> str:
        """Password of Asterisk's manager interface: the setting, or derived from the secret key (64 hex digits)."""
        return self.ami_secret or hmac.new(self.key(), b"asterisk manager", hashlib.sha256).hexdigest()

    def prepare_home(self) -> None:
        """Make the home folder, private to its owner. Raises OperationError when it cannot be written or kept private,
        DiskError when its disk is full or read-only.

        What this process writes from here on is private to its user too.
        """
        os.umask(PRIVATE)
        try:
            self.home_path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.secure_home()
            probe = self.home_path / f".write-probe-{secrets.token_hex(4)}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            if (of_disk := as_disk_error(error)) is not None:
                raise of_disk from error
            raise OperationError(
                f"The folder {self.home_path} cannot be written ({error.strerror}): "
                "set ESCHOOL_HOME to a folder that you may write to."
            ) from error

    def secure_home(self) -> None:
        """See that a home folder that exists is private to this user, and make it so where it is theirs.

        Raises OperationError, one sentence, for a folder of another user, or one that plainly serves others too.
        """
        try:
            found = self.home_path.stat()
        except OSError:
            return  # it is not there yet, or cannot be looked at: whoever needs it says so
        if not stat.S_ISDIR(found.st_mode):
            raise OperationError(f"{self.home_path} is no folder: set ESCHOOL_HOME to one.")
        if found.st_uid != os.geteuid():
            raise OperationError(
                f"The folder {self.home_path} belongs to another user (number {found.st_uid}): run eschool as that "
                "user, or set ESCHOOL_HOME to a folder of your own."
            )
        if not found.st_mode & PRIVATE:
            return
        if not self._is_plainly_ours(found.st_mode):
            raise OperationError(
                f"The folder {self.home_path} is open to other users and holds other things than e-School's: "
                "set ESCHOOL_HOME to a folder for e-School alone."
            )
        try:
            self.home_path.chmod(stat.S_IMODE(found.st_mode) & ~PRIVATE)
        except OSError as error:
            raise OperationError(
                f"The folder {self.home_path} is open to other users and cannot be closed ({error.strerror}): "
                "set ESCHOOL_HOME to a folder that can be private."
            ) from error

    def _is_plainly_ours(self, mode: int) -> bool:
        """Nobody's `/tmp` is closed by a slip: a folder that is closed is empty or holds what only a home holds."""
        if mode & stat.S_ISVTX or self.home_path in (Path("/"), Path.home()):
            return False
        with os.scandir(self.home_path) as entries:
            names = {entry.name for entry in entries}
        return not names or bool(names & SIGNS_OF_A_HOME)

    @property
    def key_path(self) -> Path:
        """Where the secret key is kept when it is not a setting."""
        return self.home_path / "secret.key"

    def key(self) -> bytes:
        """The secret key. Raises OperationError when there is none: only a new database gets a new one."""
        if self.secret_key:
            return self.secret_key.encode()
        try:
            key = self.key_path.read_bytes()
        except FileNotFoundError:
            if not self.database_url and not (self.home_path / "eschool.db").exists():
                self.make_key()  # there is no data yet that another key has encrypted
                return self.key_path.read_bytes()
            raise OperationError(
                f"There is no secret key in {self.key_path}: put back the platform's own from its backup (or set "
                "ESCHOOL_SECRET_KEY); if there is no database yet, `eschool db upgrade` makes both."
            ) from None
        except OSError as error:
            raise OperationError(f"The secret key {self.key_path} cannot be read ({error.strerror}).") from error
        if len(key) < SHORTEST_KEY:
            raise OperationError(f"{self.key_path} holds no whole secret key: put it back from its backup.")
        return key

    def make_key(self) -> None:
        """Make a secret key unless there is one; for who has found that there is no data yet."""
        if self.secret_key or self.key_path.exists():
            return
        self.prepare_home()
        fresh = self.key_path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            write_private(fresh, new_key())
            self.key_path.hardlink_to(fresh)  # the first of two processes wins, both then read the same key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()


def new_key() -> str:
    """A random secret key."""
    return secrets.token_urlsafe(48)


def write_private(path: Path, text: str) -> None:
    """A new file that only its owner reads, on the disk when this returns. Raises FileExistsError."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def load() -> Settings:
    """Read the settings; what the process writes from here on is private to its user, and so is the home folder.

    Raises InputError with one sentence per wrong value, OperationError for a home folder that is not private.
    """
    os.umask(PRIVATE)
    try:
        found = Settings()
        found.secure_home()
        return found
    except ValidationError as error:
        raise InputError(" ".join(_sentence(e["loc"], e["msg"], e["input"]) for e in error.errors())) from None


def current() -> Settings:
    """The settings of the present environment, read anew only when a variable has changed.

    For rules deep inside, where a telephone number is looked at; what starts a process uses `load`.
    """
    return _read(tuple((name, value) for name, value in os.environ.items() if name.startswith("ESCHOOL_")))


@lru_cache(maxsize=4)
def _read(_environment: tuple[tuple[str, str], ...]) -> Settings:
    return load()


SECRET_NAMES = ("secret", "password", "database_url", "database_direct_url", "smtp_url", "speech_command")


class SettingShown(NamedTuple):
    """A setting as it is told to a person."""

    group: str
    variable: str
    value: str
    meaning: str


def described(settings: Settings) -> list[SettingShown]:
    """Every setting with its value in force, group by group; secrets only as set or not."""
    rows = []
    for heading, group in GROUPS.items():
        for name, field in group.model_fields.items():
            value = getattr(settings, name)
            hidden = any(part in name for part in SECRET_NAMES) and value and value != field.default
            shown = "(set)" if hidden else "" if value is None else str(value)
            rows.append(SettingShown(heading, f"ESCHOOL_{name.upper()}", shown, field.description or ""))
    return rows


def _sentence(location: tuple[int | str, ...], message: str, value: object) -> str:
    own, message = message.startswith("Value error, "), message.removeprefix("Value error, ")
    message = message.removeprefix("Input should be ").replace(
        "a valid integer, unable to parse string as an integer", "a whole number"
    )
    if not location:
        return f"{message}."
    name = f"ESCHOOL_{str(location[0]).upper()}"
    if any(part in name.lower() for part in SECRET_NAMES):
        return f"{name} is not usable: {message}."
    should = message if own else f"it should be {message}"
    return f"{name}={value} is not usable: {should}." if value != "" else f"{name} is empty: {message}."
