"""Where the rules come from: the folder that ships, its compiled form, and the user's packs."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from monitorlint.model.digests import blake2b
from monitorlint.settings.values import UsageError

FORMAT: Final = 3
"""Changes with what `compile_rules` writes."""
COMPILED: Final = Path(__file__).with_name("_compiled.json")

LANGUAGES: Final = ("python", "typescript")

Files = dict[str, Any]
"""The validated data of each file, by the name that users see."""


def rules_folder() -> Path:
    """Give the folder of the rules that ship: inside the package in a wheel, at the root of a checkout.

    Raises:
        UsageError: when there is none, which means a broken installation.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "rules", package.parents[1] / "rules"):
        if folder.is_dir():
            return folder
    raise UsageError(f"{package}: the rules are missing from this installation; install monitorlint again")


def load_shipped(language: str) -> tuple[str, Files]:
    """Give digest and data of the rules that ship, from the compiled form when it is up to date.

    That holds one language alone; a file may hold tables of others too.
    """
    sources = _read(rules_folder())
    digest = _digest(sources)
    compiled = _load_compiled(digest, language)
    if compiled is not None:
        return digest, compiled
    files = _parse(sources, rules_folder())
    # An installation that cannot be written to is slower, not wrong.
    with contextlib.suppress(OSError):
        _write(COMPILED, digest, files)
    return digest, files


def load_packs(packs: Sequence[Path]) -> tuple[str, Files]:
    """Give digest and data of the user's packs: folders of TOML files, or single files.

    Raises:
        UsageError: for a pack that is not there, or holds a mistake.
    """
    sources: dict[str, bytes] = {}
    files: Files = {}
    for pack in packs:
        if not pack.exists():
            raise UsageError(f"{pack}: no such rule pack; correct `rule-packs`")
        found = _read(pack) if pack.is_dir() else {pack.name: pack.read_bytes()}
        folder = pack if pack.is_dir() else pack.parent
        for name, data in _parse(found, folder).items():
            files[str(folder / name)] = data
        sources.update({str(folder / name): text for name, text in found.items()})
    return _digest(sources), files


def compile_rules(out: Path) -> None:
    """Write the compiled form of the rules that ship.

    Raises:
        UsageError: for a mistake in a rules file.
    """
    folder = rules_folder()
    sources = _read(folder)
    _write(out, _digest(sources), _parse(sources, folder))


def _read(folder: Path) -> dict[str, bytes]:
    """Read all TOML files under a folder; names are relative, with ``/``, and sorted."""
    paths: list[str] = []
    pending = [str(folder)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif entry.name.endswith(".toml"):
                    paths.append(entry.path)
    start = len(str(folder)) + 1
    sources: dict[str, bytes] = {}
    for path in sorted(paths):
        with open(path, "rb", buffering=0) as stream:  # noqa: PTH123 - a hundred small files on the way to every run
            sources[path[start:].replace(os.sep, "/")] = stream.read()
    return sources


def _digest(sources: dict[str, bytes]) -> str:
    digest = blake2b(b"%d" % FORMAT, digest_size=16)
    for name, text in sources.items():
        digest.update(b"%s\0%d\0" % (name.encode(), len(text)))
        digest.update(text)
    return digest.hexdigest()


def _parse(sources: dict[str, bytes], folder: Path) -> Files:
    from monitorlint.catalog.schema import check_file  # noqa: PLC0415 - not needed beside the compiled form

    files: Files = {}
    for name, source in sources.items():
        try:
            text = source.decode()
        except UnicodeDecodeError as error:
            line = source[: error.start].count(b"\n") + 1
            raise UsageError(f"{folder / name}:{line}: not UTF-8; save the file as UTF-8") from None
        data = check_file(folder / name, text)
        for language in LANGUAGES:
            for table in data.get(language, ()):
                # Examples are for tests and documentation; a run never reads them.
                table.pop("example", None)
                table["heads"] = _heads(data["kind"], table)
                table["tails"] = _tails(data["kind"], table)
        files[name] = data
    return files


def _heads(kind: str, table: dict[str, Any]) -> list[str]:
    """Give the first parts of all paths of a table.

    Who resolves a path asks only the entries that know its first part.
    """
    keys = ["aliases", "returns", "clients", "functions", "spans", "decorators", "wrappers", "callbacks", "auto"]
    if kind == "monitor":
        keys += ["calls", "captures", "hooks"]
    rows = [row for key in keys for row in table.get(key, ())]
    paths = [row if isinstance(row, str) else row.get("path") or row.get("call") or "" for row in rows]
    if kind == "lookalike":
        paths += table.get("roots", ())
    return sorted({path.partition(".")[0].removesuffix("()") for path in paths if path})


def _tails(kind: str, table: dict[str, Any]) -> list[str]:
    """Give the last names of all calls of a table; ``()`` for an instance that is called itself."""
    if kind == "monitor":
        return []
    rows = [*table.get("calls", ()), *table.get("functions", ())]
    paths = {row if isinstance(row, str) else row["path"] for row in rows}
    # `import http from "axios"`: the name that is called says nothing, what it was exported as does.
    paths |= {row["path"] for row in table.get("aliases", ()) if row["is"] in paths}
    return sorted({path.rpartition(".")[2] for path in paths})


def _load_compiled(digest: str, language: str) -> Files | None:
    """Read one language: the first line says what all were made of, each further one is a language."""
    try:
        lines = COMPILED.read_bytes().splitlines()
        if len(lines) != len(LANGUAGES) + 1 or json.loads(lines[0]) != digest:
            return None
        return cast("Files", json.loads(lines[1 + LANGUAGES.index(language)]))
    except (OSError, ValueError):
        return None


def _write(out: Path, digest: str, files: Files) -> None:
    rows: list[Any] = [digest]
    for language in LANGUAGES:
        spoken = {name: data for name, data in files.items() if data.get(language)}
        rows.append({name: {"kind": d["kind"], "name": d["name"], language: d[language]} for name, d in spoken.items()})
    text = "\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=True) for row in rows)
    draft = out.with_name(f"{out.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="ascii")
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
