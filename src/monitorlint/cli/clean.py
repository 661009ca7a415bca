"""``monitorlint clean``."""

from __future__ import annotations

from pathlib import Path

import click

from monitorlint.cli.options import FILE


@click.command("clean", help="Remove the cache of the project that PATHS (default: .) belong to.")
@click.argument("paths", nargs=-1, type=FILE)
@click.option("--debug", is_flag=True, help="Show the traceback of an error of monitorlint.")
def command(paths: tuple[Path, ...], *, debug: bool) -> int:  # noqa: ARG001 - read by main
    """Remove the cache."""
    import shutil  # noqa: PLC0415

    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.engine.cache import FOLDER  # noqa: PLC0415
    from monitorlint.settings.document import shown  # noqa: PLC0415
    from monitorlint.settings.find import find_root  # noqa: PLC0415
    from monitorlint.settings.values import UsageError  # noqa: PLC0415

    root, _ = find_root(*(paths or (Path(),)))
    cache = root / FOLDER
    try:
        shutil.rmtree(cache)
    except FileNotFoundError:
        say(f"No cache in {shown(root)}")
    except OSError as error:
        raise UsageError(f"{shown(cache)}: cannot be removed ({error.strerror or error}); remove it by hand") from error
    else:
        say(f"Removed {shown(cache)}")
    return 0
