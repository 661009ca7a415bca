"""What is called, where nothing is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.index.values import External
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.values import Values

# What these give is named in a setting.
_LOADING = pattern(r"(?:^|\.)(?:import_string|import_module|import_object|locate)\(\)")
# What Django takes out of a table is an object of the project's.
_OF_TABLE = pattern(r"^django\.db\.models\.Model\(\)\.objects\.[^\[]*(?:\[\]|\.(?:get|first|last|latest|earliest)\(\))")
# What an application, or a request, keeps for its handlers is the project's as well.
_OF_STATE = pattern(
    r"^(?:flask|quart)\.(?:g|current_app)\.|^(?:fastapi|starlette|quart|sanic)\.[^\[]*\.(?:state|ctx)\."
)


def is_unknown(project: Project, values: Values) -> bool:
    """Whether nothing is known of what is called: nothing at all, or only which other package it came out of."""
    return all(
        isinstance(v, External)
        and ("()" in v.path or _OF_STATE.search(v.path))
        and (
            not project.catalogue.is_package(v.path.partition(".")[0])
            or _LOADING.search(v.path)
            or _OF_TABLE.search(v.path)
            or _OF_STATE.search(v.path)
        )
        for v in values
    )
