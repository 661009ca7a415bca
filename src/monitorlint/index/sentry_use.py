"""What the project's code does with Sentry: the calls of its SDKs, their options, and the imports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.index.sentry_files import bundlers, content_policies, framework_files
from monitorlint.index.sentry_losses import fatal_exits, lost_events, missing_helpers
from monitorlint.index.sentry_order import misplaced_handlers
from monitorlint.index.sentry_programs import Loading, hoisted_imports, program_starts, second_starts
from monitorlint.index.sentry_starts import late_starts, made_apps
from monitorlint.index.values import Defined, External, Literal
from monitorlint.model.setup import Option, SentryCall, SentryImport, SentryUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_ROOTS = ("sentry_sdk", "@sentry/", "@sentry-internal/", "raven")
_HELPERS = frozenset({"init_sentry", "initSentry"})
_HELPER_MODULES = frozenset({"sentry_monitoring", "sentryMonitoring"})
_REQUESTS = frozenset(
    """
    get post put patch delete head route websocket api_route api_view require_GET require_POST
    before_request before_app_request middleware task shared_task
    """.split()
)
"""The decorators of functions that run for each request or task, in Flask, FastAPI, Django and Celery."""
_GUARDS = frozenset({"if", "else", "case", "try", "except", "reraise", "rethrow"})
_QUESTION = (
    rb"\bNAME(?:\.\w+)?\s*\?\.|[\"']NAME[\"']\s+in\b"
    rb"|(?:\bif\s*\(|&&|\|\||\btypeof\b|!)\s*[\w.]{0,60}\bNAME(?:\??\.\w+)*\s*(?:\)|&&|\?[^.]|[!=]=)"
)
"""``NAME?.x``, ``"NAME" in Sentry``, ``if (Sentry.NAME)``, ``Sentry.NAME && …``, ``typeof Sentry.NAME === …``."""
# `os.environ["X"]`, `process.env.X`; and what takes a name and gives the variable.
_TABLES = ("os.environ", "environ", "process.env", "import.meta.env", "Bun.env")
_READERS = frozenset(
    """
    os.getenv os.environ.get getenv environ.get Deno.env.get
    config env env.str env.float env.bool decouple.config
    """.split()
)


def sentry_use(
    project: Project,
    imports: Mapping[str, Iterable[str]],
    areas: Mapping[str, str],
    text: Callable[[str], bytes],
) -> SentryUse:
    """What the files that import a Sentry package, or the helper module, do with it, and what it would watch.

    :param imports: The modules that each file's import statements name.
    :param text: The bytes of a file.
    """
    calls: list[SentryCall] = []
    found: list[SentryImport] = []
    modules = {module for named in imports.values() for module in named}
    asked = {module for module in modules if _is_sentry(module) or _is_helper(module)}
    for path in sorted(path for path, named in imports.items() if not asked.isdisjoint(named)):
        view = project.view(path)
        if view is None:
            continue
        area = areas.get(path, "app")
        own = [row for row in view.facts.imports if _is_sentry(row.target)]
        found.extend(SentryImport(path, _module(row.target), row.row + 1, area) for row in own)
        names = {row.local: row.target.replace("\\", ".").replace(".default", "") for row in own if row.local}
        names.update({row.local: "" for row in view.facts.imports if _is_helper(row.target) and row.local})
        calls.extend(_asked(_calls(project, view, names, area), text(path)))
    calls = _without_unused_starts(calls)
    missing = tuple(missing_helpers(project, imports, areas, text))
    if not calls:
        return SentryUse((), tuple(dict.fromkeys(found)), missing=missing)
    loading = Loading(project, imports)
    return SentryUse(
        tuple(calls),
        tuple(dict.fromkeys(found)),
        tuple(made_apps(project, imports, areas, text)),
        tuple(late_starts(project, calls, imports, areas, text)),
        (*lost_events(project, calls), *fatal_exits(project, areas)),
        tuple(bundlers(project, imports, text)),
        missing,
        tuple(program_starts(loading, calls, areas, text)),
        tuple(hoisted_imports(project, loading, calls)),
        tuple(second_starts(loading, calls)),
        tuple(misplaced_handlers(project, calls)),
        tuple(framework_files(project, loading, imports, areas, text)),
        tuple(content_policies(imports, areas, text)),
    )


def _asked(calls: Iterator[SentryCall], data: bytes) -> Iterator[SentryCall]:
    """The calls of a file, with what its text asks of them."""
    known: dict[str, bool] = {}
    for call in calls:
        name = call.name.partition(".")[0].partition("(")[0] if call.target.startswith("@") else ""
        if name and name not in known:
            word = re.escape(name.encode())
            known[name] = re.search(_QUESTION.replace(b"NAME", word), data) is not None
        yield call._replace(is_asked=True) if known.get(name) else call


def _without_unused_starts(calls: list[SentryCall]) -> list[SentryCall]:
    """The calls without the start that a helper module offers, where nobody asks it to."""
    own = {call.path for call in calls if call.path.rpartition("/")[2].partition(".")[0] in _HELPER_MODULES}
    if not own or any(call.path not in own and call.target.rpartition(".")[2] in _HELPERS for call in calls):
        return calls
    return [
        c for c in calls if c.path not in own or not (c.name == "init" or c.function.rpartition(".")[2] in _HELPERS)
    ]


def _is_sentry(target: str) -> bool:
    name = target.replace("\\", ".")
    return name.startswith(_ROOTS) and (name[0] == "@" or name.partition(".")[0] in _ROOTS)


def _is_helper(target: str) -> bool:
    last = target.rpartition(".")[2]
    return last in _HELPERS or "sentry_monitoring" in target or "sentryMonitoring" in target


def _module(target: str) -> str:
    """The package of an import's target."""
    if target.startswith("@"):
        scope, _, rest = target.partition("/")
        return f"{scope}/{rest.partition('.')[0].partition('/')[0]}"
    return target.partition(".")[0]


def _calls(project: Project, view: FileView, names: Mapping[str, str], area: str) -> Iterator[SentryCall]:
    """The calls of what a file imports.

    :param names: Names that are bound by imports, and what they import.
    """
    for number, call in enumerate(view.facts.calls):
        if not isinstance(call.callee, str) or call.callee.partition(".")[0] not in names:
            continue
        first, dot, rest = call.callee.partition(".")
        for value in project.resolver.callee(view, number):
            if not isinstance(value, External) or not (_is_sentry(value.path) or _is_helper(value.path)):
                continue
            # Under the name that the file imports: the catalogue has one for what several packages and versions export.
            is_handled = any(view.facts.blocks[block].kind in _GUARDS for block in view.blocks_around(call))
            yield SentryCall(
                view.path,
                f"{names[first]}{dot}{rest}" if names[first].startswith("@") else value.path,
                [call.row + 1, call.column + 1, call.end_row + 1, call.end_column + 1, call.start, call.end],
                _options(project, view, call, value.path),
                bool(call.spread) or _has_opaque_argument(call),
                view.symbol(call.scope),
                area,
                is_handled,
                is_loading=not is_handled and call.scope == 0,
                arguments=len(call.args),
                handler=_handler(view, call),
            )
            break


def _handler(view: FileView, call: Call) -> str:
    """What makes the function around a call one that runs for each request or task; ``""``: nothing that is seen."""
    number = call.scope
    while number > 0:
        scope = view.facts.scopes[number]
        for decorator in scope.decorators:
            if isinstance(decorator, (tuple, list)) and decorator and decorator[0] == "call":
                decorator = view.facts.calls[decorator[1]].callee  # noqa: PLW2901 - what makes it stands for it
            name = decorator.rpartition(".")[2] if isinstance(decorator, str) else ""
            if name in _REQUESTS:
                return f"@{decorator}"
        if scope.kind == "function" and scope.params and scope.params[0].name == "request":
            return "request"
        number = scope.parent
    return ""


def _has_opaque_argument(call: Call) -> bool:
    """Whether options may be in an argument that is no literal: ``init(options)``."""
    return any(isinstance(arg, str) for arg in call.args)


def _options(project: Project, view: FileView, call: Call, target: str) -> dict[str, Option]:
    found = {name: _option(project, view, call, expr) for name, expr in call.kwargs.items()}
    if target.startswith("sentry_sdk.") and call.args:
        found.setdefault("dsn", _option(project, view, call, call.args[0]))
    return found


def _option(project: Project, view: FileView, call: Call, expr: Expr) -> Option:
    literals: list[str | int | float | bool | None] = []
    variables: list[str] = []
    is_whole, is_text = True, False
    returns: set[str] = set()
    for part in _alternatives(expr):
        variable = _variable(view, part)
        if variable:
            variables.append(variable)
            is_text = is_text or _reads_text(view, part)
            continue
        values = project.resolver.resolve(part, view, call.scope, call.start)
        known = [value.value for value in values if isinstance(value, Literal)]
        literals.extend(known)
        returns.update(_returns(project, value) if isinstance(value, Defined) else "" for value in values or (None,))
        if isinstance(part, str) and not known:
            variables.extend(_bound_variables(view, part, call))
        is_whole = is_whole and bool(values) and len(known) == len(values)
    always = next(iter(returns)) if len(returns) == 1 and not variables else ""
    return Option(list(dict.fromkeys(literals)), list(dict.fromkeys(variables)), is_whole, is_text, always)


def _returns(project: Project, function: Defined) -> str:
    """What a function gives back whatever it is called with: ``nothing`` or ``null``; ``""``: not known."""
    view = project.view(function.file)
    scope = view.facts.scopes[function.scope] if view is not None else None
    if scope is None or scope.kind not in {"function", "lambda"} or scope.is_generator:
        return ""
    if not scope.returns:
        return "nothing"
    is_null = all(isinstance(row, (tuple, list)) and tuple(row) == ("lit", None) for row in scope.returns)
    return "null" if is_null else ""


def _reads_text(view: FileView, expr: Expr) -> bool:
    """Whether a variable is read by what gives its text; other readers may turn it into a number."""
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "call":
        return str(view.facts.calls[expr[1]].callee).startswith("os.")
    return True


def _alternatives(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, (tuple, list)) and expr and expr[0] == "any":
        for part in expr[1]:
            yield from _alternatives(part)
    else:
        yield expr


def _variable(view: FileView, expr: Expr) -> str:
    """The environment variable that an expression reads; ``""`` where it reads none."""
    if isinstance(expr, str):
        return expr if expr.rpartition(".")[0] in _TABLES else ""
    if not expr:
        return ""
    if expr[0] == "item" and isinstance(expr[1], str) and expr[1] in _TABLES:
        return str(expr[2]) if len(expr) > 2 else ""
    if expr[0] == "call":
        inner = view.facts.calls[expr[1]]
        first = inner.args[0] if inner.args else None
        is_reader = isinstance(inner.callee, str) and inner.callee in _READERS
        if is_reader and isinstance(first, (tuple, list)) and first[0] == "lit":
            return str(first[1])
    return ""


def _bound_variables(view: FileView, name: str, call: Call) -> Iterator[str]:
    """The environment variables in what a plain name is bound to, in the scopes around a call."""
    scope = call.scope
    while scope >= 0:
        rows = view.bindings.get((scope, name))
        if rows is not None:
            for row in rows:
                for part in _alternatives(row.value):
                    if variable := _variable(view, part):
                        yield variable
            return
        scope = view.facts.scopes[scope].parent
