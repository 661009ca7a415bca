"""Runs the whole line over every Python file below DIRs and reports whatever raises.

    python bench/crash.py DIR... [--only files|projects] [--part K/N]

Each file is judged alone, as the only file of a project, with all rules on; then each DIR as one project. The files
need not be good ones: a file that does not parse, or is no text, is a finding and not an exception. Prints one line
per exception, then the counts; exits with 1 when there was any. ``--part 2/5`` takes the second of five shares of the
files and leaves the projects out, so that a long run can be cut up.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.engine.request import Request
from monitorlint.engine.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.model.run import RunResult

_SLOW = 5.0
"""Seconds for one file from which it is mentioned: nobody waits that long in an editor."""


class Tally:
    """What was run, and what came of it."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures = 0

    def attempt(self, name: str, request: Request) -> None:
        """One run; an exception, or one that the engine has caught and recorded, is printed and counted."""
        started = time.process_time()
        try:
            result = run(request)
        except Exception as error:  # noqa: BLE001 - whatever is raised is what this command is for
            self._failed(name, error)
            return
        for failure in result.failures:
            self.failures += 1
            print(f"{name}: {failure.path}: {failure.where}: {failure.error}")
        seconds = time.process_time() - started
        if request.stdin is not None and seconds > _SLOW:
            print(f"{name}: slow, {seconds:.1f} s")
        self._count(result)

    def _failed(self, name: str, error: Exception) -> None:
        self.failures += 1
        places = traceback.extract_tb(error.__traceback__)
        print(f"{name}: {type(error).__name__}: {error}")
        for place in places[-4:]:
            print(f"    {os.path.basename(place.filename)}:{place.lineno} in {place.name}: {place.line}")  # noqa: PTH119

    def _count(self, result: RunResult) -> None:
        self.outcomes["files"] += result.files
        self.outcomes["sites"] += len(result.sites)
        self.outcomes["skipped"] += len(result.skipped)
        for finding in result.findings:
            if finding.kind == "tool":
                self.outcomes[finding.name] += 1


def python_files(folder: Path) -> Iterator[Path]:
    """Every regular ``.py`` file below ``folder``, ignored or not."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if name.endswith(".py") and (path := Path(place, name)).is_file())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--only", choices=("files", "projects"))
    parser.add_argument("--part", default="1/1", metavar="K/N")
    arguments = parser.parse_args()
    failures = 0
    if arguments.only != "projects":
        failures += _each_file(arguments.folders, *map(int, arguments.part.split("/")))
    if arguments.only != "files":
        failures += sum(_project(folder.absolute()) for folder in arguments.folders)
    return int(failures > 0)


def _each_file(folders: list[Path], number: int, parts: int) -> int:
    tally = Tally()
    files = [path for folder in folders for path in python_files(folder.absolute())][number - 1 :: parts]
    with tempfile.TemporaryDirectory(prefix="monitorlint-crash-") as empty:
        for path in files:
            tally.attempt(str(path), _request(Path(empty), stdin=path.read_bytes()))
    print(f"{len(files)} files, each alone: {tally.failures} failures; {dict(tally.outcomes)}", flush=True)
    return tally.failures


def _project(folder: Path) -> int:
    tally = Tally()
    started = time.monotonic()
    tally.attempt(str(folder), _request(folder))
    spent = time.monotonic() - started
    print(f"{folder} as a project: {tally.failures} failures; {dict(tally.outcomes)}, {spent:.0f} s", flush=True)
    return tally.failures


def _request(folder: Path, stdin: bytes | None = None) -> Request:
    return Request(
        paths=() if stdin is not None else (folder,),
        stdin=stdin,
        stdin_filename=None if stdin is None else str(folder / "module.py"),
        isolated=True,
        select=("ALL",),
        cache=False,
        purpose="coverage",
        debug=stdin is not None,
    )


if __name__ == "__main__":
    sys.exit(main())
