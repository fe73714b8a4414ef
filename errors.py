"""The kinds of error that people see, and the exit status with which each ends a command."""


class EschoolError(Exception):
    """An error told to a person as one sentence: what was wrong and what to do.

    `EschoolError("{level} is no level: give 1 to 12.", level=13)`: a page shows the sentence in its reader's language,
    so the sentence is kept as it stands in the code, which is what a translation is found by, apart from its values.
    """

    exit_status = 1

    def __init__(self, sentence: str, /, **values: object) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class InputError(EschoolError):
    """What was asked or configured is wrong; asking differently helps."""

    exit_status = 2


class MissingError(InputError):
    """What was asked for is not there, or belongs to others: who asks is not told which."""


class ForbiddenError(InputError):
    """It is there, and who asks may see that it is, but may not do this with it."""


class OperationError(EschoolError):
    """The request was right but could not be carried out (a program, a disk or a server failed)."""

    exit_status = 1
