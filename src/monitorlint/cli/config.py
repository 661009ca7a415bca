"""``monitorlint config``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitorlint.cli.options import FILE

if TYPE_CHECKING:
    from monitorlint.settings.values import Settings


@click.command("config", help="Show the settings that hold for PATHS (default: .), and the file that they come from.")
@click.argument("paths", nargs=-1, type=FILE)
@click.option("--config", "config_file", type=FILE, metavar="FILE", help="Read this configuration and no other.")
@click.option("--isolated", is_flag=True, help="Read no configuration: the defaults.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error of monitorlint.")
def command(paths: tuple[Path, ...], config_file: Path | None, *, isolated: bool, debug: bool) -> int:  # noqa: ARG001 - read by main
    """Print settings."""
    from monitorlint.checks import all_rules  # noqa: PLC0415
    from monitorlint.cli.output import write  # noqa: PLC0415
    from monitorlint.engine.select import selected_rules  # noqa: PLC0415
    from monitorlint.settings.find import find_root  # noqa: PLC0415
    from monitorlint.settings.load import load_settings  # noqa: PLC0415
    from monitorlint.settings.values import CommandLine  # noqa: PLC0415

    root, nearest = find_root(*(paths or (Path(),)), configured=not isolated and config_file is None)
    flags = CommandLine(config=config_file, isolated=isolated)
    settings = load_settings(root, nearest, known=all_rules(), overrides=flags)
    write(_lines(settings, [rule.code for rule in selected_rules(settings, all_rules())]), None)
    return 0


def _lines(settings: Settings, on: list[str]) -> Iterator[str]:
    """The settings in the words of a configuration file; what is not set is a comment."""
    import json  # noqa: PLC0415 - TOML's strings, numbers and lists of them are JSON's

    from monitorlint.settings.document import shown  # noqa: PLC0415

    yield f"# project root: {shown(settings.root)}\n"
    yield f"# configuration: {shown(settings.source) if settings.source else 'none, these are the defaults'}\n"
    yield f"# rules that are on: {', '.join(on) or 'none'}\n"
    tables: list[str] = []
    for key, value in _entries(settings):
        if isinstance(value, dict):
            if not any(item is not None for item in value.values()):
                continue
            tables += [
                f"\n[{key}]\n",
                *(f"{_key(name)} = {json.dumps(item)}\n" for name, item in value.items() if item is not None),
            ]
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            for row in value:
                tables += [f"\n[[{key}]]\n", *(f"{name} = {json.dumps(item)}\n" for name, item in row.items() if item)]
        elif value is None:
            yield f"# {key}: not set, the rules that are on by default\n"
        else:
            yield f"{key} = {json.dumps(value)}\n"
    yield from tables


def _key(name: str) -> str:
    import json  # noqa: PLC0415

    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _entries(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Key and plain value of every setting, in the order of the documentation."""
    yield "select", None if settings.select is None else list(settings.select)
    yield "extend-select", list(settings.extend_select)
    yield "ignore", list(settings.ignore)
    yield "exclude", list(settings.exclude)
    yield "areas", sorted(settings.areas)
    yield "require", settings.require.value
    yield "rule-packs", [path.as_posix() for path in settings.rule_packs]
    yield "context", list(settings.context)
    yield "per-file-ignores", {pattern: list(codes) for pattern, codes in settings.per_file_ignores}
    yield (
        "helpers",
        {
            "python": settings.helper_python or None,
            "typescript": settings.helper_typescript or None,
            "backend": settings.backend,
        },
    )
    yield "thresholds", settings.thresholds._asdict()
    yield "timeouts", settings.timeouts._asdict()
    yield "wrappers", [wrapper._asdict() for wrapper in settings.wrappers]
