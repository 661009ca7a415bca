"""Calls that run on the way to what switches a monitor on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.chains import Chains
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach

MAX_BEFORE = 40
"""So many functions may lie between a call and the statement that it runs before."""


class Before:
    """Tells which calls run before a statement, and at no other time."""

    def __init__(self, project: Project, reach: Reach, chains: Chains) -> None:
        self._project = project
        self._reach = reach
        self._chains = chains

    def is_before(self, found: FoundCall, place: tuple[str, int]) -> bool:
        """Whether a call runs only on the way to a statement: what that statement switches on is not on yet.

        :param place: Path and 0-based row of the statement, which stands in a function.
        """
        if place[0] not in self._reach.knowing(found.view.path):
            return False
        there = self._project.view(place[0])
        here = found.view.facts.calls[found.number]
        switch = next((c for c in there.facts.calls if c.row == place[1]), None) if there is not None else None
        if there is None or switch is None or (function := there.function_of(switch.scope)) == 0:
            return False
        todo = [(found.view.path, found.view.function_of(here.scope))]
        seen = set(todo)
        leads_there = False
        while todo:
            key = todo.pop()
            number = 0
            while (row := self._chains.caller(key, number)) is not None:
                number += 1
                if not row.sure or len(seen) > MAX_BEFORE:
                    return False
                if row.caller == (place[0], function):
                    if row.place[1] > place[1]:
                        return False
                    leads_there = True
                elif row.caller not in seen:
                    seen.add(row.caller)
                    todo.append(row.caller)
            if number == 0:
                return False
        return leads_there
