"""A process that `eschool run` started ends with it, also when that is killed and can tell nobody."""

import ctypes
import os
import signal

VARIABLE = "SUPERVISED_BY"
"""The supervisor's process number, in the environment of what it starts."""
PR_SET_PDEATHSIG = 1
"""prctl(2); the setting survives an execve, so Asterisk has it too."""


def end_with_it() -> None:
    """Have the kernel send SIGTERM when the supervisor ends; without one nothing happens.

    Whatever this process starts is its own affair: the variable is taken away.
    """
    number = os.environ.pop(VARIABLE, "")
    if not number.isdecimal():
        return
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:  # no Linux
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(number):  # it ended before it could be asked for
        os.kill(os.getpid(), signal.SIGTERM)
