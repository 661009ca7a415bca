"""Expressions as the facts carry them: what a value is made of, and nothing of how it was written.

A front end reduces every expression that matters to one of these shapes. They are nested tuples and
strings rather than classes because a large repository has hundreds of thousands of them, and because
they go to the cache and back as JSON (lists are accepted wherever a tuple stands).

========================  =========================================================================
``"a.b.c"``               a name, with the attributes read from it
``("call", 7)``           the result of call number 7 of the same file
``("attr", e, "x.y")``    attributes read from something that is not a plain name
``("item", e, "key")``    one element of ``e`` (a subscript, or what ``for`` binds); ``"key"`` is ``""`` when unknown
``("any", (e, …))``       one of several: conditional expression, ``or``, ``match``
``("pipe", (e, …))``      ``a | b``: a composition (LangChain) or a union of types
``("seq", (e, …))``       a list, tuple or set literal
``("map", ((k, e), …))``  a dict literal; ``k`` is the key's text or ``""``
``("lit", v)``            a string of at most 120 characters, number, boolean or None
``("module", "m")``       what loading a module gives, named as in ``Import.target``: ``require("m")``
``("fn", 3)``             a lambda, function or class of the same file: scope number 3
``("of", e)``             an instance of the type that ``e`` names (from an annotation)
``("entered", e)``        what ``with e as name`` binds
``None``                  anything else
========================  =========================================================================
"""

from __future__ import annotations

from typing import Any, TypeAlias

Expr: TypeAlias = "str | tuple[Any, ...] | list[Any] | None"
