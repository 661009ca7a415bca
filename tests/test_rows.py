"""Rows are the named tuples of `typing`, whatever their fields."""

from __future__ import annotations

import copy
import pickle
from typing import NamedTuple as Standard

import pytest

from monitorlint.model.rows import NamedTuple


class Point(NamedTuple):
    """A place."""

    x: int
    y: int = 0
    name: str = "origin"

    @property
    def total(self) -> int:
        """Both together."""
        return self.x + self.y


class StandardPoint(Standard):
    """A place."""

    x: int
    y: int = 0
    name: str = "origin"


class Nothing(NamedTuple):
    pass


class Wide(NamedTuple):
    only: Point


def test_fields_defaults_and_methods_are_those_of_typing() -> None:
    for name in ("_fields", "_field_defaults", "__match_args__", "__doc__", "__slots__"):
        assert getattr(Point, name) == getattr(StandardPoint, name)
    ours, theirs = Point(1, name="a"), StandardPoint(1, name="a")
    assert tuple(ours) == tuple(theirs)
    assert hash(ours) == hash(theirs)
    assert ours._asdict() == theirs._asdict()
    assert repr(ours) == repr(theirs).replace("StandardPoint", "Point")
    assert tuple(ours._replace(y=5)) == tuple(theirs._replace(y=5))
    assert tuple(Point._make([1, 2, "b"])) == tuple(StandardPoint._make([1, 2, "b"]))
    assert (ours.x, ours.y, ours.name, ours.total) == (1, 0, "a", 1)


def test_rows_without_fields_and_with_one() -> None:
    assert tuple(Nothing()) == ()
    assert Wide(Point(1)).only.x == 1
    assert type(Wide._make([Point(2)])) is Wide


def test_rows_survive_copying_and_pickling() -> None:
    point = Point(1, 2)
    assert copy.copy(point) == pickle.loads(pickle.dumps(point)) == point  # noqa: S301 - our own
    assert type(copy.deepcopy(point)) is Point


def test_a_row_is_matched_by_its_fields() -> None:
    match Point(1, 2):
        case Point(x, y=2):
            assert x == 1
        case _:
            pytest.fail("not matched")


@pytest.mark.parametrize(
    "mistake",
    [
        lambda kind: kind(),
        lambda kind: kind(1, 2, "a", 4),
        lambda kind: kind(1, z=2),
        lambda kind: kind._make([1]),
    ],
)
def test_mistakes_are_type_errors_as_there(mistake: object) -> None:
    for kind in (Point, StandardPoint):
        with pytest.raises(TypeError):
            mistake(kind)  # type: ignore[operator]


def test_an_unknown_field_cannot_be_replaced() -> None:
    for kind in (Point, StandardPoint):
        with pytest.raises((TypeError, ValueError)):
            kind(1)._replace(z=2)  # type: ignore[call-arg]


def test_a_field_without_a_default_comes_first() -> None:
    with pytest.raises(TypeError, match="default"):

        class _Bad(NamedTuple):
            first: int = 1
            second: int  # type: ignore[misc]


def test_the_fields_of_a_row_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        Point(1).x = 3  # type: ignore[misc]
