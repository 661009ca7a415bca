"""Time ``monitorlint fix`` against a cold check of the same project, interleaved, as the number of findings grows.

    python bench/fix.py [--runs 3] [--monitorlint monitorlint]

The projects are generated: modules of 300 lines with ten findings each (AI calls, fetches, loops) for 10, 100 and
1,000 findings, and one module of 10,000 lines with 200. Every fix starts from the untouched project and writes; it
must leave no finding, and the number that it says to have fixed must be right. Printed per project: seconds, the
milliseconds that a finding costs on top of the check, and the fix as a multiple of the check.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEAD = """import requests
from openai import OpenAI

client = OpenAI()
"""
TASKS = (
    """

def ask_{n}(question: str, user_id: str) -> str:
    reply = client.chat.completions.create(
        model="gpt-5",
        messages=[{{"role": "user", "content": question}}],
    )
    return reply.choices[0].message.content or ""
""",
    """

def load_{n}(item_id: str) -> dict:
    return requests.get(f"https://shop.example.com/items/{{item_id}}", timeout=5).json()
""",
    """

def research_{n}(question: str) -> str:
    messages = [{{"role": "user", "content": question}}]
    while True:
        reply = client.chat.completions.create(model="gpt-5", messages=messages, tools=[])
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message)
""",
)
"""One finding, one, and two."""
FILLER = """

def total_{n}(rows):
    amount = 0
    for row in rows:
        if row.price > 0 and row.count:
            amount += row.price * row.count
    return amount
"""


def module(findings: int, lines: int) -> str:
    """A module with so many findings and at least so many lines."""
    parts = [HEAD]
    left, number = findings, 0
    while left > 0:
        task = TASKS[number % 3] if left > 1 else TASKS[0]
        parts.append(task.format(n=number))
        left -= 2 if task is TASKS[2] else 1
        number += 1
    every = max(1, (lines - sum(p.count("\n") for p in parts)) // FILLER.count("\n"))
    return "".join(parts) + "".join(FILLER.format(n=n) for n in range(every))


def project(folder: Path, findings: int, *, files: int, lines: int) -> None:
    """Writes a project with so many findings in all, spread evenly, and the helper module."""
    folder.mkdir()
    (folder / ".git").mkdir()
    for number in range(files):
        (folder / f"module_{number}.py").write_text(module(findings // files, lines))


def run(command: list[str], folder: Path) -> tuple[float, str]:
    """Wall seconds and everything that was printed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    if done.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)} ended with exit code {done.returncode}: {done.stderr}")
    return wall, done.stdout + done.stderr


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--monitorlint", default="monitorlint")
    options = parser.parse_args()
    tool: str = options.monitorlint
    work = Path(tempfile.mkdtemp(prefix="monitorlint-bench-"))
    sizes = [(10, 1, 300), (100, 10, 300), (1000, 100, 300), (200, 1, 10_000)]
    checks: dict[int, list[float]] = {size[0]: [] for size in sizes}
    fixes: dict[int, list[float]] = {size[0]: [] for size in sizes}
    for round_number in range(options.runs):
        for findings, files, lines in sizes:
            folder = work / f"{findings}-{round_number}"
            project(folder, findings, files=files, lines=lines)
            run([tool, "init"], folder)
            checks[findings].append(run([tool, "check", "--no-cache"], folder)[0])
            wall, said = run([tool, "fix", "--no-cache", "--allow-dirty"], folder)
            fixes[findings].append(wall)
            fixed = re.search(r"Fixed (\d+) findings", said)
            if fixed is None or int(fixed[1]) != findings:
                sys.exit(f"{findings} findings, but: {said[-500:]}")
            if run([tool, "check", "--no-cache"], folder)[1].count("MON"):
                sys.exit(f"{folder}: findings are left")
            shutil.rmtree(folder)
    shutil.rmtree(work)
    print(f"{'findings':>8} {'check s':>9} {'fix s':>8} {'ms/finding':>11} {'ratio':>7}")
    for findings, _, _ in sizes:
        check, fix = statistics.median(checks[findings]), statistics.median(fixes[findings])
        print(f"{findings:8} {check:9.3f} {fix:8.3f} {1000 * (fix - check) / findings:11.2f} {fix / check:7.2f}")


if __name__ == "__main__":
    main()
