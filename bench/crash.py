"""Runs the whole line over every source file below DIRs and reports whatever raises, and what takes long.

    python bench/crash.py DIR... [--language python|typescript] [--only files|projects|fixes] [--part K/N]

Each file is read, extracted and judged alone, as the only file of a project, with all rules on; then each DIR as one
project; then a copy of each DIR, with helper modules in every package, is fixed (nothing is written). The files need
not be good ones: a file that does not parse, or is no text, is a finding and not an exception. Files of equal content
are read once. Prints one line per exception and per slow file, then the counts; exits with 1 when there was any
exception. ``--part 2/5`` takes the second of five shares of the files and leaves the projects out, so that a long run
can be cut up.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.engine.codec import decode, encode
from monitorlint.engine.discover import reason_to_skip
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.frontends import LANGUAGES, front_end
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.engine.walk import EXCLUDED_FOLDERS
from monitorlint.languages.text import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.model.run import RunResult

_SLOW = 2.0
"""Seconds of CPU for one file from which it is mentioned: nobody waits that long in an editor."""
_PYTHON_HELPERS = """
def monitor_ai_generation(*a, **k): ...
def monitor_fetch(*a, **k): ...
def monitor_operation(*a, **k): ...
def detect_infinite_loop(*a, **k): ...
"""
_TYPESCRIPT_HELPERS = """
export async function monitorAIGeneration(...a: any[]): Promise<any> {}
export async function monitorFetch(...a: any[]): Promise<any> {}
export async function monitorOperation(...a: any[]): Promise<any> {}
export function monitorAIGenerationStream(...a: any[]): any {}
export function detectInfiniteLoop(...a: any[]): any {}
"""
_HELPERS = {
    "sentry_monitoring.py": ("pyproject.toml", _PYTHON_HELPERS),
    "sentryMonitoring.ts": ("package.json", _TYPESCRIPT_HELPERS),
}
"""The helper modules that the fixes call: name, the file of a package that it lies beside, text."""


class Tally:
    """What was run, and what came of it."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.failures = 0
        self.slowest = (0.0, "")

    def attempt(self, name: str, work: Callable[[], RunResult | None], *, limit: float = _SLOW) -> None:
        """One piece of work; an exception, or one that the engine has caught and recorded, is printed and counted."""
        started = time.process_time()
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - whatever is raised is what this command is for
            self._failed(name, error)
            return
        seconds = time.process_time() - started
        self.slowest = max(self.slowest, (seconds, name))
        if seconds > limit:
            print(f"{name}: slow, {seconds:.1f} s", flush=True)
        if result is not None:
            self._count(name, result)

    def report(self, what: str) -> int:
        """Print the counts; gives the number of failures."""
        seconds, name = self.slowest
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in self.outcomes.items())
        print(f"{what}: {self.failures} failures; {counts}; longest {seconds:.1f} s ({name})", flush=True)
        return self.failures

    def _failed(self, name: str, error: Exception) -> None:
        self.failures += 1
        places = traceback.extract_tb(error.__traceback__)
        print(f"{name}: {type(error).__name__}: {error}")
        for place in places[-4:]:
            print(f"    {os.path.basename(place.filename)}:{place.lineno} in {place.name}: {place.line}")  # noqa: PTH119

    def _count(self, name: str, result: RunResult) -> None:
        for failure in result.failures:
            self.failures += 1
            print(f"{name}: {failure.path}: {failure.where}: {failure.error}")
        self.outcomes["files"] += result.files
        self.outcomes["sites"] += len(result.sites)
        self.outcomes["skipped"] += len(result.skipped)
        for finding in result.findings:
            if finding.kind == "tool":
                self.outcomes[finding.name] += 1


def source_files(folder: Path, language: str) -> Iterator[Path]:
    """Every regular source file below ``folder``, ignored or not."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if language in {LANGUAGES.get(path.suffix), "" if path.suffix in LANGUAGES else None} and path.is_file():
                yield path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--only", choices=("files", "projects", "fixes"))
    parser.add_argument("--language", choices=sorted(set(LANGUAGES.values())), default="")
    parser.add_argument("--part", default="1/1", metavar="K/N")
    arguments = parser.parse_args()
    failures = 0
    if arguments.only in {None, "files"}:
        failures += _each_file(arguments.folders, arguments.language, *map(int, arguments.part.split("/")))
    for folder in arguments.folders if arguments.part == "1/1" else ():
        if arguments.only in {None, "projects"}:
            failures += _project(folder.absolute())
        if arguments.only in {None, "fixes"}:
            failures += _fixes(folder.absolute())
    return int(failures > 0)


def _each_file(folders: list[Path], language: str, number: int, parts: int) -> int:
    tally = Tally()
    known: set[bytes] = set()
    files = [path for folder in folders for path in source_files(folder.absolute(), language)][number - 1 :: parts]
    with tempfile.TemporaryDirectory(prefix="monitorlint-crash-") as empty:
        for path in files:
            data = path.read_bytes()
            digest = hashlib.blake2b(path.suffix.encode() + data).digest()
            if digest in known:
                continue
            known.add(digest)
            module = Path(empty) / f"module{path.suffix}"
            tally.attempt(str(path), lambda name=module.name, text=data: _extract(name, text))  # type: ignore[misc]
            tally.attempt(str(path), lambda at=module, text=data: run(_request(at, stdin=text)))  # type: ignore[misc]
            tally.outcomes["bytes"] += len(data)
    return tally.report(f"{len(files):,} files, {len(known):,} distinct, each alone")


def _extract(name: str, data: bytes) -> None:
    """Everything that is asked of one file, also of one that the screen would pass over."""
    if reason_to_skip(name, data):
        return
    front = front_end(LANGUAGES[name[name.rfind(".") :]])
    front.marks(name, data, front.imports(name, data))
    front.is_program(name, data)
    try:
        facts = front.extract(name, data)
    except UndecodableError:
        return
    if encode(decode(encode(facts))) != encode(facts):
        raise AssertionError("the facts are not the same when they have been in the cache")


def _project(folder: Path) -> int:
    tally = Tally()
    tally.attempt(str(folder), lambda: run(_request(folder)), limit=float("inf"))
    return tally.report(f"{folder} as a project")


def _fixes(folder: Path) -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="monitorlint-crash-", dir=folder.parent) as place:
        copy = Path(place) / folder.name
        left_out = shutil.ignore_patterns(*EXCLUDED_FOLDERS)
        shutil.copytree(folder, copy, symlinks=True, ignore=left_out, copy_function=_linked)
        for name, (manifest, text) in _HELPERS.items():
            for top in {copy, *(path.parent for path in copy.rglob(manifest))}:
                (top / name).unlink(missing_ok=True)
                (top / name).write_text(text, encoding="utf-8")

        def fixed() -> RunResult:
            result = fix(_request(copy)._replace(purpose="check"), FixOptions(unsafe=True))
            tally.outcomes["changed files"] += len(result.files)
            tally.outcomes["refused"] += len(result.refused)
            return result.left

        tally.attempt(str(folder), fixed, limit=float("inf"))
    return tally.report(f"{folder} fixed")


def _linked(source: str, target: str, *, follow_symlinks: bool = True) -> None:
    """A copy that takes no room; nothing writes to it."""
    os.link(source, target, follow_symlinks=follow_symlinks)


def _request(place: Path, stdin: bytes | None = None) -> Request:
    return Request(
        paths=() if stdin is not None else (place,),
        stdin=stdin,
        stdin_filename=None if stdin is None else str(place),
        isolated=True,
        select=("ALL",),
        cache=False,
        purpose="coverage",
        debug=stdin is not None,
    )


if __name__ == "__main__":
    sys.exit(main())
