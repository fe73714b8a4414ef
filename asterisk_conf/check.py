"""Everything that would keep Asterisk from serving calls, one sentence each: what is wrong and what to do."""

import socket
from collections.abc import Iterator

from asterisk_conf.configure import render, rtp_capacity
from asterisk_conf.layout import layout
from asterisk_conf.modules import all_modules
from asterisk_conf.obtain import Asterisk, find
from errors import EschoolError, OperationError
from settings import Settings


def check(settings: Settings) -> None:
    """Raises OperationError with all problems of the installation, a line each."""
    if found := problems(settings):
        raise OperationError("\n".join(found))


def problems(settings: Settings) -> list[str]:
    """All problems of the installation, whether Asterisk runs or not; empty when calls can be served."""
    asterisk = find(settings)
    if asterisk is None:
        return ["There is no Asterisk 20 or newer on this machine: run `eschool asterisk install`."]
    return [
        *_configuration(settings, asterisk),
        *before_start(settings, asterisk),
        *_rtp(settings),
        *_clips(settings),
    ]


def before_start(settings: Settings, asterisk: Asterisk) -> list[str]:
    """Problems that would make a start of Asterisk fail or its calls bad."""
    return [*_modules(asterisk), *_host_name(), *_ports(settings)]


def is_running(settings: Settings) -> bool:
    """Whether the Asterisk of this home runs: its control socket is answered."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(layout(settings).control_socket))
        except OSError:
            return False
    return True


def _modules(asterisk: Asterisk) -> Iterator[str]:
    missing = [name for name in all_modules() if not (asterisk.modules / f"{name}.so").exists()]
    if missing:
        yield (
            f"Asterisk {asterisk.version_text} lacks the modules {', '.join(missing)} in {asterisk.modules}: "
            "install its package of modules."
        )


def _host_name() -> Iterator[str]:
    """Else Asterisk asks DNS for it in every call, and calls fail by the dozen."""
    name = socket.gethostname()
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        yield f"This machine's name {name} does not resolve: add the line `127.0.1.1 {name}` to /etc/hosts."


def _rtp(settings: Settings) -> Iterator[str]:
    """Fewer ports than the default number of calls needs are a choice; than an explicit one, a mistake."""
    calls = rtp_capacity(settings)
    if calls < settings.max_calls and "max_calls" in settings.model_fields_set:
        yield (
            f"ESCHOOL_RTP_PORTS={settings.rtp_ports} is enough for {calls} calls, and ESCHOOL_MAX_CALLS is "
            f"{settings.max_calls}: give two ports per call, or fewer calls."
        )


def _ports(settings: Settings) -> Iterator[str]:
    if is_running(settings):
        return
    yield from _port("ESCHOOL_SIP_PORT", settings.sip_address, settings.sip_port, socket.SOCK_DGRAM)
    yield from _port("ESCHOOL_AMI_PORT", "127.0.0.1", settings.ami_port, socket.SOCK_STREAM)


def _port(variable: str, address: str, port: int, kind: socket.SocketKind) -> Iterator[str]:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if isinstance(error, PermissionError):
                yield f"{variable}={port} may not be used by this user: set it to a port above 1023."
            elif _is_ours(address):
                yield f"{variable}={port} is used by another program: stop that, or set {variable} to a free port."
            else:
                yield f"ESCHOOL_SIP_ADDRESS={address} is no address of this machine: give one that is."


def _is_ours(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _configuration(settings: Settings, asterisk: Asterisk) -> Iterator[str]:
    try:
        texts = render(settings, asterisk, layout(settings))
    except EschoolError as error:
        yield str(error)
        return
    if any(not path.exists() or path.read_text("utf-8") != text for path, text in texts.items()):
        yield "Asterisk's configuration is not the one of these settings: run `eschool asterisk configure`."


def _clips(settings: Settings) -> Iterator[str]:
    if not (settings.sounds_path / "manifest.jsonl").exists():
        yield f"There are no clips in {settings.sounds_path}: run `eschool prompts render`."
