"""Wrap calls at random in folders of real code, and look whether anything but the wrapping has changed.

    python bench/wrap_everything.py [--files 2500] [--share 0.3] [--seed 1] FOLDER…

Every file is rewritten in memory as if the chosen calls were model calls and fetches. The result must compile, and its
syntax tree must be the original's once the helpers are taken out again. Exit code 1 if one is not.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import warnings
from collections import Counter
from pathlib import Path

from monitorlint.languages.python.rewrite.file import FileRewriter, Wishes
from monitorlint.languages.python.rewrite.place import UnwritableError
from monitorlint.languages.python.source import UndecodableError
from monitorlint.model.edits import Change, Taken
from monitorlint.model.facts import Call, CallFlag
from monitorlint.model.finding import Edit, Region
from monitorlint.model.remedy import Refused, Remedy

HELPERS = ("monitor_ai_generation", "monitor_fetch")
LARGEST = 300_000
"""Bytes: what is larger is data."""


class Unwrapped(ast.NodeTransformer):
    """A tree without helpers."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == "sentry_monitoring" else node

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:
        return self._block(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST | list[ast.stmt]:
        return self._block(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        is_form = isinstance(node.func, ast.Attribute) and is_helper(node.func.value)
        return node.args[-1].body if is_form and isinstance(node.args[-1], ast.Lambda) else node

    def _block(self, node: ast.With | ast.AsyncWith) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        managers = [i.context_expr for i in node.items]
        node.items = [
            i
            for i, made in zip(node.items, managers, strict=True)
            if not (isinstance(made, ast.Call) and is_helper(made.func))
        ]
        return node if node.items else node.body


def is_helper(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lstrip("_").startswith(HELPERS)


def plain(source: bytes) -> str:
    return ast.dump(Unwrapped().visit(ast.parse(source)))


def remedy(call: Call, chance: random.Random) -> Remedy:
    region = Region(call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end)
    awaited = bool(call.flags & CallFlag.AWAITED)
    stream = chance.choice(("no", "no", "no", "no", "no", "yes"))
    return Remedy("wrap", "MON101", "", region, chance.choice(HELPERS), "a.b", "openai", awaited, stream)


def rewritten(rewriter: FileRewriter, remedies: list[Remedy], counts: Counter[str]) -> bytes:
    taken = Taken()
    edits: list[Edit] = []
    needs: list[str] = []
    for concerned, result in sorted(rewriter.outcomes(remedies), key=lambda o: o.remedies[0].region.start):
        if isinstance(result, Refused):
            counts["refused"] += len(concerned)
        elif taken.take(result.edits):
            counts["wrapped"] += len(concerned)
            edits += result.edits
            needs += result.needs
    change = Change([*rewriter.import_edits(needs), *edits])
    return rewriter.source.encoded(change.applied(rewriter.source.text))


def examine(path: Path, chance: random.Random, share: float, counts: Counter[str]) -> str:
    """What is wrong with the rewritten file; ``""`` when nothing is, or it is no file to try."""
    data = path.read_bytes()
    if len(data) > LARGEST:
        return ""
    try:
        before = plain(data)
        rewriter = FileRewriter(path.name, data, Wishes("sentry_monitoring", {"sentry_monitoring"}))
    except (SyntaxError, ValueError, RecursionError, UndecodableError, UnwritableError):
        return ""
    if rewriter.source.facts.problems or rewriter.source.has_lone_returns:
        return ""
    counts["files"] += 1
    chosen = [remedy(call, chance) for call in rewriter.source.facts.calls if chance.random() < share]
    after = rewritten(rewriter, chosen, counts)
    try:
        compile(after, str(path), "exec", dont_inherit=True)
        return "" if plain(after) == before else "the tree differs"
    except SyntaxError as error:
        return f"{error}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=2500)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10_000)
    chance = random.Random(options.seed)  # noqa: S311 - a sample, no secret
    files = sorted(path for folder in options.folders for path in folder.rglob("*.py") if path.is_file())
    counts: Counter[str] = Counter()
    for path in chance.sample(files, min(options.files, len(files))):
        wrong = examine(path, chance, options.share, counts)
        if wrong:
            counts["wrong"] += 1
            print(f"{path}: {wrong}")
    print(", ".join(f"{counts[name]} {name}" for name in ("files", "wrapped", "refused", "wrong")))
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
