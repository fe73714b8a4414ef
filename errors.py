"""The two kinds of error a person meets, and the exit status each ends a command with."""


class EschoolError(Exception):
    """An error told to a person as one sentence: what was wrong and what to do."""

    exit_status = 1


class InputError(EschoolError):
    """What was asked or configured is wrong; asking differently helps."""

    exit_status = 2


class OperationError(EschoolError):
    """The request was right but could not be carried out (a program, a disk or a server failed)."""

    exit_status = 1
