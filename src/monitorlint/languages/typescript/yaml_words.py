"""The little YAML that pnpm's workspace file is made of: tables and lists of plain words."""

from __future__ import annotations

from typing import Any

_QUOTES = "\"'"


def yaml_list(text: str, key: str) -> list[str]:
    """The items of a list of plain words at the top of a YAML file."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        stripped = line.partition(" #")[0].strip()
        if inside and stripped.startswith("- "):
            found.append(stripped[2:].strip().strip(_QUOTES))
        elif stripped and not stripped.startswith("#"):
            inside = line.startswith(f"{key}:")
            if inside and "[" in stripped:
                found += [w.strip().strip(_QUOTES) for w in stripped.partition("[")[2].rpartition("]")[0].split(",")]
    return [word for word in found if word]


def yaml_tables(text: str) -> dict[str, Any]:
    """The tables of plain words in a YAML file, by their keys; lists are left out."""
    found: dict[str, Any] = {}
    stack: list[tuple[int, dict[str, Any]]] = [(-1, found)]
    for line in text.splitlines():
        stripped = line.partition(" #")[0].strip()
        if not stripped or stripped.startswith(("#", "-")) or ":" not in stripped:
            continue
        indent = len(line) - len(line.lstrip())
        while stack[-1][0] >= indent:
            stack.pop()
        key, _, value = stripped.partition(": ") if ": " in stripped else (stripped.removesuffix(":"), "", "")
        name = key.strip(_QUOTES)
        if value:
            stack[-1][1][name] = value.strip().strip(_QUOTES)
        else:
            inner: dict[str, Any] = {}
            stack[-1][1][name] = inner
            stack.append((indent, inner))
    return found
