"""``monitorlint fix``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitorlint.cli.options import request, shared_options
from monitorlint.cli.output import write, write_bytes
from monitorlint.cli.terminal import can_ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.engine.fixer import Proposal
    from monitorlint.engine.request import Request
    from monitorlint.model.fixes import FixResult
    from monitorlint.model.run import RunResult

_MISTAKE = 2


@click.command("fix", help="Put what check reports in PATHS (default: .) under monitoring: wrappers, guards, timeouts.")
@shared_options
@click.option("--diff", is_flag=True, help="Write nothing; print what would change. Exit code 1 if anything would.")
@click.option("--unsafe-fixes", is_flag=True, help="Make the fixes that may change what the code does, too.")
@click.option("--interactive", is_flag=True, help="Ask before each fix.")
@click.option("--allow-dirty", is_flag=True, help="Change folders in which git sees uncommitted changes.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
def command(**flags: Any) -> int:
    """Fix files."""
    piped = Path("-") in flags["paths"]
    if flags["interactive"] and (piped or not can_ask()):
        raise click.UsageError("--interactive needs a terminal.", click.get_current_context())
    if not (piped or flags["diff"] or flags["allow_dirty"]):
        demand_clean(flags["paths"] or (Path(),))
    asked = request(flags)
    ask = _asker() if flags["interactive"] else None
    result = repaired(asked, flags, unsafe=flags["unsafe_fixes"], write=not (piped or flags["diff"]), ask=ask)
    if asked.stdin is not None and not flags["diff"]:
        write_bytes(result.files[0].after if result.files else asked.stdin)
    _report(result, flags, piped=piped)
    return exit_code(result, diff=flags["diff"])


def repaired(
    asked: Request, flags: dict[str, Any], *, unsafe: bool, write: bool, ask: Callable[[Proposal], bool] | None = None
) -> FixResult:
    """Run the fixer, with a progress bar where someone looks on."""
    from monitorlint.cli.progress import progress  # noqa: PLC0415
    from monitorlint.engine.fixer import FixOptions, fix  # noqa: PLC0415

    bar = progress(quiet=flags["quiet"])
    try:
        return fix(asked._replace(progress=bar), FixOptions(unsafe=unsafe, write=write, ask=ask))
    finally:
        if bar is not None:
            bar.close()


def shown(asked: Request, flags: dict[str, Any]) -> RunResult:
    """What a check finds, with the edits of each fix."""
    from monitorlint.cli.progress import progress  # noqa: PLC0415
    from monitorlint.engine.fixer import show  # noqa: PLC0415

    bar = progress(quiet=flags["quiet"])
    try:
        return show(asked._replace(progress=bar))
    finally:
        if bar is not None:
            bar.close()


def exit_code(result: FixResult, *, diff: bool) -> int:
    """2 when monitorlint failed somewhere; with ``diff`` 1 if there would be changes, else 1 if findings are left."""
    from monitorlint.cli.check import exit_code as of_check  # noqa: PLC0415

    if any(file.error for file in result.files):
        return _MISTAKE
    left = of_check(result.left, "info", strict=False, zero=False)
    return int(bool(result.files)) if diff and left != _MISTAKE else left


def demand_clean(paths: tuple[Path, ...]) -> None:
    """Refuse to rewrite folders whose uncommitted changes would be mixed up with ours."""
    from monitorlint.engine.git import changed_files  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    for path in paths:
        changed = changed_files(path) if path.is_dir() else []
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            raise UsageError(
                f"{path}: uncommitted changes ({changed[0]}{more}); commit or stash them, or give --allow-dirty"
            )


def _report(result: FixResult, flags: dict[str, Any], *, piped: bool) -> None:
    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.report import fixes  # noqa: PLC0415
    from monitorlint.report.summary import failures  # noqa: PLC0415

    would = flags["diff"]
    if flags["output_format"] == "json" and not piped:
        write((fixes.as_json(result),), flags["output_file"])
    elif would:
        write_bytes(b"".join(fixes.patch(result)))
    report = list(fixes.text(result, would=would))
    if would or piped or flags["output_format"] == "json":
        for line in report if not flags["quiet"] else ():
            say(line.removesuffix("\n"))
    else:
        write(report, flags["output_file"])
    for line in failures(result.left):
        say(line)
    if not flags["quiet"]:
        say(fixes.summary(result, would=would))


def _asker() -> Callable[[Proposal], bool]:
    """Asks on the terminal: y(es), n(o), a(ll that follow), q(uit: none that follows)."""
    from monitorlint.model.fixes import FixedFile  # noqa: PLC0415
    from monitorlint.report.fixes import patch_of  # noqa: PLC0415

    always: list[bool] = []

    def ask(proposal: Proposal) -> bool:
        if always:
            return always[0]
        shown = patch_of(
            FixedFile(proposal.path, (), proposal.before, proposal.after, is_private=proposal.is_private), proposal.path
        )
        click.echo(b"".join(shown).decode("utf-8", "replace"), err=True)
        question = f"{proposal.path}:{proposal.line}: {', '.join(proposal.codes)} {proposal.message}"
        answer = click.prompt(question, type=click.Choice(["y", "n", "a", "q"]), default="y", err=True)
        if answer in {"a", "q"}:
            always.append(answer == "a")
        return answer in {"y", "a"}

    return ask
