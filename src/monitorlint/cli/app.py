"""The group of commands; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from monitorlint import __version__

COMMANDS = {
    "check": "Report AI calls, fetches and loops that no monitoring covers.",
    "clean": "Remove the cache.",
    "config": "Show the settings that hold, and where they come from.",
    "coverage": "List every site, monitored or not, with the percentage.",
    "fix": "Insert the missing wrappers, loop guards and timeouts.",
    "init": "Set monitoring up: helper modules, configuration, and what else is missing.",
    "rule": "Explain one rule, or list all.",
}
"""Name and one-line help: `--help` needs no command's module."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports none of them before it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"monitorlint.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # noqa: PLC0415 - only a typo needs it

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"The commands are {', '.join(COMMANDS)}."
            ctx.fail(f"No such command '{args[0]}'. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 clean, 1 findings, 2 a mistake in the call or the settings, or an error of monitorlint.",
)
@click.version_option(__version__, "-V", "--version", prog_name="monitorlint", message="%(prog)s %(version)s")
def app() -> None:
    """Find the AI calls, HTTP fetches and unbounded loops that no monitoring covers."""
