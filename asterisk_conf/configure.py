"""Asterisk's configuration, written from the settings. A file that would not change is not touched."""

import ipaddress
import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import jinja2

from asterisk_conf.layout import Layout, layout
from asterisk_conf.modules import MODULES
from asterisk_conf.obtain import Asterisk
from errors import DiskError, InputError, OperationError, as_disk_error
from prompts.catalogue import PHRASES
from prompts.clips import Clips
from runtime import whole_file
from settings import Settings, Trunk

# Asterisk looks for these and complains when they are missing; its defaults are right.
_EMPTY_FILES = ("acl.conf", "ccss.conf", "features.conf", "http.conf", "stasis.conf", "udptl.conf")

SILENT_SERVER_SECONDS = 5
LONGEST_CALL_SECONDS = 1800
# The one-minute load average per core above which a machine is drowning rather than busy.
LOAD_PER_CORE = 40


def configure(settings: Settings, asterisk: Asterisk) -> tuple[Path, ...]:
    """Write the configuration and the plain AGI script; returns the files that changed.

    Raises InputError for a setting Asterisk could not be told, OperationError when the home cannot be written.
    """
    with suppress(DiskError):  # a full disk keeps nobody from starting Asterisk with the files that are there
        settings.prepare_home()
    places = layout(settings)
    texts = render(settings, asterisk, places)
    try:
        places.make()
        return tuple(path for path, text in texts.items() if _write(path, text))
    except OSError as error:
        if (of_disk := as_disk_error(error)) is not None:
            raise of_disk from error
        raise OperationError(
            f"{error.filename} cannot be written ({error.strerror}): give it to the user who runs eschool."
        ) from error


def render(settings: Settings, asterisk: Asterisk, places: Layout) -> dict[Path, str]:
    """Every file's path and text."""
    values = _values(settings, asterisk, places)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("asterisk_conf"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_conf_value,
        autoescape=False,  # noqa: S701 - these are no web pages; `finalize` refuses what would break a line
    )
    texts = {places.etc / name: "" for name in _EMPTY_FILES}
    for template in environment.list_templates(["j2"]):
        name = template.removesuffix(".j2")
        folder = places.etc if name.endswith(".conf") else places.agi_bin
        texts[folder / name] = environment.get_template(template).render(values)
    return texts


def number_forms(national: str) -> tuple[str, ...]:
    """The forms in which trunks deliver a Bulgarian number: `0882…`, `882…`, `359882…`, `+359882…`, `00359882…`."""
    significant = national.removeprefix("0")
    return tuple(prefix + significant for prefix in ("0", "", "359", "+359", "00359"))


def rtp_capacity(settings: Settings) -> int:
    """How many calls the RTP ports are enough for: two each (RTP and RTCP)."""
    low, high = settings.rtp_range
    return (high - low + 1) // 2


def _values(settings: Settings, asterisk: Asterisk, places: Layout) -> dict[str, Any]:
    _require("ESCHOOL_TRUNK_HOST", settings.trunk_host, r"[A-Za-z0-9.-]*", "a host name or address")
    _require("ESCHOOL_TRUNK_USER", settings.trunk_user, r"[A-Za-z0-9.+_@-]*", "the user name of your trunk")
    _require("ESCHOOL_TRUNK_CODECS", settings.trunk_codecs, r"(alaw|ulaw)(,(alaw|ulaw))*", "alaw, ulaw or both")
    _require("ESCHOOL_AGI_ADDRESS", settings.agi_address, r"[A-Za-z0-9.-]+", "a host name or address")
    for name in ("sip_address", "public_address"):
        value = getattr(settings, name)
        if value or name == "sip_address":
            _address(f"ESCHOOL_{name.upper()}", value)
    return {
        "settings": settings,
        "asterisk": asterisk,
        "layout": places,
        "modules": MODULES,
        "maxcalls": min(settings.max_calls, rtp_capacity(settings)),
        "maxload": float(LOAD_PER_CORE * (os.cpu_count() or 1)),
        "manager_secret": settings.manager_secret(),
        "number_forms": number_forms(settings.inbound_number),
        "recording_forms": number_forms(settings.recording_number) if settings.recording_number else (),
        "registers": settings.trunk is Trunk.REGISTRATION,
        "trunk_networks": trunk_networks(settings),
        "local_networks": ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        "silent_server_seconds": SILENT_SERVER_SECONDS,
        "longest_call_seconds": LONGEST_CALL_SECONDS,
        # Asterisk names sound files without their ending.
        "apology": Clips(settings).path_of(PHRASES["apology"]).with_suffix(""),
        "outbound_apology": Clips(settings).path_of(PHRASES["outbound-apology"]).with_suffix(""),
        "python": sys.executable,
    }


def trunk_networks(settings: Settings) -> tuple[str, ...]:
    """Networks (CIDR) that calls may come from.

    Raises InputError for a network that is none, or a host whose name does not resolve.
    """
    if settings.trunk is Trunk.LOOPBACK:
        return ("127.0.0.0/8",)
    if settings.trunk_networks:
        return tuple(_network(part.strip()) for part in settings.trunk_networks.split(","))
    try:
        found = socket.getaddrinfo(settings.trunk_host, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        raise InputError(
            f"ESCHOOL_TRUNK_HOST={settings.trunk_host} cannot be resolved: correct it, "
            "or give the trunk's addresses in ESCHOOL_TRUNK_NETWORKS."
        ) from error
    return tuple(sorted({_network(str(address[4][0])) for address in found}))


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise InputError(
            f"ESCHOOL_TRUNK_NETWORKS has {text!r}, which is no network: give addresses or networks such as "
            "203.0.113.7 or 203.0.113.0/28, comma-separated."
        ) from error


def _address(variable: str, text: str) -> None:
    try:
        ipaddress.IPv4Address(text)
    except ValueError as error:
        raise InputError(f"{variable}={text} is not usable: it should be an IPv4 address such as 192.0.2.5.") from error


def _require(variable: str, value: str, pattern: str, wanted: str) -> None:
    if not re.fullmatch(pattern, value):
        raise InputError(f"{variable}={value!r} is not usable: it should be {wanted}.")


def _conf_value(value: object) -> str:
    """One value inside a line of configuration: a line break would start another line, `;` a comment."""
    text = str(value)
    if any(ord(character) < 32 for character in text):
        raise InputError("A setting for Asterisk (such as ESCHOOL_TRUNK_PASSWORD) has a line break: remove it.")
    return text.replace(";", r"\;")


def _write(path: Path, text: str) -> bool:
    """Replace the file if its text differs; 0600, executable if it is a script."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    whole_file.write(path, text.encode(), mode=0o700 if text.startswith("#!") else 0o600)
    return True
