"""``monitorlint init``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitorlint.cli.options import FILE

if TYPE_CHECKING:
    from monitorlint.settings.values import Settings


@click.command(
    "init",
    help="Write the helper module whose functions 'monitorlint fix' inserts calls of, into the project that FOLDER"
    " (default: .) belongs to. It goes where helpers.python says, else into the project's package.",
)
@click.argument("folder", type=FILE, required=False)
@click.option("--force", is_flag=True, help="Overwrite a helper module that is there already.")
@click.option("--diff", is_flag=True, help="Show what would change, and write nothing; exit with 1 if anything would.")
@click.option("--stdout", is_flag=True, help="Print the helper module, and write nothing.")
@click.option("--config", "config_file", type=FILE, metavar="FILE", help="Read this configuration and no other.")
@click.option("--isolated", is_flag=True, help="Read no configuration: the defaults.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error of monitorlint.")
def command(
    folder: Path | None,
    config_file: Path | None,
    *,
    force: bool,
    diff: bool,
    stdout: bool,
    isolated: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Write the helper module."""
    if diff and stdout:
        raise click.UsageError("Give --diff or --stdout, not both.", click.get_current_context())
    from monitorlint.cli.output import write  # noqa: PLC0415
    from monitorlint.scaffold.helper import python_helper  # noqa: PLC0415
    from monitorlint.settings.document import shown  # noqa: PLC0415

    settings = _settings(folder, config_file, isolated=isolated)
    text = python_helper(settings.thresholds)
    if stdout:
        write([text], None)
        return 0
    target = settings.root / _destination(settings)
    if diff:
        lines = list(_diff(target, shown(target), text))
        write(lines, None)
        return int(bool(lines))
    _put(target, text, force=force)
    from monitorlint.cli.terminal import say  # noqa: PLC0415

    say(f"Wrote {shown(target)}")
    say("Next: install sentry-sdk, set SENTRY_DSN, and call init_sentry() of that module where the application starts;")
    say("then 'monitorlint fix' inserts the rest. 'monitorlint fix --diff' shows it first.")
    return 0


def _settings(folder: Path | None, config_file: Path | None, *, isolated: bool) -> Settings:
    from monitorlint.checks import all_rules  # noqa: PLC0415
    from monitorlint.settings.document import shown  # noqa: PLC0415
    from monitorlint.settings.find import find_root  # noqa: PLC0415
    from monitorlint.settings.load import load_settings  # noqa: PLC0415
    from monitorlint.settings.values import CommandLine, UsageError  # noqa: PLC0415

    start = folder or Path()
    if not start.is_dir():
        what = "is no folder" if os.path.lexists(start) else "no such folder"
        raise UsageError(f"{shown(start)}: {what}; name the project's folder, or run init in it")
    root, nearest = find_root(start, configured=not isolated and config_file is None)
    return load_settings(root, nearest, known=all_rules(), overrides=CommandLine(config=config_file, isolated=isolated))


def _destination(settings: Settings) -> str:
    """The helper's path from the root.

    :raises UsageError: the configured path cannot be imported; the project has several helper modules.
    """
    from monitorlint.engine.discover import discover  # noqa: PLC0415
    from monitorlint.index.areas import area_of  # noqa: PLC0415
    from monitorlint.scaffold.helper import PYTHON_NAME, python_home  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    configured = settings.helper_python.replace(os.sep, "/")
    if configured:
        name = configured.rpartition("/")[2]
        if configured.startswith("../") or os.path.isabs(configured):  # noqa: PTH117 - no Path is needed
            raise UsageError(f"helpers.python: {configured} lies outside the project; move it below its root")
        if not (name.endswith(".py") and name.removesuffix(".py").isidentifier()):
            raise UsageError(
                f"helpers.python: {configured} cannot be imported; name a Python file, such as {PYTHON_NAME}"
            )
        return configured
    files = discover(settings.root, settings).project
    known = [path for path in files if path.rpartition("/")[2] == PYTHON_NAME and area_of(path) == "app"]
    if len(known) > 1:
        raise UsageError(f"{known[0]} and {known[1]} are both helper modules; set helpers.python to one of them")
    if known:
        return known[0]
    inits = (path for path in files if path.endswith("/__init__.py") and area_of(path) == "app")
    return python_home([path.removesuffix("/__init__.py") for path in inits])


def _diff(target: Path, name: str, text: str) -> Iterator[str]:
    from difflib import unified_diff  # noqa: PLC0415

    before = _read(target, name).decode("utf-8", "replace") if os.path.lexists(target) else ""
    yield from unified_diff(before.splitlines(keepends=True), text.splitlines(keepends=True), name, name)


def _read(target: Path, name: str) -> bytes:
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    try:
        return target.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror}); move it out of the way") from error


def _put(target: Path, text: str, *, force: bool) -> None:
    """Write the file, whole or not at all.

    :raises UsageError: it is there already, or cannot be written.
    """
    from monitorlint.engine.replace import NotReplacedError, replace_file  # noqa: PLC0415
    from monitorlint.settings.document import shown  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    name, data = shown(target), text.encode()
    if os.path.lexists(target):
        if not force:
            raise UsageError(
                f"{name} is there already and was left as it is; --diff shows what is new, --force overwrites it"
            )
        try:
            replace_file(str(target), _read(target, name), data)
        except NotReplacedError as error:
            raise UsageError(f"{name}: cannot be written: {error}") from error
        return
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"{name}: cannot be written ({error.strerror}); check the path and its permissions") from error
    finally:
        with contextlib.suppress(OSError):  # a file lies where its folder should be
            temporary.unlink(missing_ok=True)
