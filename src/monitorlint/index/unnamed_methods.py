"""Methods that nothing in the project so much as names: a client of its own has more of them than it needs.

``class Api { async #get() { … } items() { return this.#get(); } item() { return this.#get(); } }``, where every call of
``items`` has a monitor, and no file has the word ``item``: that way to the request is most likely never gone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from monitorlint.index.project import Project
    from monitorlint.index.reach import Reach
    from monitorlint.index.steps import Key

UNNAMED: Final = "nothing calls "


def unnamed(project: Project, reach: Reach, key: Key) -> str:
    """Says that a function is such a method; ``""``: it is none, or something may call it by its name."""
    view = project.view(key[0])
    if view is None or not project.is_app(key[0]) or project.store.loads_by_name:
        return ""
    here = view.facts.scopes[key[1]]
    owner = view.facts.scopes[here.parent]
    plain = here.kind == "function" and owner.kind == "class" and not (owner.bases or owner.decorators)
    if not plain or here.decorators or here.name.startswith("__") or here.name == "constructor":
        return ""
    text = project.store.text(key[0])
    # What a class follows is none of its bases in TypeScript.
    if re.search(rb"\bclass\s+%s\b[^{]*\bimplements\b" % re.escape(owner.name.encode()), text):
        return ""
    name = here.name.encode()
    word = re.compile(rb"(?<![\w$])%s(?![\w$])" % re.escape(name))
    if len(word.findall(text)) != 1:
        return ""
    # To find the letters takes a tenth of the time in which the pattern says no.
    others = (project.store.text(path) for path in reach.application() if path != key[0])
    if any(name in other and word.search(other) for other in others):
        return ""
    return f"{UNNAMED}{owner.name}.{here.name}"
