"""One monitor of the catalogue, built from its validated table when it is first asked."""

from __future__ import annotations

from typing import Final, cast

from monitorlint.catalog.patterns import Table
from monitorlint.catalog.rows import Auto, Cover, Form, How, Option
from monitorlint.catalog.sites import Row, conditions, literals, row_of, versions_of
from monitorlint.model.site import Level

_HOWS: Final = ("call", "import", "env", "assign", "command", "setting", "declared")


class MonitorTable:
    """The forms, project-wide switches and coverage of one ``[[python]]`` table of a monitor."""

    def __init__(self, vendor: str, table: Row) -> None:
        self.vendor = vendor
        self.package: str = table["package"]
        self._level = table.get("level", "traced")
        self._table = table
        self.spans = self._forms("spans")
        self.decorators = self._forms("decorators")
        self.callbacks = self._forms("callbacks")
        self.wrappers = self._forms("wrappers")
        self.clients = self._forms("clients")
        self.calls = self._forms("calls")
        self.captures = self._forms("captures")
        self.hooks = self._forms("hooks")
        for form in self._rows("decorators"):
            # A decorator is matched bare and called, however it is written down.
            path = form.path
            self.decorators.add(path.removesuffix("()") if path.endswith("()") else f"{path}()", form)

    def autos(self) -> tuple[Auto, ...]:
        return tuple(self._auto(row) for row in self._table.get("auto", ()))

    def options(self) -> tuple[Option, ...]:
        return tuple(
            Option(
                vendor=self.vendor,
                package=self.package,
                keyword=row["keyword"],
                group=row["covers"],
                level=self._level_of(row),
                contains=row.get("contains", ""),
                values=literals(row.get("is", [])),
                paths=tuple(row.get("paths", ())),
                excluded=literals(row.get("not", [])),
                on_call=row.get("on") == "call",
                to_others=row.get("to_others", False),
            )
            for row in self._table.get("options", ())
        )

    def covers(self) -> tuple[Cover, ...]:
        return tuple(
            Cover(
                vendor=self.vendor,
                group=row["group"],
                package=package,
                methods=tuple(row["methods"]),
                level=self._level_of(row),
                versions=versions_of(row),
                monitor_versions=versions_of(row, "monitor_versions"),
                traced_if=tuple(row.get("traced_if", ())),
                unless_importable=tuple(row.get("unless_importable", ())),
                unless_monitor_versions=versions_of(row, "unless_monitor_versions"),
                if_importable=tuple(row.get("if_importable", ())),
                distribution=row.get("distribution", ""),
                member=row.get("member", ""),
                direct=row.get("direct", False),
                opt_in=row.get("opt_in", False),
                unless=conditions(row.get("unless")),
                off_by=tuple(row.get("off_by", ())),
                called=tuple(row.get("called", ())),
                at_load=versions_of(row, "at_load"),
                by_channel=row.get("by_channel", False),
                within=tuple(row.get("within", ())),
                named=tuple(row.get("named", ())),
            )
            for row in self._table.get("covers", ())
            for package in literals(row["package"])
        )

    def _forms(self, key: str) -> Table[Form]:
        forms: Table[Form] = Table()
        for form in self._rows(key):
            forms.add(form.path, form)
        return forms

    def _rows(self, key: str) -> list[Form]:
        return [
            Form(
                vendor=self.vendor,
                package=self.package,
                path=row["path"],
                # An exception that is sent tells of an error and of no duration, whatever the monitor does besides.
                level=Level.ERRORS if key in {"captures", "hooks"} else self._level_of(row),
                group=row.get("covers", ""),
                argument=row.get("argument", 0),
                target=row.get("is", ""),
                in_place=row.get("in_place", False),
                when=conditions(row.get("when")),
                member=row.get("member", ""),
                unless=conditions(row.get("unless")),
                given=conditions(row.get("given")),
                catches=row.get("catches", False),
                starts=tuple(self._table.get("starts", ())),
                if_called=row.get("if_called", ""),
                otherwise=row.get("otherwise", ""),
                at_return=row.get("at_return", False),
            )
            for row in map(row_of, self._table.get(key, ()))
        ]

    def _auto(self, row: Row) -> Auto:
        how = next(how for how in _HOWS if how in row)
        # One table speaks of all packages of a scope of npm (`@sentry/node`, `@sentry/bun`); each has its own version.
        named = row[how].partition(".")[0] if how in {"call", "import"} else ""
        return Auto(
            vendor=self.vendor,
            package=named if "/" in named and "*" not in named else self.package,
            how=cast("How", how),
            target=row[how],
            group=row["covers"],
            level=self._level_of(row),
            values=literals(row.get("is", [])),
            when=conditions(row.get("when")),
            unless=conditions(row.get("unless")),
            adds=cast("tuple[str, ...]", literals(row.get("adds", []))),
            only=row.get("only", ""),
            drops=row.get("drops", ""),
            doubt=row.get("doubt", ""),
            side=row.get("side", ""),
        )

    def _level_of(self, row: Row) -> Level:
        return Level(row.get("level", self._level))
