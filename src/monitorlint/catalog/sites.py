"""One entry of the catalogue that knows calls, built from its validated table when it is first asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from monitorlint.catalog.patterns import Table
from monitorlint.catalog.rows import CallMatch, Carrier, ClientMatch, Condition, Entry, Form, Shape, Timeout
from monitorlint.model.finding import Confidence
from monitorlint.model.patterns import pattern

Row = Mapping[str, Any]
# No promise, where calls give promises.
_AT_ONCE: Final = frozenset({"iterator", "sync", "socket"})
_SPACED: Final = pattern(r"(?<![\s,])\s+(?=[<>=!~])")


def row_of(value: str | Row) -> Row:
    """Give the long form of a row that may be a bare path."""
    return {"path": value} if isinstance(value, str) else value


def conditions(value: object) -> tuple[Condition, ...]:
    """Read one condition, or a list of them."""
    rows = cast("list[Row]", value if isinstance(value, list) else [value] if value else [])
    return tuple(
        Condition(
            keyword=row.get("keyword", ""),
            argument=row.get("argument"),
            values=literals(row.get("is", [])),
            paths=tuple(row.get("paths", ())),
            beside=tuple(row.get("beside", ())),
            on_call=row.get("on") == "call",
            on_maker=row.get("on") == "maker",
        )
        for row in rows
    )


def literals(value: Any) -> tuple[Any, ...]:
    """Give one literal, or a list of them, as a tuple."""
    return tuple(value) if isinstance(value, list) else (value,)


def versions_of(row: Row, key: str = "versions") -> str:
    """Give a range of versions with commas between its parts, npm's spaces too."""
    return _SPACED.sub(",", row.get(key, ""))


def timeout_of(row: Row | None) -> Timeout | None:
    """Read a ``timeout`` table."""
    if row is None:
        return None
    default = row.get("default")
    return Timeout(
        call=literals(row.get("call", [])),
        client=literals(row.get("client", [])),
        position=row.get("position"),
        client_position=row.get("client_position"),
        client_options=row.get("client_options"),
        default=None if default == "none" else default,
        unlimited=default == "none",
        versions=versions_of(row),
        elsewhere=tuple(row.get("elsewhere", ())),
        milliseconds=row.get("unit") == "ms",
        takes_object=row.get("takes") == "object",
    )


def carrier_of(row: str | Row | None) -> Carrier | None:
    """Read a ``carrier``: a table, or the bare name of a distribution."""
    if row is None:
        return None
    if isinstance(row, str):
        return Carrier(row, methods=("request",))
    return Carrier(row.get("package", ""), row.get("argument"), tuple(row.get("methods", ("request",))))


def over_of(table: Row) -> tuple[Carrier, ...]:
    """Read an ``over``: one name of an HTTP client, or a list of such names and of tables as for a ``carrier``."""
    over = table.get("over", ())
    rows = [over] if isinstance(over, str) else over
    return tuple(
        Carrier(row) if isinstance(row, str) else Carrier(row["package"], methods=tuple(row["methods"])) for row in rows
    )


class SiteTable:
    """The clients, calls and functions of one ``[[python]]`` table."""

    def __init__(self, entry: Entry, table: Row, *, promises: bool = False) -> None:
        """Take a validated table.

        Args:
            entry: what the calls belong to.
            table: the ``[[python]]`` table.
            promises: calls give promises unless their shape says otherwise, as in TypeScript.
        """
        self.entry = entry
        self._promises = promises
        self._timeout = timeout_of(table.get("timeout"))
        self._carrier = carrier_of(table.get("carrier"))
        self._options_at: int | None = table.get("options_at")
        self._through: list[str] = table.get("through", [])
        self._clients: Table[Row] = Table()
        self._barred: Table[bool] = Table()
        self._calls: Table[Row] = Table()
        self._functions: Table[Row] = Table()
        self._again: dict[str, list[Row]] = {}
        self._not_calls: Table[bool] = Table()
        self._derived: set[str] = set()
        self._transparent: dict[str, str] = {}
        for client in map(row_of, table.get("clients", ())):
            if "is" not in client:
                self._clients.add(client["path"] + ("" if client.get("module") else "()"), client)
        for path in table.get("not_clients", ()):
            self._barred.add(f"{path}()", value=True)
        for key, rows in (("calls", self._calls), ("functions", self._functions)):
            for call in map(row_of, table.get(key, ())):
                if not rows.add(call["path"], call):
                    # The rows of one path differ in their conditions.
                    self._again.setdefault(call["path"], []).append(call)
        for path in table.get("not_calls", ()):
            self._not_calls.add(path, value=True)
        for step in map(row_of, table.get("derive", ())):
            if step["path"].endswith("()"):
                self._derived.add(step["path"])
            else:
                self._transparent[step["path"]] = step.get("shape", "")

    def derives(self, path: str, step: str) -> bool:
        """Tell whether ``path.step`` is ``path`` itself: a client, slightly changed."""
        return step in self._derived and self._client_row(path) is not None

    def client(self, path: str, via: Form | None = None) -> ClientMatch | None:
        """Tell which client a reduced path is, if any."""
        names = path.split(".")
        while names[-1] in self._transparent:
            names.pop()
        path = ".".join(names)
        row = self._client_row(path)
        if row is None:
            return None
        return ClientMatch(
            entry=self.entry,
            path=path,
            is_async=_is_async(row, default=self._promises),
            timeout=timeout_of(row.get("timeout")) or self._timeout,
            unless=conditions(row.get("unless")),
            via=via,
        )

    def match(self, path: str, via: Form | None = None) -> CallMatch | None:
        """Tell which call a reduced callee is, if any."""
        if self._not_calls.get(path):
            return None
        function = self._functions.get(path)
        if function is not None:
            return self._found(function, path, via=via)
        names = path.split(".")
        for length in range(len(names), 0, -1):
            client = ".".join(names[:length])
            row = self._client_row(client)
            if row is None:
                continue
            rest = [name for name in names[length:] if name not in self._transparent]
            method = ".".join(rest)
            call = None if self._not_calls.get(method) else self._calls.get(method or "()")
            if call is not None:
                shapes = (self._transparent[name] for name in names[length:] if name in self._transparent)
                shape = next(filter(None, shapes), "")
                return self._found(call, method or "__call__", client=row, instance=client, shape=shape, via=via)
        return None

    def _client_row(self, path: str) -> Row | None:
        row = self._clients.get(path)
        if row is None or ("*" in row["path"] and self._barred.get(path)):
            return None
        return row

    def _found(
        self,
        call: Row,
        method: str,
        *,
        client: Row | None = None,
        instance: str = "",
        shape: str = "",
        via: Form | None = None,
    ) -> CallMatch:
        """Build the match of a row, and of the rows of the same path behind it."""
        first = self._one(call, method, client or {}, instance, shape, via)
        again = self._again.get(call["path"], ())
        return (
            first._replace(
                alternatives=tuple(self._one(row, method, client or {}, instance, shape, via) for row in again)
            )
            if again
            else first
        )

    def _one(self, call: Row, method: str, client: Row, instance: str, shape: str, via: Form | None) -> CallMatch:
        stream = call.get("stream", "")
        shape = shape or call.get("shape") or ("iterator" if stream == "always" else "value")
        gives = self._promises and shape not in _AT_ONCE
        whole = f"{instance}.{method}" if instance else method
        return CallMatch(
            entry=self.entry,
            target=whole.replace("()", ""),
            method=method,
            client=instance,
            is_async=_is_async(call, default=_is_async(client, default=gives)),
            stream=stream,
            shape=cast("Shape", shape),
            confidence=Confidence(call.get("confidence", "high")),
            fails=call.get("fails", ""),
            timeout=timeout_of(call.get("timeout")) or timeout_of(client.get("timeout")) or self._timeout,
            when=conditions(call.get("when")),
            unless=(*conditions(client.get("unless")), *conditions(call.get("unless"))),
            via=via,
            carrier=carrier_of(client.get("carrier")) or self._carrier,
            options_at=call.get("options_at", self._options_at),
            through=tuple(call.get("through", self._through)) if instance else (),
        )


def _is_async(row: Row, *, default: bool | None) -> bool | None:
    value = row.get("async", default)
    return None if value == "awaited" else cast("bool | None", value)


def renames(table: Row) -> Iterable[tuple[str, str]]:
    """Give all pairs (path, what it is) of a table of any kind."""
    for key in ("aliases", "returns"):
        for row in table.get(key, ()):
            yield row["path"], row["is"]
    for client in table.get("clients", ()):
        # A monitor's client says `covers`: it stays what it is, or the monitor would be lost.
        if isinstance(client, dict) and "is" in client and "covers" not in client:
            yield client["path"], client["is"]
