"""Environment files as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.config.comments import line_comments
from monitorlint.languages.config.dotenv import parse
from monitorlint.languages.config.places import Places
from monitorlint.model.setup import EnvFile, EnvVariable

if TYPE_CHECKING:
    from monitorlint.languages.config.dotenv import Dialect


def read_env(path: str, text: str, dialect: Dialect = "npm") -> EnvFile:
    """The variables of an environment file, in order."""
    places = Places(text)
    variables = tuple(
        EnvVariable(entry.name, entry.value, entry.is_template, places.region(entry.name_start, entry.value_end))
        for entry in parse(text, dialect)
    )
    return EnvFile(path, variables, tuple(line_comments(text)), places.region(len(text), len(text)))
