"""The command line. One module per command; the only package that prints."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from typing import NoReturn

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
MISTAKE = 2


def main() -> int:
    """Run the command line and return the exit code: 0 clean, 1 findings, 2 the user's mistake or our error.

    Nothing but ``--debug`` lets a traceback out.
    """
    import click  # noqa: PLC0415 - `import monitorlint.cli` itself costs nothing

    from monitorlint.cli.app import app  # noqa: PLC0415

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name or a message may hold what the terminal's encoding cannot express.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app.main(prog_name="monitorlint", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as mistake:
        return _fail(_click_message(mistake))
    except (KeyboardInterrupt, click.Abort):
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        abandon_stdout()
        return 0
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        return _fail(_message(error))
    return code if isinstance(code, int) else 0


def leave() -> NoReturn:
    """Run the program and end the process at once: taking a large project's memory apart takes a tenth of a second.

    For the same reason nothing is collected on the way: one look at all that a run holds takes half a second.
    """
    gc.disable()
    code = main()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def abandon_stdout() -> None:
    """The reader of our output has gone: let the rest, and the interpreter's own last flush, go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    print(f"monitorlint: {message}", file=sys.stderr)
    return MISTAKE


def _click_message(mistake: object) -> str:
    import click  # noqa: PLC0415

    assert isinstance(mistake, click.ClickException)
    text = " ".join(mistake.format_message().split())
    context = getattr(mistake, "ctx", None)
    return f"{text} (see '{context.command_path} --help')" if context is not None else text


def _message(error: Exception) -> str:
    """One line for an error that is not click's: the user's mistake as it is, ours with where it happened."""
    from monitorlint.settings.values import UsageError  # noqa: PLC0415 - the way to `--version` needs no settings

    if isinstance(error, UsageError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.filename is not None:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
        return " ".join(f"{name}: {error.strerror}; check the path, its permissions and the space on the disk".split())
    from monitorlint.report.links import ISSUES  # noqa: PLC0415

    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place else ""  # noqa: PTH119
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"internal error{where}: {detail}; run again with --debug and report it at {ISSUES}"
