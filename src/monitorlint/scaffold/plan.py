"""What ``monitorlint init`` would write into a project: nothing is written here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from monitorlint import __version__
from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple
from monitorlint.scaffold.detect import sets_up_sentry
from monitorlint.scaffold.helper import python_helper
from monitorlint.scaffold.places import python_target, script_target
from monitorlint.scaffold.typescript_helper import dsn_variable, release_variable, typescript_helper
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from monitorlint.scaffold.detect import Stack
    from monitorlint.settings.values import Backend, Settings

_TEMPLATES = Path(__file__).parent / "files"
_ENV_EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")
_OTHER_CI = (
    ".gitlab-ci.yml",
    ".circleci",
    "azure-pipelines.yml",
    "Jenkinsfile",
    "bitbucket-pipelines.yml",
    ".travis.yml",
)
_WORKFLOW = ".github/workflows/monitorlint.yml"
_PYTHON_VARIABLES = ("SENTRY_DSN", "SENTRY_ENVIRONMENT", "SENTRY_RELEASE")
_OTEL_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME")
_OF_RUNTIME = {
    "node": ("SENTRY_DSN", "SERVER_NAME", "NODE_ENV"),
    "worker": ("SENTRY_DSN", "SENTRY_ENVIRONMENT", "SENTRY_RELEASE"),
    "universal": ("SENTRY_DSN",),
    "browser": (),
}

How = Literal["new", "added", "same", "edited"]


class Planned(NamedTuple):
    """One file: what it holds, and what it would hold."""

    path: str
    """From the root, with ``/``."""
    before: bytes | None
    """None: it does not exist."""
    after: bytes
    is_helper: bool = False

    @property
    def how(self) -> How:
        """Whether it is new, gets lines, stays, or differs where nothing may be overwritten."""
        if self.before is None:
            return "new"
        if self.before == self.after:
            return "same"
        return "edited" if self.is_helper else "added"


def planned(
    root: Path, stack: Stack, settings: Settings, *, configures: bool, is_settled: Callable[[str], bool]
) -> list[Planned]:
    """The files of a project that ``init`` cares for, in the order in which they are listed.

    :param configures: The project has no configuration, and is to get one.
    :param is_settled: Whether git ignores the ``.env`` at a path from the root, or has it: some commit it on purpose.
    :raises UsageError: a file cannot be read; a configured path is of no use.
    """
    helpers = list(_helpers(root, stack, settings))
    files = [*helpers]
    if configures:
        files.append(_configuration(root, [helper.path for helper in helpers], settings))
    variables = _variables(root, stack)
    files += _environment(root, variables)
    if not all(is_settled(f"{folder}/.env" if folder else ".env") for folder in variables):
        files += _gitignore(root)
    if is_top(root):
        files += _pre_commit(root, is_wanted=bool(stack.python))
        files += _workflow(root)
    return files


def helper_texts(root: Path, stack: Stack, settings: Settings) -> list[tuple[str, str]]:
    """Path and text of each helper module.

    :raises UsageError: a configured path is of no use; a part has several helper modules.
    """
    found: dict[str, str] = {}
    for python in stack.python:
        path = python_target(python, settings.helper_python)
        found.setdefault(path, python_helper(settings.thresholds, python.backend))
    examples = {wrapper.typescript for wrapper in settings.wrappers}
    # Of several parts, the one in which a configured path lies says what is to be there.
    place = settings.helper_typescript.replace(os.sep, "/")
    for node in sorted(stack.node, key=lambda node: not place.startswith(f"{node.folder}/")) if place else stack.node:
        path = script_target(root, node, settings.helper_typescript)
        flavour = node.flavour._replace(
            is_typed=path.endswith("ts"),
            is_commonjs=path.endswith(".cjs") or (node.flavour.is_commonjs and path.endswith(".js")),
        )
        found.setdefault(path, typescript_helper(settings.thresholds, flavour, examples))
    return list(found.items())


def is_top(root: Path) -> bool:
    """Whether hooks and workflows of a repository would lie here: the root is its top, or there is none."""
    return os.path.lexists(root / ".git") or not any(os.path.lexists(folder / ".git") for folder in root.parents)


def _helpers(root: Path, stack: Stack, settings: Settings) -> Iterator[Planned]:
    for path, text in helper_texts(root, stack, settings):
        yield Planned(path, _read(root, path), text.encode(), is_helper=True)


def _configuration(root: Path, helpers: list[str], settings: Settings) -> Planned:
    python = [path for path in helpers if path.endswith(".py")]
    scripts = [path for path in helpers if not path.endswith(".py")]
    lines = "" if settings.backend == "sentry" else f'backend = "{settings.backend}"\n'
    for key, paths in (("python", python), ("typescript", scripts)):
        if len(paths) == 1:
            lines += f'{key} = "{paths[0]}"\n'
        elif paths:
            lines += f"# {key}: of several, the nearest to a file is its own: {', '.join(paths)}\n"
    values = settings.thresholds
    text = _template("settings.toml").format(
        helpers=lines,
        ai=_number(values.ai),
        fetch=f"[{', '.join(map(_number, values.fetch))}]",
        operation=f"[{', '.join(map(_number, values.operation))}]",
        loop=values.loop,
        memory=values.memory,
    )
    return Planned("monitorlint.toml", _read(root, "monitorlint.toml"), text.encode())


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _variables(root: Path, stack: Stack) -> dict[str, dict[str, str]]:
    """The entries for what ``initSentry`` reads in each part, by the part's folder and the variable's name.

    A part that starts Sentry by itself has variables of its own.
    """
    wanted: dict[str, dict[str, str]] = {}
    for python in stack.python:
        if python.backend == "opentelemetry" or not sets_up_sentry(root, python):
            read = _of_backend(python.backend, _PYTHON_VARIABLES)
            wanted.setdefault(python.folder, {}).update(_blocks(dict.fromkeys(read, "")))
    for node in stack.node:
        flavour = node.flavour
        if flavour.backend == "sentry" and sets_up_sentry(root, node):
            continue
        names = dict.fromkeys(_of_backend(flavour.backend, _OF_RUNTIME[flavour.runtime]), "")
        if flavour.runtime not in {"node", "worker"}:
            names |= {"FRONT_DSN": dsn_variable(flavour), "FRONT_RELEASE": release_variable(flavour)}
        wanted.setdefault(node.folder, {}).update(_blocks(names))
    return wanted


def _environment(root: Path, variables: Mapping[str, Mapping[str, str]]) -> Iterator[Planned]:
    """The variables of each part, in the file beside it that tells people of them."""
    for folder, blocks in variables.items():
        name = next((name for name in _ENV_EXAMPLES if os.path.lexists(root / folder / name)), _ENV_EXAMPLES[0])
        path = f"{folder}/{name}" if folder else name
        before = _read(root, path)
        known = set(re.findall(rb"(?m)^[#\s]*(?:export\s+)?([A-Za-z_]\w*)\s*=", before or b""))
        missing = [block for variable, block in blocks.items() if variable.encode() not in known]
        yield _with(path, before, "\n".join(missing))


def _of_backend(backend: Backend, of_sentry: tuple[str, ...]) -> tuple[str, ...]:
    return of_sentry if backend == "sentry" else _OTEL_VARIABLES


def _blocks(names: Mapping[str, str]) -> dict[str, str]:
    """The entries for some variables, with their comments, in the template's order.

    :param names: Of the template, and what each is called in the project; ``""``: the same.
    """
    blocks = {}
    for block in _template("env.example").split("\n\n"):
        *comment, entry = block.strip().splitlines()
        name, _, value = entry.partition("=")
        if name in names:
            called = names[name] or name
            blocks[called] = "\n".join((*comment, f"{called}={value}", ""))
    return blocks


def _gitignore(root: Path) -> Iterator[Planned]:
    before = _read(root, ".gitignore")
    if b".env" in (before or b"").split():
        return  # and a file further down takes it back
    yield _with(".gitignore", before, "# Values for this machine alone; .env.example tells which there are\n.env\n")


def _pre_commit(root: Path, *, is_wanted: bool) -> Iterator[Planned]:
    path = ".pre-commit-config.yaml"
    before = _read(root, path)
    entry = _template("pre-commit.yaml").format(version=__version__)
    if before is None:
        if is_wanted:
            yield Planned(path, None, ("repos:\n" + _indented(entry, "  ")).encode())
        return
    if b"monitorlint" in before:
        return
    after = _with_hook(before.decode("utf-8", "replace"), entry)
    if after is not None and after.encode() != before:
        yield Planned(path, before, after.encode())


_REPOS = pattern(r"(?m)^repos:[ \t]*(?:#.*)?\r?\n")
_ITEM = pattern(r"(?m)^([ \t]*)- ")


def _with_hook(text: str, entry: str) -> str | None:
    """The configuration with one more item at the end of ``repos``; None where it is written in another way."""
    start = _REPOS.search(text)
    first = _ITEM.search(text, start.end()) if start else None
    if start is None or first is None or text[start.end() : first.start()].strip(" \t\r\n"):
        return None
    end = re.compile(r"(?m)^[^\s#-]|^---").search(text, start.end())
    stop = len(text) if end is None else end.start()
    body = text[:stop].rstrip()
    rest = text[stop:]
    return f"{body}\n{_indented(entry, first[1])}" + (f"\n{rest}" if rest else "")


def _indented(entry: str, indent: str) -> str:
    return "".join(indent + line for line in entry.splitlines(keepends=True))


def _workflow(root: Path) -> Iterator[Planned]:
    folder = root / ".github" / "workflows"
    try:
        present = sorted(os.listdir(folder))  # noqa: PTH208 - names are enough
    except OSError:
        present = []
    if any(b"monitorlint" in (_read(root, f".github/workflows/{name}") or b"") for name in present if "." in name):
        return
    if present or not any(os.path.lexists(root / name) for name in _OTHER_CI):
        yield Planned(_WORKFLOW, _read(root, _WORKFLOW), _template("workflow.yml").format(version=__version__).encode())


def _with(path: str, before: bytes | None, addition: str) -> Planned:
    """A file with lines at its end, after an empty one."""
    if not addition:
        return Planned(path, before, before or b"")
    newline = b"\r\n" if before and b"\r\n" in before else b"\n"
    old = before or b""
    if old and not old.endswith(b"\n"):
        old += newline
    if old.strip() and not old.endswith((b"\n\n", b"\n\r\n")):
        old += newline
    return Planned(path, before, old + addition.encode().replace(b"\n", newline))


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _read(root: Path, path: str) -> bytes | None:
    """The file's bytes; None where there is none.

    :raises UsageError: it is there, and cannot be read.
    """
    target = root / path
    if not os.path.lexists(target):
        return None
    try:
        return target.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); move it out of the way") from error
