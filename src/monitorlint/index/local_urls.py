"""URLs of what the program holds already: ``data:``, ``blob:``, ``file:``, an extension's, a file of the device's.

To fetch one asks nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.index.flow import live_bindings
from monitorlint.index.view import tail_of
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from monitorlint.index.view import FileView
    from monitorlint.model.expr import Expr
    from monitorlint.model.facts import Call

_SCHEMES: Final = ("data:", "blob:", "file:")
_MAKING: Final = pattern(
    r"createObjectURL|pathToFileURL|convertFileSrc|saveAsBase64|(?:\w*T|t)o(?:DataUR[LI]|DataUr[li]|Png|Jpe?g|Svg|Webp)"
)
_TEXTS: Final = (".toString", ".href")
"""What an object for a URL is written out by."""
_OF_EXTENSIONS: Final = ("runtime.getURL", "extension.getURL")
"""What gives the URL of a file that an extension of a browser brings along."""
_NAME: Final = pattern(r"(?:(?:image|img|canvas|png|photo|audio)_?)?(?:data|blob|object)_?ur[li]")
_CONVERTER: Final = pattern(r"(?:[a-z]+_?)??(?:(?:data|blob|object)_?ur[li]|web_?path)_?to.*")
# What Capacitor calls the URL of a file of the device's, and what React Native and Expo call one.
_PATH_OF_CAPACITOR: Final = "webPath"
_FILE: Final = pattern(
    r"(?:(?:local|files?|image|img|photo|picture|pic|asset|audio|voice|video|record(?:ing)?|media|doc(?:ument)?|avatar"
    r"|picked|selected|captured|compressed|cropped|resized|temp|tmp|cache)_?)*uri"
)
_OF_DEVICES: Final = pattern(r"@?(?:react-native|expo)(?:[-./].*)?")
_MAX_STEPS: Final = 4


def is_local(view: FileView, call: Call, beside: Callable[[], Iterable[str]]) -> bool:
    """Whether the first argument of a call is such a URL: written out, made here, or named like one.

    :param beside: The packages that files beside this one import, which may be what tells that it is one of an app's.
    """
    if not call.args:
        return False
    first = call.args[0]
    if _is_local(view, first, call.scope, call.start, _MAX_STEPS):
        return True
    if not isinstance(first, str) or _FILE.fullmatch(first.lower()) is None:
        return False
    is_given = any(first == param.name for s in view.scopes_around(call.scope) for param in view.facts.scopes[s].params)
    return is_given and any(map(_OF_DEVICES.fullmatch, beside()))


def _is_local(view: FileView, expr: Expr, scope: int, offset: int, left: int) -> bool:
    if not left:
        return False
    if isinstance(expr, str):
        return _is_named(view, expr, scope, offset, left)
    if not isinstance(expr, (tuple, list)) or not expr:
        return False
    if expr[0] == "lit":
        return isinstance(expr[1], str) and expr[1].startswith(_SCHEMES)
    if expr[0] == "call":
        called = view.facts.calls[expr[1]]
        callee = called.callee
        if _MAKING.fullmatch(tail_of(callee)) or (isinstance(callee, str) and callee.endswith(_OF_EXTENSIONS)):
            return True
        if callee == "URL" and len(called.args) == 1:
            return _is_local(view, called.args[0], called.scope, called.start, left - 1)
        if isinstance(callee, str):
            return callee.endswith(_TEXTS) and _is_named(view, callee, scope, offset, left)
        # `pathToFileURL(path).toString()`
        return (
            isinstance(callee, (tuple, list))
            and callee[0] == "attr"
            and _is_local(view, callee[1], scope, offset, left - 1)
        )
    if expr[0] == "any":
        return bool(expr[1]) and all(_is_local(view, part, scope, offset, left - 1) for part in expr[1])
    if expr[0] != "attr":
        return False
    return _is_of_device(view, f".{expr[2]}") or _is_local(view, expr[1], scope, offset, left - 1)


def _is_of_device(view: FileView, name: str) -> bool:
    """Whether a name is one of a file of the device's, where it is read from something, or the file is of an app."""
    last = name.rpartition(".")[2]
    if _FILE.fullmatch(last.lower()):
        return any(_OF_DEVICES.fullmatch(row.target) for row in view.facts.imports)
    return last == _PATH_OF_CAPACITOR and last != name


def _owner_of(name: str) -> str:
    """``url`` of ``url.href`` and ``url.toString``; any other name as it is."""
    return name.rpartition(".")[0] if name.endswith(_TEXTS) else name


def _is_named(view: FileView, name: str, scope: int, offset: int, left: int) -> bool:
    name = _owner_of(name)
    rows = next((view.bindings[s, name] for s in view.scopes_around(scope) if (s, name) in view.bindings), [])
    if not rows and _is_always_handed(view, name, scope, left):
        return True
    if not rows:
        # A parameter, say. What else a name like `dataUrl` stands for is written out.
        around = {view.facts.scopes[s].name.lower() for s in view.scopes_around(scope)}
        named = _NAME.fullmatch(name.rpartition(".")[2].lower()) is not None
        named = named or _is_of_device(view, name)
        return named or any(map(_CONVERTER.fullmatch, around))
    live = live_bindings(view, rows, offset)
    return bool(live) and all(_is_local(view, row.value, row.scope, row.start, left - 1) for row in live)


def _is_always_handed(view: FileView, name: str, scope: int, left: int) -> bool:
    """Whether a name is a parameter of a function that its file calls with such URLs, and with no others."""
    for around in view.scopes_around(scope):
        here = view.facts.scopes[around]
        place = next((at for at, param in enumerate(here.params) if param.name == name), -1)
        if place < 0:
            continue
        calls = [view.facts.calls[number] for number in view.calls_by_tail.get(here.name, ()) if here.name]
        handed = [call for call in calls if call.callee == here.name]
        return bool(handed) and all(
            len(call.args) > place and _is_local(view, call.args[place], call.scope, call.start, left - 1)
            for call in handed
        )
    return False
