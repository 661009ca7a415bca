"""The settings of a run: defaults, the extended files, the configuration, the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitorlint.settings.document import Document, read_document, shown
from monitorlint.settings.selectors import Selection, normalise, overlay
from monitorlint.settings.validate import Reader, unknown_rule
from monitorlint.settings.values import CommandLine, Settings, Thresholds, Timeouts, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitorlint.model.rule import Rule


def load_settings(
    root: Path, config_file: Path | None, *, known: Sequence[Rule], overrides: CommandLine | None = None
) -> Settings:
    """Read, check and merge everything that is said about settings.

    ``root`` and ``config_file`` are what :func:`~monitorlint.settings.find.find_root` found; ``known`` are
    all rules. Later words win, key by key, and tables are merged by their keys: the file that is
    extended, the file itself, the command line. ``--config`` replaces ``config_file``.

    :raises UsageError: any mistake in a file or a flag, as one line.
    """
    flags = overrides if overrides is not None else CommandLine()
    source = _source(config_file, flags)
    values: dict[str, Any] = {}
    selection = Selection()
    for document in _chain(source) if source is not None else ():
        layer = Reader(document, known, root).values()
        selection = overlay(selection, _selection(layer))
        values = _merge(values, layer)
    selection = overlay(selection, _flag_selection(flags, known))
    helpers = values.get("helpers", {})
    return Settings(
        root=root,
        source=source,
        select=selection.select,
        extend_select=selection.extend_select,
        ignore=selection.ignore,
        per_file_ignores=tuple(values.get("per-file-ignores", {}).items()),
        exclude=(*values.get("exclude", ()), *(flags.exclude or ())),
        areas=values.get("areas", Settings(root).areas),
        require=values.get("require", Settings(root).require),
        rule_packs=values.get("rule-packs", ()),
        context=values.get("context", ()),
        helper_python=helpers.get("python", ""),
        helper_typescript=helpers.get("typescript", ""),
        backend=helpers.get("backend", "sentry"),
        wrappers=values.get("wrappers", ()),
        thresholds=Thresholds(**values.get("thresholds", {})),
        timeouts=Timeouts(**values.get("timeouts", {})),
    )


def _source(config_file: Path | None, flags: CommandLine) -> Path | None:
    if flags.config is None:
        return None if flags.isolated else config_file
    if flags.isolated:
        raise UsageError("--config: cannot be used with --isolated; give one of them")
    if not flags.config.is_file():
        raise UsageError(f"--config: no such file {shown(flags.config)}; check the path")
    return flags.config.absolute()


def _chain(source: Path) -> list[Document]:
    """``source`` and the files it extends, the outermost base first."""
    chain: list[Document] = []
    seen: list[Path] = []
    following: Path | None = source
    while following is not None:
        document = _read(following)
        chain.append(document)
        seen.append(following.resolve())
        following = _extended(document)
        if following is not None and following.resolve() in seen:
            raise document.error(
                ("extend",), f"extend leads back to {shown(following)}; files cannot extend each other in a circle"
            )
    return chain[::-1]


def _read(path: Path) -> Document:
    document = read_document(path)
    if document is None:
        table = "[tool.monitorlint]" if path.suffix == ".toml" else 'key "monitorlint"'
        raise UsageError(f"{shown(path)}: has no {table}; add it, or name another file")
    return document


def _extended(document: Document) -> Path | None:
    if "extend" not in document.table:
        return None
    value = document.table["extend"]
    if not isinstance(value, str):
        raise document.error(("extend",), "extend must be a string; give the path of one configuration file")
    path = Path(document.path.parent, value)
    if not path.is_file():
        raise document.error(("extend",), f'no such file "{value}"; the path is relative to this file')
    return path


def _merge(base: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    merged = base | child
    for key, value in child.items():
        if isinstance(value, dict) and key in base:
            merged[key] = base[key] | value
    return merged


def _selection(layer: dict[str, Any]) -> Selection:
    return Selection(layer.get("select"), layer.get("extend-select", ()), layer.get("ignore", ()))


def _flag_selection(flags: CommandLine, known: Sequence[Rule]) -> Selection:
    return Selection(
        select=None if flags.select is None else _flag("--select", flags.select, known),
        extend_select=_flag("--extend-select", flags.extend_select or (), known),
        ignore=_flag("--ignore", flags.ignore or (), known),
    )


def _flag(flag: str, words: Sequence[str], known: Sequence[Rule]) -> tuple[str, ...]:
    normal = []
    for word in (part for words_of_one in words for part in words_of_one.split(",") if part.strip()):
        selector = normalise(word, known)
        if selector is None:
            raise UsageError(f"{flag}: {unknown_rule(word, known)}")
        normal.append(selector)
    return tuple(normal)
