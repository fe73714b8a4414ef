"""The kinds of error that people see, and the exit status with which each ends a command."""

import errno


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


class DatabaseAwayError(OperationError):
    """The database failed, and not what was asked of it: it is gone, locked for too long, or damaged."""


class DiskError(OperationError):
    """A disk takes nothing more: what was to be saved is not saved. All else goes on, and this when it is mended.

    `is_full`: somebody has to make room; else it is read-only or failing.
    """

    def __init__(self, sentence: str, /, *, is_full: bool, **values: object) -> None:
        super().__init__(sentence, **values)
        self.is_full = is_full


class DatabaseDiskError(DatabaseAwayError, DiskError):
    """The database's disk takes nothing more."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""No room, the user's share is used up, or a file is as large as the user's may be."""
_NOT_WRITABLE = frozenset({errno.EROFS, errno.EIO})
"""Read-only, as a kernel makes a disk that fails; or failing."""


def as_disk_error(error: OSError) -> DiskError | None:
    """What is wrong with the disk in one sentence; None: it is not the disk's fault."""
    where = f" with {error.filename}" if error.filename else ""
    if error.errno in _FULL:
        return DiskError(
            f"The disk{where} is full ({error.strerror}): make room; nothing that was saved before is lost.",
            is_full=True,
        )
    if error.errno in _NOT_WRITABLE:
        return DiskError(
            f"The disk{where} cannot be written ({error.strerror}): look at the system's log (dmesg), then mend the "
            "disk or mount it anew.",
            is_full=False,
        )
    return None
