"""Helpers around calls: the edits that put a call under monitoring.

Every edit inserts: what stands before and behind a call, or around a few statements, and indentation. What was there
stays, byte for byte and in its order, so that comments, strings, line breaks and quotes need no care of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from monitorlint.languages.typescript.rewrite.captures import lost_narrowing
from monitorlint.languages.typescript.rewrite.chains import misplaced_await
from monitorlint.languages.typescript.rewrite.context import context_names, context_text, identifiers_of
from monitorlint.languages.typescript.rewrite.flows import flow_of
from monitorlint.languages.typescript.rewrite.forms import Choice, choose
from monitorlint.languages.typescript.rewrite.helper_names import helper_name
from monitorlint.languages.typescript.rewrite.lines import inner_lines, is_blank_or_comment, step_for
from monitorlint.languages.typescript.rewrite.operations import operation_of
from monitorlint.languages.typescript.rewrite.problems import UNREAD, is_unread
from monitorlint.languages.typescript.rewrite.telemetry import set_telemetry
from monitorlint.languages.typescript.rewrite.urls import url_wrapper
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Outcome, Refused, Rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from monitorlint.languages.typescript.rewrite.flows import Flow
    from monitorlint.languages.typescript.rewrite.names import Names
    from monitorlint.languages.typescript.rewrite.place import Place, Source
    from monitorlint.model.remedy import Remedy
    from monitorlint.settings.values import Wrapper

_PROVIDED = "monitor_ai_generation"
"""The helper whose first argument is the provider."""
_SNIPPET_LINES = 12


class Locals(Protocol):
    """Gives the name under which a helper can be called at a place."""

    def local(self, name: str, offset: int) -> str: ...


@dataclass(frozen=True, slots=True)
class _Wrap:
    """One call, and the helper that is to go around it."""

    remedy: Remedy
    place: Place
    choice: Choice
    helper: str
    args: tuple[str, ...]
    """What the helper is called with before the closure."""
    inner: tuple[Remedy, ...] = ()
    """Remedies of calls within this one that the same helper covers."""

    @property
    def start(self) -> int:
        assert self.choice.node is not None
        outside = misplaced_await(self.choice.node)
        return outside.named_children[0].start_byte if outside is not None else self.choice.node.start_byte

    @property
    def end(self) -> int:
        assert self.choice.node is not None
        return self.choice.node.end_byte


class Wraps:
    """Puts helpers around the calls of one file."""

    def __init__(
        self,
        source: Source,
        names: Names,
        locals_: Locals,
        *,
        is_offered: Callable[[str], bool],
        context: Collection[str] = (),
        wrappers: Sequence[Wrapper] = (),
    ) -> None:
        """Take one file.

        :param locals_: Says how a helper is called at a place.
        :param is_offered: Whether the helper module has a function of this name.
        :param context: Names that may go into a context besides identifiers.
        :param wrappers: The user's named wrappers; those with a URL are used for requests that match it.
        """
        self._source = source
        self._names = names
        self._locals = locals_
        self._is_offered = is_offered
        self._identifiers = identifiers_of(source, context)
        self._wrappers = wrappers

    def rewrite(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy, those of calls within a call of the same kind together with it.

        :param remedies: Of kind ``wrap``, all of this file.
        """
        wraps: list[_Wrap] = []
        for remedy in sorted(remedies, key=lambda r: (r.region.start, -r.region.end)):
            found = self._plan(remedy)
            if isinstance(found, _Wrap):
                wraps.append(found)
            else:
                yield Outcome((remedy,), found)
        for wrap in _outermost(wraps):
            yield Outcome((wrap.remedy, *wrap.inner), self._around(wrap))

    def _plan(self, remedy: Remedy) -> _Wrap | Rewritten | Refused:
        place = self._source.call(remedy.region.start, remedy.region.end)
        if place is None:
            return Refused("no call stands there", "")
        if is_unread(place):
            return Refused(UNREAD, "")
        has_streams = self._is_offered(helper_name(remedy.helper, is_stream=True))
        choice = choose(place, self._names, remedy, has_streams=has_streams)
        wrap = self._wrap(place, remedy, choice)
        if choice.node is not None:
            return wrap
        option = set_telemetry(place, remedy)
        if option is not None:
            return option
        return Refused(choice.reason, self._snippet(wrap, has_streams=has_streams))

    def _wrap(self, place: Place, remedy: Remedy, choice: Choice) -> _Wrap:
        mapped = None if choice.is_stream else url_wrapper(place, remedy.helper, self._wrappers)
        if mapped is not None:
            return _Wrap(remedy, place, choice, mapped[0], mapped[1])
        quote = self._source.quote
        context = context_text(context_names(place, self._names, self._identifiers))
        leading = (f"{quote}{remedy.provider}{quote}",) if remedy.helper == _PROVIDED else ()
        helper = helper_name(remedy.helper, is_stream=choice.is_stream)
        return _Wrap(remedy, place, choice, helper, (*leading, f"{quote}{operation_of(place)[0]}{quote}", context))

    def _around(self, wrap: _Wrap) -> Rewritten:
        local = self._locals.local(wrap.helper, wrap.place.start)
        flow = flow_of(wrap.place, wrap.remedy) if wrap.choice.is_awaited and not wrap.inner else None
        if flow is not None:
            doubt = lost_narrowing(wrap.place, self._names, flow.statements)
            edits = self._flow_edits(flow, self._opening(wrap, local, is_async=True))
            message = f"Run the request and the reading of its body in `{wrap.helper}`"
            return Rewritten(edits, _grade(doubt), message, (local,), doubt)
        opening = self._opening(wrap, local, is_async=wrap.choice.is_async)
        edits = (Edit(wrap.start, wrap.start, f"{opening} "), Edit(wrap.end, wrap.end, ")"))
        doubt = wrap.choice.doubt
        return Rewritten(edits, _grade(doubt), f"Make the call in `{wrap.helper}`", (local,), doubt)

    def _opening(self, wrap: _Wrap, local: str, *, is_async: bool) -> str:
        return f"{local}({', '.join((*wrap.args, 'async () =>' if is_async else '() =>'))}"

    def _flow_edits(self, flow: Flow, opening: str) -> tuple[Edit, ...]:
        """The edits that make some statements the body of a closure whose value is returned."""
        source, first, last = self._source, flow.statements[0], flow.statements[-1]
        start, end, semicolon = first.start_byte, last.end_byte, source.semicolon
        behind = source.line_end(end)
        if not source.is_first_on_line(start) or not is_blank_or_comment(source.text[end:behind]):
            return (
                Edit(start, start, f"return await {opening} {{ "),
                Edit(end, end, f" }}){semicolon}"),
            )
        indentation = source.indentation(start)
        step = step_for(source, indentation)
        newline = source.newline
        return (
            Edit(start, start, f"return await {opening} {{{newline}{indentation}{step}"),
            *(Edit(at, at, step) for at in inner_lines(source, start, end)),
            Edit(behind, behind, f"{newline}{indentation}}}){semicolon}"),
        )

    def _snippet(self, wrap: _Wrap, *, has_streams: bool) -> str:
        """The call as a statement of its own, under its helper; ``""`` where no helper measures such a call."""
        place, source = wrap.place, self._source
        is_stream = wrap.choice.is_at_once
        if is_stream and (wrap.remedy.stream == "no" or not has_streams):
            return ""
        call = source.text_of(place.node).replace("\r\n", "\n")
        lines = call.split("\n")
        indentation = len(source.indentation(place.start))
        if all(not line[:indentation].strip() for line in lines[1:]):
            lines = [lines[0], *(line[indentation:] for line in lines[1:])]
        if len(lines) > _SNIPPET_LINES:
            lines = [*lines[:_SNIPPET_LINES], "…"]
        text = "\n".join(lines)
        args = ", ".join(wrap.args)
        if is_stream:
            helper = helper_name(wrap.remedy.helper, is_stream=True)
            return f"const stream = {helper}({args}, () => {text}){source.semicolon}\n"
        return f"const result = await {wrap.helper}({args}, async () => {text}){source.semicolon}\n"


def _outermost(wraps: list[_Wrap]) -> list[_Wrap]:
    """The wraps without those that one around them covers: calls of one kind in the arguments of another."""
    found: list[_Wrap] = []
    # Numbers of those found that may reach around the current one, the innermost last.
    open_ones: list[int] = []
    for wrap in sorted(wraps, key=lambda w: (w.start, -w.end)):
        while open_ones and found[open_ones[-1]].end < wrap.end:
            open_ones.pop()
        around = found[open_ones[-1]] if open_ones else None
        if around is not None and around.remedy.helper == wrap.remedy.helper and not _is_deferred(wrap, around):
            found[open_ones[-1]] = replace(around, inner=(*around.inner, wrap.remedy))
        else:
            open_ones.append(len(found))
            found.append(wrap)
    return found


def _is_deferred(wrap: _Wrap, outer: _Wrap) -> bool:
    """The inner call stands in a function that the outer one gets."""
    function = wrap.place.function
    return function is not None and function.start_byte >= outer.start


def _grade(doubt: str) -> Applicability:
    return Applicability.UNSAFE if doubt else Applicability.SAFE
