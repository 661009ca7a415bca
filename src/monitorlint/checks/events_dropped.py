"""What it does
------------
Reports a `beforeSend` that sends no event at all: it returns nothing, or null, whatever it is given.

Why is this bad?
----------------
The SDK asks `beforeSend` for the event to send. Null throws the event away; nothing is taken for a mistake, and the
event is thrown away, too. Sentry is set up, and stays empty.

Example
-------
::

    Sentry.init({
      dsn,
      beforeSend(event) {
        delete event.user;
      },
    });

Use instead
-----------
::

    Sentry.init({
      dsn,
      beforeSend(event) {
        delete event.user;
        return event;
      },
    });

How it decides
--------------
The function stands in the call of `init`, or is found by its name, and none of its `return` statements gives back
anything but null (in Python: `None`). The same holds for `beforeSendTransaction` and `before_send`. Calls under a
condition, and those of tests, are left out: there it is meant.

References
----------
- `_validateBeforeSendResult` in @sentry/core 10.78.0 and 11.12.0: "must return `null` or a valid event"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call, is_init
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON443",
    name="events-dropped",
    summary="A beforeSend that sends no event at all",
    kind="setup",
    severity=Severity.ERROR,
    default=False,
)

_HOOKS = ("beforeSend", "beforeSendTransaction", "before_send", "before_send_transaction")


def check(judged: Judged) -> Iterator[Finding]:
    """Every such function."""
    setup = judged.setup
    for call in setup.use.calls:
        if not is_init(call) or call.is_handled or call.area != "app":
            continue
        for name in _HOOKS:
            given = call.options[name].returns if name in call.options else ""
            if given:
                what = "events" if name in {"beforeSend", "before_send"} else "transactions"
                message = f"{name} returns {given} for every event: no {what} are sent"
                yield at_call(RULE, setup, call, message, option=name, note="return the event at its end")
