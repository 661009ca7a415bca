"""Write docs/rules/ and the register of rules from the checks; ``--check`` only says whether they are up to date."""

from __future__ import annotations

import json
import pkgutil
import sys
from importlib import import_module
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint import checks
from monitorlint.report.rules import index, page

if TYPE_CHECKING:
    from types import ModuleType

RULES = Path(__file__).resolve().parent / "rules"


def modules() -> list[ModuleType]:
    """The modules that hold a rule, in the order of the codes."""
    names = (f"{checks.__name__}.{info.name}" for info in pkgutil.iter_modules(checks.__path__))
    return sorted((m for m in map(import_module, names) if hasattr(m, "RULE")), key=lambda module: module.RULE.code)


def files() -> dict[Path, str]:
    """Every file that is to be written, with its text."""
    found = modules()
    rows = {module.__name__.rpartition(".")[2]: module.RULE._asdict() for module in found}
    register = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    pages = {RULES / f"{m.RULE.code}.md": page(m.RULE, cleandoc(m.__doc__ or "")) for m in found}
    contents = {RULES / "README.md": index(tuple(module.RULE for module in found))}
    return {checks.REGISTER: f"{{\n{register}\n}}\n", **contents, **pages}


def main() -> int:
    """Write the files, or with ``--check`` name the ones that are out of date."""
    wanted = files()
    present = {*RULES.glob("*.md"), *filter(Path.exists, wanted)}
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
