"""Inline suppressions: which findings a comment silences, and which comments do nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from monitorlint.model.finding import Finding, Region
from monitorlint.settings.selectors import spellings
from monitorlint.settings.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from monitorlint.model.facts import Suppression
    from monitorlint.model.rule import Rule

UNUSED = "MON903"
UNKNOWN = "MON904"


def apply_suppressions(
    findings: Sequence[Finding],
    suppressions: Mapping[str, Sequence[Suppression]],
    *,
    known: Sequence[Rule],
    is_on: Callable[[str, str], bool],
) -> tuple[list[Finding], list[Finding]]:
    """Silence what comments silence.

    ``findings`` are those of all areas and confidences, ``suppressions`` the comments of every file that was
    judged (path → comments), ``known`` all rules, ``is_on(path, code)`` whether a rule was judged in a file.
    Gives ``findings``, in their order, with ``suppressed`` set on the silenced ones, and the findings on the
    comments themselves: MON903 for what silences nothing, MON904 for what names no rule, where these are on.

    A comment behind code speaks of the findings that start or end on its row, or, if there are none, of those
    that span it; one on a line of its own, of the findings that start in the code below, down to its target row.
    """
    comments = {path: [_Comment(path, row, known) for row in rows] for path, rows in suppressions.items() if rows}
    silenced = _silence(findings, comments)
    own = [
        finding for of_file in comments.values() for comment in of_file for finding in comment.complaints(known, is_on)
    ]
    # Comments on comments: only those that name MON903 or MON904, or every comment would be its own excuse.
    naming = {path: [one for one in of_file if one.codes & {UNUSED, UNKNOWN}] for path, of_file in comments.items()}
    return silenced, _silence(own, naming)


class _Comment:
    """A suppression, its names resolved to codes, and what it has silenced so far."""

    def __init__(self, path: str, facts: Suppression, known: Sequence[Rule]) -> None:
        codes = {rule.name: rule.code for rule in known} | {rule.code: rule.code for rule in known}
        self.path = path
        self.facts = facts
        self.codes = frozenset(codes[word] for word in facts.codes if word in codes)
        self.unknown = tuple(word for word in facts.codes if word not in codes)
        self.used: set[str] = set()

    def accepts(self, code: str) -> bool:
        return not self.facts.codes or code in self.codes

    def pick(self, findings: Sequence[Finding]) -> list[Finding]:
        """Of one file's findings, those that the comment silences."""
        wanted = [finding for finding in findings if self.accepts(finding.code)]
        if self.facts.whole_file:
            return wanted
        row = self.facts.row + 1
        if self.facts.own_line:
            last = self.facts.target_row + 1
            return [finding for finding in wanted if row < finding.region.row <= last]
        spanning = [finding for finding in wanted if finding.region.row <= row <= finding.region.end_row]
        return [finding for finding in spanning if row in (finding.region.row, finding.region.end_row)] or spanning

    def complaints(self, known: Sequence[Rule], is_on: Callable[[str, str], bool]) -> list[Finding]:
        """The MON903 and MON904 findings on this comment."""
        rules = {rule.code: rule for rule in known}
        found = []
        if is_on(self.path, UNKNOWN) and UNKNOWN in rules:
            found += [self._finding(rules[UNKNOWN], _unknown_message(word, known), word) for word in self.unknown]
        if is_on(self.path, UNUSED) and UNUSED in rules:
            idle = self._idle(known, is_on)
            if idle is not None:
                found.append(self._finding(rules[UNUSED], _unused_message(idle), ",".join(idle)))
        return found

    def _idle(self, known: Sequence[Rule], is_on: Callable[[str, str], bool]) -> list[str] | None:
        """Codes that silence nothing though their rules were on; [] for a comment on every rule; None: all is well."""
        if self.facts.codes:
            own = {UNUSED, UNKNOWN}
            return sorted(code for code in self.codes - self.used - own if is_on(self.path, code)) or None
        judged = all(is_on(self.path, rule.code) for rule in known if rule.default)
        return [] if judged and not self.used else None

    def _finding(self, rule: Rule, message: str, text: str) -> Finding:
        row, column = self.facts.row + 1, self.facts.column + 1
        return Finding(
            code=rule.code,
            name=rule.name,
            message=message,
            severity=rule.severity,
            confidence=rule.confidence,
            kind=rule.kind,
            target="",
            path=self.path,
            region=Region(row, column, row, column),
            text=text,
        )


def _silence(findings: Sequence[Finding], comments: Mapping[str, Sequence[_Comment]]) -> list[Finding]:
    by_path: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if comments.get(finding.path):
            by_path[finding.path].append(finding)
    reasons: dict[int, str] = {}
    for path, of_file in by_path.items():
        for comment in comments[path]:
            for finding in comment.pick(of_file):
                comment.used.add(finding.code)
                reasons.setdefault(id(finding), f"inline: {comment.facts.reason}".rstrip(": "))
    return [
        finding._replace(suppressed=reasons[id(finding)]) if id(finding) in reasons else finding for finding in findings
    ]


def _unknown_message(word: str, known: Sequence[Rule]) -> str:
    if not word:
        return "The brackets of this suppression are empty; name a rule, or leave them out"
    hint = did_you_mean(word, spellings(known), otherwise="`monitorlint rule` lists the codes and names")
    return f'Unknown rule "{word}" in a suppression; {hint}'


def _unused_message(codes: Sequence[str]) -> str:
    what = f" of {', '.join(codes)}" if codes else ""
    return f"Unused suppression{what}: nothing is reported here; remove it"
