"""`python -m agi.agi_script SCRIPT`: one call on standard input and output, as Asterisk starts an AGI program.

The dialplan uses it while the FastAGI server is away: a process a call is slow to start, but the parent is served.
"""

import sys

from asterisk.agi import AGIHangup

import logs
import settings
from agi.line import Line
from agi.transport import BadClientError, StdioTransport
from agi.voice import Voice
from db.connecting import Use
from db.session import Database
from errors import EschoolError

USE = Use("agi-script", 2)


def main(script: str) -> int:
    """Serve the call by the dialogue `script`; returns the exit status."""
    try:
        config = settings.load()
        logs.configure("agi-plain", config.log_level)
        for stream in (sys.stdin, sys.stdout):
            # Headers come as the network sent them, and the locale is whatever Asterisk was started with.
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # both are open files
        transport = StdioTransport(sys.stdin, sys.stdout)
        line = Line(transport, transport)
        line.env["agi_network_script"] = script
        database = Database(config.database, config.key(), use=USE, direct_url=config.database_direct_url)
        Voice(config, database).serve(line)
    except EschoolError as error:
        logs.get(__name__).error("call.failed", reason=str(error))
        return error.exit_status
    except AGIHangup:
        return 0
    except BadClientError as error:
        logs.get(__name__).warning("client.bad", reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
