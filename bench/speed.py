r"""Time commands against each other, interleaved, and print ratios.

    python bench/speed.py --runs 7 'pass=python -c pass' 'cold=monitorlint check {dir} --cache-dir {fresh}' \
        'warm=monitorlint check {dir} --cache-dir {kept}' DIR

In a command, {dir} is DIR, {fresh} an empty folder for every run, {kept} one folder that an uncounted run has filled.
The first command is the measure: the others are given as multiples of its median, and of its least CPU time, which is
what counts on a machine that others use too. Every command runs once per round, so that a slow minute hits all of
them; exit codes 0 and 1 are success, any other stops the benchmark.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(command: str, places: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds of all processes, and peak memory (MB) of the largest process of one run."""
    argv = [word.format(**places) for word in shlex.split(command)]
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in {0, 1}:
        sys.exit(f"{shlex.join(argv)} ended with exit code {code}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("commands", nargs="+", metavar="NAME=COMMAND")
    parser.add_argument("folder", type=Path, metavar="DIR")
    options = parser.parse_args()
    commands = dict(command.split("=", 1) for command in options.commands)
    work = Path(tempfile.mkdtemp(prefix="monitorlint-bench-"))
    places = {"dir": str(options.folder.resolve()), "fresh": str(work / "fresh"), "kept": str(work / "kept")}
    times: dict[str, list[float]] = {name: [] for name in commands}
    cpu: dict[str, float] = dict.fromkeys(commands, float("inf"))
    memory: dict[str, float] = dict.fromkeys(commands, 0.0)
    for command in commands.values():
        if "{kept}" in command:
            run(command, places)
    for _ in range(options.runs):
        for name, command in commands.items():
            shutil.rmtree(places["fresh"], ignore_errors=True)
            wall, used, peak = run(command, places)
            times[name].append(wall)
            cpu[name] = min(cpu[name], used)
            memory[name] = max(memory[name], peak)
    shutil.rmtree(work)
    measure, least = statistics.median(next(iter(times.values()))), next(iter(cpu.values()))
    print(f"{'command':16} {'median s':>9} {'min':>8} {'max':>8} {'ratio':>7} {'CPU s':>8} {'ratio':>7} {'MB':>6}")
    for name, walls in times.items():
        median = statistics.median(walls)
        spread = f"{min(walls):8.3f} {max(walls):8.3f}"
        ratios = f"{median / measure:7.2f} {cpu[name]:8.3f} {cpu[name] / least:7.2f}"
        print(f"{name:16} {median:9.3f} {spread} {ratios} {memory[name]:6.0f}")


if __name__ == "__main__":
    main()
