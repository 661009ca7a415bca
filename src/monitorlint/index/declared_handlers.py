"""Handlers of what jobs raise that stand in no call beside them: in a configuration, or in middleware of a client.

Trigger.dev reads `trigger.config.ts` and `init.ts` for all tasks below their folder, though nothing imports them. A
client of Inngest tells its middleware of every run of its functions; what of that is an error, the middleware decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.forms import Monitor
from monitorlint.index.values import External
from monitorlint.model.patterns import pattern
from monitorlint.model.site import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitorlint.index.project import Project
    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr

TRIGGER: Final = "trigger"
INNGEST: Final = "inngest"
_SDK: Final = "@trigger.dev/sdk"
_CONFIG: Final = "defineConfig"
_TOLD: Final = "onFailure"
_MIDDLEWARE: Final = "InngestMiddleware"
_LOADED = pattern(r"(?:^|/)(?:trigger\.config|init)\.[cm]?[jt]s$")


def of_configuration(
    project: Project,
    views: Callable[[str, tuple[str, ...]], Iterator[tuple[FileView, int]]],
    paths: tuple[str, ...],
    sends: Callable[[FileView, Expr, int, int], str],
) -> Iterator[Monitor]:
    """What configurations of Trigger.dev have told of every task that fails: ``defineConfig({ onFailure })``."""
    for view, number in views(_CONFIG, paths):
        call = view.facts.calls[number]
        if _is_loaded(view.path) and any(_is_of(value, _SDK) for value in project.resolver.callee(view, number)):
            for handler in _parts(call.args, call.kwargs, _TOLD):
                if name := sends(view, handler, call.scope, call.start):
                    yield Monitor("auto", Level.ERRORS, name, view.path, call.row)


def of_middleware(
    project: Project,
    views: Callable[[str, tuple[str, ...]], Iterator[tuple[FileView, int]]],
    paths: tuple[str, ...],
    told_in: Callable[[FileView, int], str],
) -> Iterator[tuple[Monitor, str]]:
    """The middleware of the project's own that tells a monitor of something in runs of functions of Inngest."""
    for view, number in views(_MIDDLEWARE, paths):
        if any(_is_of(value, INNGEST) for value in project.resolver.callee(view, number)):
            call = view.facts.calls[number]
            inside = (n for n, s in enumerate(view.facts.scopes) if call.start < s.start and s.end <= call.end)
            if name := next(filter(None, (told_in(view, scope) for scope in inside)), ""):
                doubt = f"a middleware at {view.path}:{call.row + 1} picks what it tells of"
                yield Monitor("auto", Level.ERRORS, name, view.path, call.row), doubt


def is_for(hook: str, path: str) -> bool | None:
    """Whether what a file tells Trigger.dev holds for another one; None: it is not known by where they lie."""
    if not _is_loaded(hook):
        return None
    folder = hook.rpartition("/")[0]
    return path.startswith(f"{folder}/") if folder else True


def _is_loaded(path: str) -> bool:
    return _LOADED.search(path) is not None


def _is_of(value: object, package: str) -> bool:
    return isinstance(value, External) and value.path.startswith((f"{package}.", f"{package}/"))


def _parts(args: list[Expr], kwargs: dict[str, Expr], key: str) -> Iterator[Expr]:
    """What stands in an object that a call is handed, by its key."""
    if key in kwargs:
        yield kwargs[key]
    for arg in args:
        if isinstance(arg, (tuple, list)) and arg and arg[0] == "map":
            yield from (value for name, value in arg[1] if name == key)
