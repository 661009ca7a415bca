"""The rows that the catalogue answers with.

They are named tuples because every run makes these classes: ten dataclasses cost it 4 ms more.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from monitorlint.model.finding import Confidence
from monitorlint.model.rows import NamedTuple
from monitorlint.model.site import Level

Literals: TypeAlias = "str | int | float | bool | None"
Shape: TypeAlias = Literal["value", "context", "iterator", "await-iterator", "job", "socket", "sync", "lazy"]
How: TypeAlias = Literal[
    "call", "import", "env", "assign", "command", "setting", "declared", "patch", "alike", "set up"
]

SITE_KINDS: Final = ("ai", "http", "db", "email", "file")
"""What the calls of the catalogue do."""


class Carrier(NamedTuple):
    """The client of another package that a call goes out through: what covers that covers the call."""

    package: str = ""
    """Distribution; ``""``: of the client that the constructor is handed at ``argument``."""
    argument: int | None = None
    methods: tuple[str, ...] = ()
    """What is called on the carrier, any of these."""


class Entry(NamedTuple):
    """One ``[[python]]`` table of a rules file."""

    kind: str
    """``ai``, ``http``, ``db``, ``email`` or ``file``."""
    provider: str
    package: str
    """Distribution name."""
    versions: str
    """Range in which the entry holds; ``""``: always."""
    source: str
    """The rules file, as users see it."""
    errors: tuple[str, ...] = ()
    """Exceptions whose handler catches whatever its calls raise, such as ``openai.OpenAIError``."""
    over: tuple[Carrier, ...] = ()
    """What may lie below the package: the HTTP client inside it, such as ``httpx`` (without methods: what instruments
    that sees the requests of its calls, and nothing of what a model is asked); SDKs that it may call models through."""


class Timeout(NamedTuple):
    """What limits a call. Seconds, unless ``milliseconds``."""

    call: tuple[str, ...] = ()
    """Keywords of the call."""
    client: tuple[str, ...] = ()
    """Keywords of the client's constructor."""
    position: int | None = None
    """Where the limit stands among the positional arguments of the call."""
    client_position: int | None = None
    """Likewise for the client's constructor."""
    client_options: int | None = None
    """Where the constructor takes the object with its options, in languages without keywords."""
    default: float | None = None
    """Seconds that hold when nobody says anything; None: unknown, or no limit (``unlimited``)."""
    unlimited: bool = False
    versions: str = ""
    """Range of the package in which that holds; outside it the default is not known. ``""``: always."""
    elsewhere: tuple[str, ...] = ()
    """What may limit all calls of a client, or of the package: paths assigned, or called with arguments (``()``)."""
    milliseconds: bool = False
    """The keywords take milliseconds (``default`` is in seconds all the same)."""
    takes_object: bool = False
    """The keywords of the call take an object of the library's, not a plain number."""


class Condition(NamedTuple):
    """A question about one argument.

    It holds when the argument is one of ``values`` or ``paths``; without either, when it is given at all.
    """

    keyword: str = ""
    argument: int | None = None
    """Position."""
    values: tuple[Literals, ...] = ()
    paths: tuple[str, ...] = ()
    """Canonical paths of what the argument may be, such as ``httpx.ASGITransport()``."""
    beside: tuple[str, ...] = ()
    """Not about an argument: the file makes one of these, and nothing else that takes spans on."""
    on_call: bool = False
    """It asks about the call itself, not about the constructor of its client."""
    on_maker: bool = False
    """It asks about the call that gives what this one is a method of: ``logger.opt(exception=True).error(…)``."""


class Form(NamedTuple):
    """One way to monitor: a span, decorator, wrapper, monitored client, callback, or call that runs a function."""

    vendor: str
    """The monitor's name, such as ``sentry``."""
    package: str
    """The monitor's distribution."""
    path: str
    """Canonical path, as the rules file writes it (globs included)."""
    level: Level
    group: str = ""
    """The ``covers`` group that says what is monitored; ``""`` or ``*``: whatever it holds. Captures: the group of the
    switch under which the monitor takes on what is logged."""
    argument: int = 0
    """Wrappers and calls: position of the client, or of the function that is run."""
    target: str = ""
    """Monitored clients: the path of the plain client."""
    in_place: bool = False
    """Wrappers: the client that was passed is monitored from here on, whatever becomes of the result."""
    when: tuple[Condition, ...] = ()
    """Captures: all must hold for the call."""
    member: str = ""
    """Captures: the integration that must be on, under a switch of the monitor in the same program."""
    unless: tuple[Condition, ...] = ()
    """Captures: none may hold for the constructor of ``member``."""
    given: tuple[Condition, ...] = ()
    """Captures: all must hold for a constructor of ``member`` beside the switch."""
    catches: bool = False
    """Captures: it is no call of a handler's, but a decorator, or stands in a ``with``, and catches by itself."""
    starts: tuple[str, ...] = ()
    """Last names of what makes the monitor record: where the application names none of them, nothing is."""
    if_called: str = ""
    """Captures: what the application must call somewhere."""
    otherwise: str = ""
    """Captures: what leaves in doubt that the error is sent, where not all of ``when`` hold; ``""``: it is not sent."""
    at_return: bool = False
    """Decorators: the monitor ends when the function returns, also where what it returns is a generator."""

    @property
    def is_taken(self) -> bool:
        """Whether a capture sends nothing by itself: the monitor takes it on, where it is set up to."""
        return bool(self.member or self.group)


class ClientMatch(NamedTuple):
    """What a path ending in a client is."""

    entry: Entry
    path: str
    """Canonical, such as ``openai.OpenAI()``."""
    is_async: bool | None
    """None: decided by how a call stands."""
    timeout: Timeout | None = None
    unless: tuple[Condition, ...] = ()
    """The client sends nothing when one of these holds for its constructor."""
    via: Form | None = None
    """The monitor whose class it is."""


class CallMatch(NamedTuple):
    """A call that leaves the process."""

    entry: Entry
    target: str
    """Canonical dotted name without ``()``, such as ``openai.OpenAI.chat.completions.create``."""
    method: str
    """Relative to the client (``chat.completions.create``, ``__call__``), or the whole path of a function."""
    client: str
    """Path of the client, such as ``openai.OpenAI()``; ``""`` for a function."""
    is_async: bool | None
    stream: str
    """``""`` never, ``always``, or the keyword that asks for a stream."""
    shape: Shape
    """What the call gives back; with a keyword in ``stream``: when no stream is asked for."""
    confidence: Confidence
    fails: str = ""
    """Where what fails shows that the call does not raise: ``event``, told a listener; ``stream``, a part of that."""
    timeout: Timeout | None = None
    when: tuple[Condition, ...] = ()
    """All must hold for the client's constructor (for a function: for the call)."""
    unless: tuple[Condition, ...] = ()
    """None may hold, likewise."""
    via: Form | None = None
    """The monitor whose class the client is."""
    carrier: Carrier | None = None
    options_at: int | None = None
    """Where the object stands among the positional arguments of the call that holds its options; None: the last one."""
    through: tuple[str, ...] = ()
    """Methods of the client that the call is made through, outermost first: a class may have one of its own."""
    alternatives: tuple[CallMatch, ...] = ()
    """What the same callee does where the conditions of this row do not hold, in the order of the rules file."""


class Auto(NamedTuple):
    """Something that instruments the whole project."""

    vendor: str
    package: str
    how: How
    target: str
    """Path called, module imported, environment variable, path assigned, command run, name in Django's settings, or
    distribution that is asked for.

    What stands in no rules file: of a ``patch``, the package of which something is replaced; of an ``alike``, the
    package that is named like a monitor; of a ``set up``, what another package sets one up by."""
    group: str
    """``*``: every group of the vendor; ``vendor/group``: one of another vendor."""
    level: Level
    values: tuple[Literals, ...] = ()
    """Environment variables and assignments: the values that switch it on; empty: any but an empty one."""
    when: tuple[Condition, ...] = ()
    """All must hold for the call."""
    unless: tuple[Condition, ...] = ()
    """Where one holds, only members that are named explicitly (``adds``) are on."""
    adds: tuple[str, ...] = ()
    """Keywords whose members are on in any case."""
    only: str = ""
    """Keyword whose members are the only ones that are on; ``**``: the members are the keywords that are true."""
    drops: str = ""
    """Keyword whose members are off."""
    doubt: str = ""
    """What is not known of the switch; then it proves nothing."""
    side: str = ""
    """``server`` or ``browser``: it covers this only there; a switch whose side is not known is on either."""


class Option(NamedTuple):
    """An argument of a client's constructor, or of a call, that makes a monitor see its traffic."""

    vendor: str
    package: str
    keyword: str
    group: str
    level: Level
    contains: str = ""
    """Text within the literal, or within one of its keys or values."""
    values: tuple[Literals, ...] = ()
    paths: tuple[str, ...] = ()
    excluded: tuple[Literals, ...] = ()
    """Literals that do not switch it on; anything else does."""
    on_call: bool = False
    """The argument is one of the call itself."""
    to_others: bool = False
    """What it tells goes to whatever other packages have set up."""


class Cover(NamedTuple):
    """A row of a coverage table."""

    vendor: str
    group: str
    package: str
    """Distribution of the SDK; ``*``: any."""
    methods: tuple[str, ...]
    level: Level
    """What holds without further ado; may be ``none`` when ``traced_if`` is set."""
    versions: str = ""
    monitor_versions: str = ""
    traced_if: tuple[str, ...] = ()
    """Keywords of the auto call that raise the level to ``traced``."""
    unless_importable: tuple[str, ...] = ()
    """Distributions and top-level modules: where the project has one, the row is off unless ``member`` is named."""
    unless_monitor_versions: str = ""
    """Versions of the monitor for which ``unless_importable`` holds; ``""``: all."""
    if_importable: tuple[str, ...] = ()
    """Likewise: the row holds only where the project has one of these."""
    distribution: str = ""
    """What must be installed for a switch that turns on whatever is installed (group ``*``)."""
    member: str = ""
    """Path of the integration or instrument that stands for this row in ``Auto.adds``, ``only`` and ``drops``."""
    opt_in: bool = False
    """Holds only when ``member`` is named explicitly."""
    direct: bool = False
    """Holds for calls of the package itself, not for those of an SDK whose requests it carries."""
    unless: tuple[Condition, ...] = ()
    """Conditions on the call that switches the row on, or with ``on_call`` on the covered call: the row is off."""
    off_by: tuple[str, ...] = ()
    """Members that turn the row off, with the argument that is false then: ``@sentry/node.httpIntegration().spans``."""
    called: tuple[str, ...] = ()
    """Names of the integrations that stand for this row: where a list is filtered by one, the row is in doubt."""
    at_load: str = ""
    """Versions of the monitor that patch the package while it is loaded, and see nothing of what was loaded before."""
    by_channel: bool = False
    """What it covers is heard of on a channel of Node's, on which Bun sends nothing."""
    within: tuple[str, ...] = ()
    """Modules of frameworks, and names of functions (``begin()``) that start what they start: the row holds only for
    calls that run in a program with one of them."""
    named: tuple[str, ...] = ()
    """Words of which the application has to have one, such as the names of what starts the span that a call is in."""
