"""From findings to changed files: rewrite, apply, analyse again; what the check still reports is taken back.

All files of a project go through a pass together, and a pass ends with one analysis of the project, so the work grows
with the findings and not with their square. Passes repeat until one changes nothing: a fix that meets another is left
for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from monitorlint.engine.analysis import analyse
from monitorlint.engine.apart import Apart
from monitorlint.engine.helpers import Helpers
from monitorlint.engine.judge import judge
from monitorlint.engine.plan import joined
from monitorlint.engine.replace import NotReplacedError, replace_file
from monitorlint.engine.run import Analysed, Prepared, analysed_files, merged, over_projects
from monitorlint.engine.scan import digest_of, read_file, scan
from monitorlint.engine.scanning import Scan
from monitorlint.languages.config.names import is_private
from monitorlint.languages.generated import is_generated
from monitorlint.languages.rewriting import NotImportableError, Wishes
from monitorlint.languages.text import UndecodableError, UnwritableError
from monitorlint.model.edits import Change, Taken
from monitorlint.model.finding import Applicability, Confidence, Fix
from monitorlint.model.fixes import FixedFile, FixResult, RefusedSite
from monitorlint.model.remedy import Refused, Rewritten
from monitorlint.model.secret import holds_token
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from monitorlint.engine.frontends import FrontEnd
    from monitorlint.engine.request import Request
    from monitorlint.languages.rewriting import Rewriter, RewrittenSource
    from monitorlint.model.finding import Edit, Finding
    from monitorlint.model.run import RunResult

MAX_PASSES = 8
"""Two are the rule: fixes that meet are made one after the other, and the last pass finds nothing to do."""
_UNCERTAIN = "it is not certain, so nothing is changed: "
_DECLINED = ""
"""The reason of a fix that the user was asked about and did not want: nothing is said of it."""

Key = tuple[str, int]
"""Rule code and byte offset: a finding within its file."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One fix that is about to be made, for a user who is asked."""

    path: str
    line: int
    codes: tuple[str, ...]
    message: str
    before: bytes
    """The file's text (UTF-8) without the fix."""
    after: bytes
    is_private: bool = False
    """As of a ``FixedFile``."""


@dataclass(frozen=True, slots=True)
class FixOptions:
    unsafe: bool = False
    """Make the fixes that are not certain to keep the behaviour, too."""
    write: bool = False
    """Write the files."""
    ask: Callable[[Proposal], bool] | None = None
    """Asked before each fix."""


def fix(request: Request, options: FixOptions) -> FixResult:
    """Repairs what a check of the request finds. Files are written when all are known, or not at all.

    :raises UsageError: the user's mistake, as one line: no helper module among them.
    """
    repaired = over_projects(request, lambda project: _Project(request, project, options).repaired())
    left = [result.left for result in repaired]
    several = len(repaired) > 1

    def at(result: FixResult, path: str) -> str:
        return f"{result.left.prefix}/{path}" if several and result.left.prefix else path

    files = [replace(f, path=at(r, f.path)) for r in repaired for f in r.files]
    if options.write:
        files = [_written(file) for file in files]
    refused = [replace(s, path=at(r, s.path)) for r in repaired for s in r.refused]
    refused.sort(key=lambda site: (site.path, site.line, site.code))
    return FixResult(merged(left), tuple(sorted(files, key=lambda file: file.path)), tuple(refused))


def show(request: Request) -> RunResult:
    """What a check of the request finds, each finding with the edits that would repair it; nothing is changed.

    A finding that no fix is good enough for has none, and a note that says why.

    :raises UsageError: as for :func:`fix`.
    """
    options = FixOptions(unsafe=True)
    return merged(over_projects(request, lambda project: _Project(request, project, options).shown()))


def _written(file: FixedFile) -> FixedFile:
    try:
        replace_file(file.absolute, file.before, file.after)
    except NotReplacedError as error:
        return replace(file, error=str(error))
    return file


@dataclass(slots=True)
class _Attempt:
    """One fix, and the findings that it repairs."""

    findings: tuple[Finding, ...]
    rewritten: Rewritten


@dataclass(slots=True)
class _File:
    """One file on its way through the passes."""

    path: str
    original: bytes
    data: bytes
    """The bytes as the passes so far have left them."""
    codes: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    barred: dict[Key, str] = field(default_factory=dict)
    """Findings that are not to be tried (again), and why."""
    refused: list[tuple[Finding, str, str, bool]] = field(default_factory=list)
    """Finding, reason, snippet, and whether there is a fix that is not safe: of the last pass."""


@dataclass(slots=True)
class _Step:
    """What one pass makes of one file."""

    file: _File
    rewriter: Rewriter
    attempts: list[_Attempt]
    postponed: list[_Attempt]
    """Fixes that met another one: there must be a further pass."""
    change: Change = field(default_factory=lambda: Change(()))
    data: bytes = b""

    def make(self) -> None:
        """Carry out the attempts."""
        edits: list[Edit] = []
        if self.attempts:
            needs = (name for attempt in self.attempts for name in attempt.rewritten.needs)
            edits = [*self.rewriter.import_edits(needs), *(e for a in self.attempts for e in a.rewritten.edits)]
        self.change = Change(edits)
        self.data = self.rewriter.source.encoded(self.change.applied(self.rewriter.source.text))

    def bar(self, attempt: _Attempt, reason: str) -> None:
        """Take an attempt out, for good."""
        self.attempts.remove(attempt)
        self.file.barred.update({_key(finding): reason for finding in attempt.findings})


class _Project:
    """The repairs of one project."""

    def __init__(self, request: Request, project: Prepared, options: FixOptions) -> None:
        self._request = request._replace(update_baseline=False)
        self._project = project
        self._options = options
        self._analysed = {plan.front.name: analysed_files(project, plan) for plan in project.plans}
        self._apart = {language: Apart(analysed) for language, analysed in self._analysed.items()}
        self._helpers = {language: Helpers(project, analysed) for language, analysed in self._analysed.items()}
        self._digests = {row.path: row.digest for analysed in self._analysed.values() for row in analysed.scan.rows}
        self._files: dict[str, _File] = {}
        self._helpless: dict[str, UsageError] = {}
        """The languages without a helper module, of several, and what is to be said of each."""
        self._lost: dict[str, str] = {}
        """Files that cannot be repaired at all, and why."""

    def repaired(self) -> FixResult:
        """The files after the fixes, in memory, and what a check says of them."""
        result = self._first()
        todo = {finding.path for finding in _open(result)}
        for _ in range(MAX_PASSES):
            steps = list(self._steps(result, todo))
            if not any(step.attempts for step in steps):
                break
            known = {finding.path for finding in _open(result)}
            result = self._made(steps, result)
            todo = {step.file.path for step in steps if step.attempts or step.postponed}
            # What nothing told from code without monitoring may stand beside a monitor now.
            todo |= {finding.path for finding in _open(result)} - known
        files = [
            FixedFile(
                f.path,
                tuple(sorted(f.codes)),
                f.original,
                f.data,
                self._absolute(f.path),
                _is_private(f.path, f.original),
            )
            for f in self._files.values()
            if f.data != f.original
        ]
        return FixResult(result, tuple(files), tuple(self._refused(result)))

    def shown(self) -> RunResult:
        """What a check says, with the edits of each fix: those for the finding, and the imports that they need."""
        result = self._first()
        steps = list(self._steps(result, {finding.path for finding in _open(result)}))
        edits: dict[tuple[str, Key], tuple[Rewritten, tuple[Edit, ...]]] = {}
        for step in steps:
            for attempt in (*step.attempts, *step.postponed):
                made = attempt.rewritten
                all_of_it = (*step.rewriter.import_edits(made.needs), *made.edits)
                edits.update({(f.path, _key(f)): (made, all_of_it) for f in attempt.findings})
        before = {(f.path, _key(f)) for step in steps for a in step.attempts for f in a.findings}
        self._made(steps, result)
        after = {(f.path, _key(f)) for step in steps for a in step.attempts for f in a.findings}
        for place in before - after:
            del edits[place]
        findings = []
        for finding in result.findings:
            if finding.remedy is None or finding.suppressed is not None:
                findings.append(finding)
                continue
            known = edits.get((finding.path, _key(finding)))
            fix = None if known is None else Fix(known[0].applicability, known[0].message, known[1])
            findings.append(finding._replace(fix=fix))
        return result._replace(findings=tuple(findings))

    def _first(self) -> RunResult:
        """What a check says of the files as they are.

        :raises UsageError: there is something to repair, and no helper module in any language of the project.
        """
        result = self._judged(list(self._analysed.values()), {})
        helped = sorted({f.path for f in _open(result) if f.remedy is not None and f.remedy.helper}, reverse=True)
        first = {self._language(path): path for path in helped}
        languages = sorted(first)
        for language in languages:
            try:
                self._helpers[language].demand(first[language])
            except UsageError as error:
                self._helpless[language] = error
        others = (helpers for language, helpers in self._helpers.items() if language not in self._helpless)
        if languages and len(self._helpless) == len(languages) and not any(helpers.has_any for helpers in others):
            raise self._helpless[languages[0]]
        return result

    def _steps(self, result: RunResult, paths: set[str]) -> Iterator[_Step]:
        """What is to be done in this pass, file by file."""
        by_path: dict[str, list[Finding]] = {}
        for finding in _open(result):
            if finding.path in paths:
                by_path.setdefault(finding.path, []).append(finding)
        for path, findings in sorted(by_path.items()):
            step = self._step(path, findings)
            if step is not None:
                yield step

    def _step(self, path: str, findings: list[Finding]) -> _Step | None:
        try:
            file = self._file(path)
            if is_generated(file.data):
                self._lost[path] = "a comment says that the file is generated: repair what generates it"
                return None
            rewriter = self._rewriter(path, file.data, findings)
        except (OSError, UndecodableError, UnwritableError) as error:
            self._lost[path] = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            return None
        if rewriter.refusal:
            self._lost[path] = rewriter.refusal
            return None
        step = _Step(file, rewriter, [], [])
        file.refused.clear()
        known = {_key(finding): finding for finding in findings}
        remedies = [f.remedy for key, f in known.items() if f.remedy is not None and key not in file.barred]
        taken = Taken()
        outcomes = sorted(rewriter.outcomes(remedies), key=lambda o: min(r.region.start for r in o.remedies))
        for remedies_of_one, found in outcomes:
            concerned = tuple(known[remedy.code, remedy.region.start] for remedy in remedies_of_one)
            self._sort_in(step, concerned, found, taken)
        return step

    def _sort_in(self, step: _Step, findings: tuple[Finding, ...], found: Rewritten | Refused, taken: Taken) -> None:
        """Attempt, refuse or postpone one outcome."""
        file, source = step.file, step.rewriter.source
        reason = snippet = ""
        unsafe = False
        if isinstance(found, Refused):
            reason, snippet = found.reason, found.snippet
        elif found.applicability is Applicability.DISPLAY:
            reason = f"{found.message}: only shown"
        elif found.applicability is Applicability.UNSAFE and not self._options.unsafe:
            doubt = f" ({found.doubt})" if found.doubt else ""
            reason, unsafe = f"the fix may change what the code does{doubt}; --unsafe-fixes makes it", True
        else:
            try:
                for edit in found.edits:
                    source.encoded(edit.content.encode())
            except UnwritableError as error:
                reason = str(error)
        if reason or isinstance(found, Refused):
            file.refused.extend((finding, reason, snippet, unsafe) for finding in findings)
            return
        if not taken.take(found.edits):
            step.postponed.append(_Attempt(findings, found))
            return
        if self._options.ask is not None and not self._options.ask(_proposal(file, source, findings, found)):
            file.barred.update({_key(finding): _DECLINED for finding in findings})
            return
        step.attempts.append(_Attempt(findings, found))

    def _made(self, steps: list[_Step], before: RunResult) -> RunResult:
        """Carries the pass out. A fix that breaks its file, or does not silence the check, is taken back."""
        for step in steps:
            _make_parsing(step)
        while True:
            texts = {path: file.data for path, file in self._files.items() if file.data != file.original}
            texts.update({step.file.path: step.data for step in steps if step.attempts})
            if not any(step.attempts for step in steps):
                result = before
                break
            analysed = self._analysed_again(texts)
            result = self._judged(analysed, texts)
            still = {(f.path, *_key(f)) for f in result.findings if f.suppressed is None}
            failing = [
                (step, attempt)
                for step in steps
                for attempt in step.attempts
                if any((f.path, f.code, step.change.forward(f.region.start)) in still for f in attempt.findings)
            ]
            if not failing:
                self._apart = {one.plan.front.name: Apart(one) for one in analysed}
                break
            for step, attempt in failing:
                step.bar(attempt, "the fix does not silence the check, so it was not made")
            for step in {id(step): step for step, _ in failing}.values():
                _make_parsing(step)
        for step in steps:
            file = step.file
            file.barred = {(code, step.change.forward(at)): why for (code, at), why in file.barred.items()}
            if step.attempts:
                file.data = step.data
                file.changes.append(step.change)
                file.codes.extend(f.code for a in step.attempts for f in a.findings)
        return result

    def _analysed_again(self, texts: dict[str, bytes]) -> list[Analysed]:
        """The analyses with other texts for some files; the rest of the project is not read again."""
        found: list[Analysed] = []
        for language, first in self._analysed.items():
            own = {path: text for path, text in texts.items() if self._language(path) == language}
            found.append(self._again(first, own) if own else first)
        return found

    def _again(self, first: Analysed, texts: dict[str, bytes]) -> Analysed:
        plan = first.plan._replace(texts={**first.plan.texts, **texts}, progress=None)
        read = {path: facts for path, facts in first.scan.facts.items() if path not in texts}
        rows = [
            scan(row.path, self._absolute(row.path), first.screen, read, texts[row.path]) if row.path in texts else row
            for row in first.scan.rows
        ]
        again = Scan(rows, is_new=True, facts=read)
        analysis, _ = analyse(plan, again, first.screen)
        return Analysed(plan, analysis, first.screen, again)

    def _rewriter(self, path: str, data: bytes, findings: list[Finding]) -> Rewriter:
        if path in self._project.discovery.configs:
            from monitorlint.languages.config.rewrite.file import ConfigRewriter  # noqa: PLC0415 - few runs have any

            return ConfigRewriter(path, data)
        return self._front(path).rewriter(path, data, self._wishes(path, findings))

    def _language(self, path: str) -> str:
        return "" if path in self._project.discovery.configs else self._project.discovery.language_of(path)

    def _front(self, path: str) -> FrontEnd:
        return self._analysed[self._language(path)].plan.front

    def _judged(self, analysed: list[Analysed], texts: dict[str, bytes]) -> RunResult:
        project = self._project
        return judge(
            self._request,
            project.settings,
            project.rules,
            project.discovery,
            joined([one.analysis for one in analysed]),
            {**project.texts, **texts},
        )

    def _refused(self, result: RunResult) -> Iterator[RefusedSite]:
        """Every finding that is left and that a fix was thought of for, with the reason."""
        reasons: dict[tuple[str, Key], tuple[str, str, bool]] = {}
        for file in self._files.values():
            for finding, reason, snippet, unsafe in file.refused:
                at = finding.region.start
                reasons[file.path, (finding.code, at)] = (reason, snippet, unsafe)
            reasons.update({(file.path, key): (reason, "", False) for key, reason in file.barred.items() if reason})
        fixable = {rule.code for rule in self._project.rules if rule.fixable != "no"}
        for finding in result.findings:
            if finding.suppressed is not None or finding.code not in fixable:
                continue
            lost = self._lost.get(finding.path) if finding.remedy is not None else None
            known = (lost, "", False) if lost else reasons.get((finding.path, _key(finding)))
            if known is None and finding.confidence is Confidence.LOW:
                known = (_UNCERTAIN + finding.message, "", False)
            if known is not None:
                reason, snippet, unsafe = known
                yield RefusedSite(finding.code, finding.path, self._line(finding), reason, snippet, unsafe)

    def _line(self, finding: Finding) -> int:
        """The finding's line in the file on disk, as it is when the run is over."""
        file = self._files.get(finding.path)
        if self._options.write or file is None or not file.changes:
            return finding.region.row
        offset = finding.region.start
        for change in reversed(file.changes):
            offset = change.back(offset)
        text = self._front(finding.path).to_utf8(file.original) if self._language(finding.path) else file.original
        return text.count(b"\n", 0, offset) + 1

    def _wishes(self, path: str, findings: Iterable[Finding]) -> Wishes:
        if any(f.remedy is not None and f.remedy.helper for f in findings):
            helpless = self._helpless.get(self._language(path))
            if helpless is not None:
                return Wishes("", unimportable=str(helpless))
            apart = self._apart[self._language(path)]
            try:
                wishes = self._helpers[self._language(path)].wishes(path)
                return replace(wishes, apart=partial(apart.reason, path))
            except NotImportableError as error:
                return Wishes("", unimportable=str(error))
        return Wishes("")

    def _file(self, path: str) -> _File:
        if path not in self._files:
            known = self._project.texts.get(path)
            data = known if known is not None else read_file(self._absolute(path))[0]
            if digest_of(data) != self._digests.get(path, digest_of(data)):
                raise UnwritableError("it was changed by somebody else in the meantime; run again")
            self._files[path] = _File(path, data, data)
        return self._files[path]

    def _absolute(self, path: str) -> str:
        discovery = self._project.discovery
        return str(discovery.root / path) if path in discovery.configs else discovery.source(path).absolute


def _open(result: RunResult) -> Iterator[Finding]:
    """The findings that something can be done about."""
    return (f for f in result.findings if f.remedy is not None and f.suppressed is None)


def _key(finding: Finding) -> Key:
    return finding.code, finding.region.start


def _is_private(path: str, text: bytes) -> bool:
    """Whether a patch shows the lines that it changes, and no others."""
    return is_private(path) or holds_token(text)


def _make_parsing(step: _Step) -> None:
    """Carries out the attempts of a file; those without which it parses are barred."""
    step.make()
    if not step.attempts or step.rewriter.parses(step.data):
        return
    attempts = list(step.attempts)
    broken = []
    for attempt in attempts:
        step.attempts = [attempt]
        step.make()
        if not step.rewriter.parses(step.data):
            broken.append(attempt)
    step.attempts = attempts
    for attempt in broken or attempts:
        step.bar(attempt, "the result would not compile, so it was not made")
    step.make()


def _proposal(file: _File, source: RewrittenSource, findings: tuple[Finding, ...], found: Rewritten) -> Proposal:
    after = Change(found.edits).applied(source.text)
    codes = tuple(finding.code for finding in findings)
    row = findings[0].region.row
    return Proposal(file.path, row, codes, found.message, source.text, after, _is_private(file.path, source.text))
