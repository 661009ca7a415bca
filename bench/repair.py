"""Fix copies of real repositories and check what must hold of every rewrite.

    python bench/repair.py [--monitorlint COMMAND] [--keep FOLDER] DIR...

For each DIR: a copy gets the helper module (``monitorlint init``, unless it has one), is fixed, and then

* every changed file parses as it did before (``ast.parse``), and still holds every byte of code that it held, in order:
  the rewrite inserts, it does not rephrase;
* a second run changes zero bytes;
* the check is silent on what is said to be fixed: the findings that are left are those that were refused, or that no
  fix is thought of for.

Printed per repository: findings of MON1xx and MON2xx (without timeouts) and of MON3xx, and the share that was fixed
safely, needs ``--unsafe-fixes``, or was refused, with the reasons by number. Ends with 1 when anything does not hold.
"""

from __future__ import annotations

import argparse
import ast
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

CALLS = ("MON101", "MON201")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monitorlint", default="monitorlint", help="the command to run")
    parser.add_argument("--keep", type=Path, help="leave the fixed copies there")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    options = parser.parse_args()
    tool = shlex.split(options.monitorlint)
    work = options.keep or Path(tempfile.mkdtemp(prefix="monitorlint-repair-"))
    broken = 0
    for folder in options.folders:
        copy = work / folder.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".monitorlint_cache"))
        (copy / ".git").mkdir()
        broken += _repair(tool, folder, copy)
        if options.keep is None:
            shutil.rmtree(copy)
    sys.exit(1 if broken else 0)


def _repair(tool: list[str], original: Path, copy: Path) -> int:
    """The number of things that do not hold."""
    wrong: list[str] = []
    if not list(copy.rglob("sentry_monitoring.py")):
        _run([*tool, "init"], copy)
    before = _findings(tool, copy)
    report = json.loads(_run([*tool, "fix", "--no-cache", "--allow-dirty", "--output-format", "json"], copy))
    after = _findings(tool, copy)
    for row in report["files"]:
        wrong += [f"{row['path']}: {what}" for what in _differences(original / row["path"], copy / row["path"])]
    again = json.loads(_run([*tool, "fix", "--no-cache", "--allow-dirty", "--output-format", "json"], copy))
    wrong += [f"{row['path']}: a second run changes it again" for row in again["files"]]
    fixed = Counter(code for row in report["files"] for code in row["fixed"])
    left = Counter(row["code"] for row in after)
    for code, number in Counter(row["code"] for row in before).items():
        if number - fixed[code] < left[code]:  # fewer: what is called from a wrapped call is covered by it
            wrong.append(f"{code}: {number} findings, {fixed[code]} fixed, and {left[code]} left")
    firm = Counter(row["code"] for row in before if row["confidence"] != "low")
    total = sum(firm[code] for code in CALLS)
    done = sum(fixed[code] for code in CALLS)
    loops = sum(number for code, number in firm.items() if code.startswith("MON3"))
    guarded = sum(number for code, number in fixed.items() if code.startswith("MON3"))
    share = f"{done / total:.0%}" if total else "-"
    files = len(report["files"])
    print(f"{original.name}: {files} files; calls {done} of {total} fixed ({share}); loops {guarded} of {loops}")
    reasons = Counter((row["code"], row["reason"].partition(": ")[0]) for row in report["refused"])
    for (code, reason), number in sorted(reasons.items()):
        print(f"    {number:4} {code} {reason}")
    for what in wrong:
        print(f"    WRONG {what}")
    return len(wrong)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(f"{folder.name}: {shlex.join(command)} ended with exit code {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _findings(tool: list[str], folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_run([*tool, "check", "--no-cache", "--output-format", "json"], folder))
    return rows


def _differences(original: Path, changed: Path) -> list[str]:
    before, after = original.read_bytes(), changed.read_bytes()
    found: list[str] = []
    if _parses(before) and not _parses(after):
        found.append("does not parse any more")
    rest = iter(b"".join(after.split()))
    if not all(byte in rest for byte in b"".join(before.split())):
        found.append("something that was there is gone")
    if (b"\r\n" in after) != (b"\r\n" in before) or before.startswith(b"\xef\xbb\xbf") != after.startswith(
        b"\xef\xbb\xbf"
    ):
        found.append("line ends or byte order mark differ")
    if before[-1:] != after[-1:]:
        found.append("ends differently")
    return found


def _parses(data: bytes) -> bool:
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
