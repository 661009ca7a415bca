"""The results of several projects as one."""

from __future__ import annotations

from monitorlint.model.run import RunResult


def merge(results: list[RunResult]) -> RunResult:
    """One result; every path is made relative to the working directory."""
    moved = [_moved(result) for result in results]
    findings = sorted(
        (f for r in moved for f in r.findings), key=lambda f: (f.path, f.region.row, f.region.column, f.code)
    )
    sites = sorted((s for r in moved for s in r.sites), key=lambda s: (s.path, s.region.start, s.kind))
    return RunResult(
        findings=tuple(findings),
        sites=tuple(sites),
        rules=tuple(sorted({rule for r in moved for rule in r.rules}, key=lambda rule: rule.code)),
        files=sum(r.files for r in moved),
        unreadable=sum(r.unreadable for r in moved),
        skipped=tuple(s for r in moved for s in r.skipped),
        baseline_debt=sum(r.baseline_debt for r in moved),
        stale=tuple(s for r in moved for s in r.stale),
        failures=tuple(f for r in moved for f in r.failures),
        areas=tuple(sorted({area for r in moved for area in r.areas})),
        sources={path: data for r in moved for path, data in r.sources.items()},
    )


def _moved(result: RunResult) -> RunResult:
    def at(path: str) -> str:
        return f"{result.prefix}/{path}" if result.prefix else path

    return result._replace(
        findings=tuple(
            f._replace(path=at(f.path), evidence=tuple(e._replace(path=at(e.path)) for e in f.evidence))
            for f in result.findings
        ),
        sites=tuple(
            s._replace(
                path=at(s.path),
                evidence=tuple(e._replace(path=at(e.path)) for e in s.evidence),
                monitored_by=None if s.monitored_by is None else s.monitored_by._replace(path=at(s.monitored_by.path)),
            )
            for s in result.sites
        ),
        skipped=tuple(s._replace(path=at(s.path)) for s in result.skipped),
        stale=tuple(s._replace(path=at(s.path)) for s in result.stale),
        failures=tuple(f._replace(path=at(f.path)) for f in result.failures),
        sources={at(path): data for path, data in result.sources.items()},
        prefix="",
    )
