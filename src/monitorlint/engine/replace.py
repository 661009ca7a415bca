"""Files on disk that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile


class NotReplacedError(Exception):
    """Why a file was left as it was, one line."""


def replace_file(path: str, before: bytes, after: bytes) -> None:
    """Put ``after`` in the place of ``before``; mode bits stay, and a link stays a link.

    :raises NotReplacedError: the file is not what it was when it was read, or cannot be written.
    """
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as stream:  # noqa: PTH123
            current = stream.read()
        if current == after:  # two names of one file
            return
        if current != before:
            raise NotReplacedError("it was changed by somebody else in the meantime; run again")
        if not os.access(target, os.W_OK):
            raise NotReplacedError("it may not be written")
        _swap(target, after)
    except OSError as error:
        raise NotReplacedError(error.strerror or str(error)) from error


def _swap(target: str, after: bytes) -> None:
    folder, name = os.path.split(target)
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
        shutil.copymode(target, temporary)
        with contextlib.suppress(OSError, AttributeError):
            status = os.stat(target)  # noqa: PTH116
            if (status.st_uid, status.st_gid) != (os.getuid(), os.getgid()):
                os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
