"""``NamedTuple`` as in `typing`, made in a tenth of the time.

A run over one file makes more than a hundred classes of rows. `typing.NamedTuple` compiles the annotation of every
field and a constructor for every class, 0.2 ms each, which was a seventh of such a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter
    from functools import cache
    from types import FunctionType

    class _Row(tuple):
        """What all classes of rows have in common: the methods of a named tuple."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012 - of the class, as in `collections`

        @classmethod
        def _make(cls, values):
            row = tuple.__new__(cls, values)
            if len(row) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(row)}")
            return row

        def _replace(self, /, **changes):
            row = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"Got unexpected field names: {list(changes)!r}")
            return row

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"

        def __getnewargs__(self):
            return tuple(self)

    @cache
    def _constructor(fields):
        """The code that makes a row of so many fields; their names are put in for each class."""
        names = "".join(f", _{at}" for at in range(fields))
        return eval(f"lambda _cls{names}: _new(_cls, ({names[2:]}{',' * (fields == 1)}))").__code__  # noqa: S307 - no text from outside

    class _RowType(type):
        def __new__(cls, name, bases, space):
            fields = tuple(space.get("__annotations__", ()))
            given = [field for field in fields if field in space]
            if given != list(fields[len(fields) - len(given) :]):
                raise TypeError(f"a field without a default follows one that has one: {name}")
            defaults = {field: space[field] for field in given}
            code = _constructor(len(fields)).replace(co_varnames=("_cls", *fields))
            new = FunctionType(code, {"_new": tuple.__new__}, "__new__", tuple(defaults.values()))
            new.__qualname__ = f"{name}.__new__"
            for at, field in enumerate(fields):
                space[field] = _tuplegetter(at, None)
            space.setdefault("__slots__", ())
            space |= {"__new__": new, "_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
            return type(name, tuple(_Row if base is NamedTuple else base for base in bases), space)

    NamedTuple = type.__new__(_RowType, "NamedTuple", (), {})

__all__ = ["NamedTuple"]
