"""What may still speak for a call that no monitor is found for: asked one after another, what costs most last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from monitorlint.index.developer_scripts import DeveloperScripts
from monitorlint.index.development import Development
from monitorlint.index.gateways import Gateways
from monitorlint.index.log_handlers import LogHandlers
from monitorlint.index.transports import Transports
from monitorlint.index.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.captures import Captures
    from monitorlint.index.chains import Chains
    from monitorlint.index.error_hooks import ErrorHooks
    from monitorlint.index.outside import Outside
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach


class _Asked(Protocol):
    """Something that may speak for a call."""

    def of(self, found: FoundCall, /) -> Verdict:
        """What it says of a call; a verdict without a monitor where it says nothing."""


class LeftOver:
    """Answers for calls that neither a monitor around them nor one above them covers."""

    def __init__(
        self,
        project: Project,
        auto: AutoInstrumentation,
        reach: Reach,
        captures: Captures,
        chains: Callable[[], Chains],
        hooks: Callable[[], ErrorHooks],
        outside: Callable[[], Outside],
        *,
        present: bool,
    ) -> None:
        """:param present: Whether any file of the project imports a monitor; without one, most need not be asked."""
        self._project = project
        self._auto = auto
        self._reach = reach
        self._captures = captures
        self._chains = chains
        self._hooks = hooks
        self._outside = outside
        in_turn: tuple[tuple[Callable[[], _Asked], bool], ...] = (
            (lambda: Gateways(project), True),
            (lambda: Transports(project, reach, lambda: chains().edges), True),
            (lambda: LogHandlers(project), True),
            (self._stand_ins, present),
            (self._last_resort, present),
            (self._lone_scripts, present),
            (self._libraries, present),
            (self._build_modules, present),
            (lambda: DeveloperScripts(project, reach, auto.surroundings), True),
            (self._uncaught, present),
            (self._unhandled, True),
            (self._unhandled_in_node, present),
            (self._own_reports, True),
            (self._log_services, True),
            (self._own_spans, present),
            (self._told_results, present),
            (self._recorded_by_hand, True),
            (self._tools_of_mastra, True),
            (self._static_files, True),
            (lambda: Development(project, reach, chains, looks_up=present), True),
        )
        self._makers = [make for make, is_asked in in_turn if is_asked]
        self._made: list[_Asked] = []
        """Those that a call has come to so far."""

    def of(self, found: FoundCall) -> Verdict:
        """What the first that has something to say of a call says of it."""
        verdict = Verdict(None)
        for at, make in enumerate(self._makers):
            if at == len(self._made):
                self._made.append(make())
            verdict = self._made[at].of(found)
            if verdict.monitor is not None:
                break
        return verdict

    def _stand_ins(self) -> _Asked:
        from monitorlint.index.stand_ins import StandIns  # noqa: PLC0415 - only where a call comes to it

        return StandIns(self._project)

    def _last_resort(self) -> _Asked:
        from monitorlint.index.last_resort import LastResort  # noqa: PLC0415 - only where a call comes to it

        return LastResort(self._project, self._auto, self._captures, self._outside(), self._hooks().sends)

    def _lone_scripts(self) -> _Asked:
        from monitorlint.index.lone_scripts import LoneScripts  # noqa: PLC0415 - only where a call comes to it

        return LoneScripts(self._project, self._auto, self._reach)

    def _static_files(self) -> _Asked:
        from monitorlint.index.static_files import StaticFiles  # noqa: PLC0415 - only where a call comes to it

        return StaticFiles(self._project, self._reach, self._auto.surroundings)

    def _libraries(self) -> _Asked:
        from monitorlint.index.libraries import Libraries  # noqa: PLC0415 - only where a call comes to it

        return Libraries(self._project, self._auto, self._reach)

    def _build_modules(self) -> _Asked:
        from monitorlint.index.build_modules import BuildModules  # noqa: PLC0415 - only where a call comes to it

        return BuildModules()

    def _uncaught(self) -> _Asked:
        from monitorlint.index.uncaught import Uncaught  # noqa: PLC0415 - only where a call comes to it

        return Uncaught(self._project, self._auto, self._captures, self._hooks(), self._chains().edges)

    def _unhandled(self) -> _Asked:
        from monitorlint.index.unhandled import Unhandled  # noqa: PLC0415 - only where a call comes to it

        return Unhandled(self._project, self._auto, self._reach, self._captures, self._chains().edges)

    def _unhandled_in_node(self) -> _Asked:
        from monitorlint.index.browsers import Browsers  # noqa: PLC0415 - only where a call comes to it
        from monitorlint.index.unhandled_in_node import UnhandledInNode  # noqa: PLC0415 - only where a call comes to it

        browsers = Browsers(self._project, self._reach, self._chains().graph, self._project.store.text)
        asked = (self._captures, self._chains().edges, self._hooks().sends, browsers)
        return UnhandledInNode(self._project, self._auto, self._reach, *asked)

    def _own_reports(self) -> _Asked:
        from monitorlint.index.own_reports import OwnReports  # noqa: PLC0415 - only where a call comes to it

        return OwnReports(self._project, self._auto, self._reach, self._chains)

    def _log_services(self) -> _Asked:
        from monitorlint.index.log_services import LogServices  # noqa: PLC0415 - only where a call comes to it

        return LogServices(self._project, self._auto, self._reach, self._captures, self._chains)

    def _own_spans(self) -> _Asked:
        from monitorlint.index.own_spans import OwnSpans  # noqa: PLC0415 - only where a call comes to it

        return OwnSpans(self._project, self._auto, lambda: self._chains().edges)

    def _told_results(self) -> _Asked:
        from monitorlint.index.told_results import ToldResults  # noqa: PLC0415 - only where a call comes to it

        return ToldResults(self._project, self._captures, lambda: self._chains().edges)

    def _recorded_by_hand(self) -> _Asked:
        from monitorlint.index.recorded_by_hand import RecordedByHand  # noqa: PLC0415 - only where a call comes to it

        return RecordedByHand(self._project, self._auto, lambda: self._chains().edges)

    def _tools_of_mastra(self) -> _Asked:
        from monitorlint.index.tools_of_mastra import ToolsOfMastra  # noqa: PLC0415 - only where a call comes to it

        return ToolsOfMastra(self._project, self._auto, self._captures, lambda: self._chains().edges)
