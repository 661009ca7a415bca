"""Write docs/rules/ from the docstrings of the checks; ``--check`` only says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from monitorlint.checks import all_rules, documentation
from monitorlint.report.rules import index, page

RULES = Path(__file__).resolve().parent / "rules"


def pages() -> dict[Path, str]:
    """Every file that docs/rules/ should hold, with its text."""
    rules = all_rules()
    wanted = {RULES / f"{rule.code}.md": page(rule, documentation(rule.code)) for rule in rules}
    return {RULES / "README.md": index(rules), **wanted}


def main() -> int:
    """Write the pages, or with ``--check`` name the ones that are out of date."""
    wanted = pages()
    present = set(RULES.glob("*.md"))
    stale = [path for path, text in wanted.items() if path not in present or path.read_text(encoding="utf-8") != text]
    surplus = sorted(present - set(wanted))
    for path in sorted(stale + surplus):
        print(path.relative_to(RULES.parent.parent).as_posix())
    if "--check" in sys.argv[1:]:
        return int(bool(stale or surplus))
    RULES.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8", newline="\n")
    for path in surplus:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
