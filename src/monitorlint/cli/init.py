"""``monitorlint init``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitorlint.cli.options import FILE

if TYPE_CHECKING:
    from monitorlint.scaffold.detect import Stack
    from monitorlint.scaffold.plan import Planned
    from monitorlint.settings.values import Backend, Settings

_VERBS = {
    "new": ("Wrote", "Would write"),
    "added": ("Added to", "Would add to"),
    "edited": ("Overwrote", "Would overwrite"),
}


@click.command(
    "init",
    help="Set monitoring up in the project that FOLDER (default: .) belongs to: the helper modules whose functions"
    " 'monitorlint fix' inserts calls of, the configuration, and what else is missing. What is there stays.",
)
@click.argument("folder", type=FILE, required=False)
@click.option(
    "--backend",
    type=click.Choice(["sentry", "opentelemetry"]),
    help="What the helper modules report to, by default what helpers.backend says, else sentry.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--diff", is_flag=True, help="Show what would change, and write nothing; exit with 1 if anything would.")
@click.option("--stdout", is_flag=True, help="Print the helper module, and write nothing.")
@click.option("--force", is_flag=True, help="Write helper modules anew that differ; shows how, and asks.")
@click.option("--yes", is_flag=True, help="With --force: do not ask.")
@click.option("--config", "config_file", type=FILE, metavar="FILE", help="Read this configuration and no other.")
@click.option("--isolated", is_flag=True, help="Read no configuration: the defaults.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error of monitorlint.")
def command(
    folder: Path | None,
    config_file: Path | None,
    *,
    backend: Backend | None,
    dry_run: bool,
    diff: bool,
    stdout: bool,
    force: bool,
    yes: bool,
    isolated: bool,
    debug: bool,  # noqa: ARG001 - read by main
) -> int:
    """Set monitoring up."""
    if [dry_run, diff, stdout].count(True) > 1:
        raise click.UsageError("Give one of --dry-run, --diff and --stdout.", click.get_current_context())
    if yes and not force:
        raise click.UsageError("--yes answers what --force asks: give both.", click.get_current_context())
    from monitorlint.cli.output import write  # noqa: PLC0415
    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.scaffold.advice import found, stays_with_sentry  # noqa: PLC0415
    from monitorlint.scaffold.plan import planned  # noqa: PLC0415

    settings = _settings(folder, config_file, isolated=isolated)
    is_other = backend is not None and backend != settings.backend
    settings = settings._replace(backend=backend or settings.backend)
    stack = _stack(settings, folder)
    if stdout:
        write([_only_helper(settings, stack)], None)
        return 0
    configures = _is_to_be_configured(settings, config_file, isolated)
    settled = _known_to_git(settings.root)
    files = planned(settings.root, stack, settings, configures=configures, is_settled=settled)
    if diff:
        lines = [line for file in files for line in _diff(settings.root, file)]
        write(lines, None)
        return int(bool(lines))
    chosen = _chosen(settings.root, files, force=force, yes=yes, dry_run=dry_run)
    lines = [*found(settings.root, stack), *stays_with_sentry(stack, settings.backend)]
    for file in chosen:
        if not dry_run:
            _put(settings.root, file)
        for line in (*lines, f"{_VERBS[file.how][dry_run]} {_shown(settings.root, file)}"):
            say(line)
        lines = []
    kept = [_shown(settings.root, file) for file in files if file.how == "edited" and file not in chosen]
    lines += [f"Kept {name}, which differs: --diff shows how, --force writes it anew" for name in kept]
    if not chosen:
        lines.append("Nothing to write")
    elif not dry_run:
        lines += _what_is_left(settings, stack)
        if is_other and settings.source is not None:
            name = settings.source.name
            lines.append(f'  set helpers.backend = "{settings.backend}" in {name}: the next init goes by it')
    for line in lines:
        say(line)
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


def _stack(settings: Settings, folder: Path | None) -> Stack:
    """What the project is made of.

    :raises UsageError: nothing that helper modules are written for.
    """
    from monitorlint.engine.discover import discover  # noqa: PLC0415
    from monitorlint.scaffold.detect import detect  # noqa: PLC0415
    from monitorlint.settings.document import shown  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    files = discover(settings.root, settings).project
    inner = os.path.relpath(os.path.abspath(folder or Path()), settings.root).replace(os.sep, "/")  # noqa: PTH100
    stack = detect(settings.root, files, "" if inner == "." else inner, settings.backend)
    if not stack.python and not stack.node:
        raise UsageError(f"{shown(settings.root)}: no code of Python, TypeScript or JavaScript is there to monitor")
    return stack


def _is_to_be_configured(settings: Settings, config_file: Path | None, isolated: bool) -> bool:
    return settings.source is None and config_file is None and not isolated


def _known_to_git(root: Path) -> Callable[[str], bool]:
    """Whether git ignores a file, or has it, or one of its name in a folder above."""
    from monitorlint.engine.git import tracked_files  # noqa: PLC0415
    from monitorlint.engine.ignorefile import is_ignored_in  # noqa: PLC0415

    def is_known(path: str) -> bool:
        *folders, name = path.split("/")
        above = ["/".join((*folders[:depth], name)) for depth in range(len(folders) + 1)]
        return is_ignored_in(str(root), path) or bool(tracked_files(root, above))

    return is_known


def _only_helper(settings: Settings, stack: Stack) -> str:
    from monitorlint.scaffold.plan import helper_texts  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    texts = helper_texts(settings.root, stack, settings)
    if len(texts) > 1:
        names = ", ".join(path for path, _ in texts)
        raise UsageError(f"--stdout: there are several helper modules ({names}); name the folder of one")
    return texts[0][1]


def _diff(root: Path, file: Planned) -> Iterator[str]:
    from difflib import unified_diff  # noqa: PLC0415

    from monitorlint.languages.config.names import is_private  # noqa: PLC0415

    before, after = (data.decode("utf-8", "replace") for data in (file.before or b"", file.after))
    name = _shown(root, file)
    around = 3
    if is_private(name):  # no line of it that stays, and none whose end alone changes
        around = 0
        before += "\n" if before and not before.endswith("\n") else ""
    yield from unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name, n=around)


def _chosen(root: Path, files: list[Planned], *, force: bool, yes: bool, dry_run: bool) -> list[Planned]:
    """The files to write.

    :raises UsageError: something would have to be asked, and nobody is there.
    """
    from monitorlint.cli.terminal import can_ask, say  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    chosen = []
    for file in files:
        if file.how in {"new", "added"}:
            chosen.append(file)
        if file.how != "edited" or not force:
            continue
        if not yes and not dry_run:
            name = _shown(root, file)
            if not can_ask():
                raise UsageError(f"{name} differs, and nobody is there to ask; --yes overwrites it, --diff shows how")
            for line in _diff(root, file):
                say(line.rstrip("\n"))
            if not click.confirm(f"Overwrite {name}?", err=True):
                continue
        chosen.append(file)
    return chosen


def _what_is_left(settings: Settings, stack: Stack) -> Iterator[str]:
    from monitorlint.scaffold.advice import installs, outdated, starts  # noqa: PLC0415
    from monitorlint.scaffold.places import python_target, script_target  # noqa: PLC0415

    helpers = {("python", part.folder): python_target(part, settings.helper_python) for part in stack.python}
    for part in stack.node:
        helpers["node", part.folder] = script_target(settings.root, part, settings.helper_typescript)
    calls = list(starts(settings.root, stack, helpers))
    yield "Next:"
    for line in (*outdated(stack), *installs(settings.root, stack), *calls):
        yield f"  {line}"
    if calls:
        yield "  set the variables of the .env examples where the application runs, or in .env if it reads that"
    yield "  monitorlint fix --diff, which shows what 'monitorlint fix' would insert"


def _shown(root: Path, file: Planned) -> str:
    from monitorlint.settings.document import shown  # noqa: PLC0415

    return shown(root / file.path)


def _put(root: Path, file: Planned) -> None:
    """Write the file, whole or not at all.

    :raises UsageError: it cannot be written.
    """
    from monitorlint.engine.replace import NotReplacedError, replace_file  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    name, target = _shown(root, file), root / file.path
    if file.before is not None:
        try:
            replace_file(str(target), file.before, file.after)
        except NotReplacedError as error:
            raise UsageError(f"{name}: cannot be written: {error}") from error
        return
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(file.after)
        temporary.replace(target)
    except OSError as error:
        raise UsageError(f"{name}: cannot be written ({error.strerror}); check the path and its permissions") from error
    finally:
        with contextlib.suppress(OSError):  # a file lies where its folder should be
            temporary.unlink(missing_ok=True)
