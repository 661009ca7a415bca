"""Which form of a helper suits a call: decided from where the call stands, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from monitorlint.languages.python.rewrite.lambdas import lambda_obstacle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from monitorlint.languages.python.rewrite.place import Place
    from monitorlint.model.remedy import Remedy


STAYS_OPEN = "the connection stays open while the block runs, and all that time would count as the call's"
"""Why the ``with`` of a connection gets no helper."""


class Form(Enum):
    """How a helper is put around a call."""

    WITH = "with"
    """A ``with`` statement around the simple statement."""
    ITEM = "item"
    """One more item before the call's own in the same ``with``."""
    CALL = "call"
    ACALL = "acall"
    STREAM = "stream"
    ASTREAM = "astream"


class Around(Enum):
    """What a call stands in."""

    SIMPLE = "simple"
    """A simple statement that a ``with`` may go around."""
    ITEM = "item"
    """An item of a ``with`` statement."""
    HEAD = "head"
    """The head of a compound statement, or a simple one that a ``with`` does not suit."""
    COMPREHENSION = "comprehension"
    LAMBDA = "lambda"


@dataclass(frozen=True, slots=True)
class Choice:
    """A form, or why there is none."""

    form: Form | None
    reason: str = ""
    """Why no form will do, one line; ``""`` when one does."""
    is_certain: bool = True
    """The rewritten code surely behaves the same; False: the user has to look."""


_SIMPLE = frozenset(
    {"expression_statement", "return_statement", "assert_statement", "raise_statement", "delete_statement"}
)
_FAILING = frozenset({"assert_statement", "raise_statement"})
"""Statements that raise on purpose: a ``with`` around them would report their exception as the call's."""
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)
_AWAITING = frozenset({"gather", "wait_for", "shield", "wait", "create_task", "ensure_future"})
"""Functions of asyncio that await the coroutines they are handed, or give something that stands for them."""
_RUNNING = frozenset({"run", "run_until_complete"})
"""Functions of asyncio (trio, anyio) that run a coroutine to its end."""
_KEEPING = frozenset(
    "partial partialmethod submit map imap imap_unordered starmap apply_async map_async Thread Process Timer "
    "run_in_executor create_task ensure_future call_soon call_soon_threadsafe call_later add_task add_job enqueue "
    "defer delay".split()
)
"""Functions that keep what they are handed and run it later, or elsewhere."""


_COROUTINE = "to_thread"
"""The function that makes a coroutine of a function."""


def choose(place: Place, remedy: Remedy) -> Choice:
    """The form for the call at ``place``."""
    around = around_of(place)
    awaited = is_awaited(place)
    if hands_over(place, remedy):
        return _handed_over(place, remedy, around, awaited=awaited)
    if around is Around.ITEM:
        return Choice(None, STAYS_OPEN) if remedy.is_connection else Choice(Form.ITEM)
    if remedy.stream != "no":
        return _as_call(place, Form.ASTREAM if remedy.is_async else Form.STREAM)
    if remedy.is_async and not awaited:
        if around is Around.SIMPLE and _consumer(place):
            return Choice(Form.WITH)
        # The stream form makes the coroutine at once and watches it until whoever awaits it is done.
        return _as_call(place, Form.ASTREAM)
    if around is Around.SIMPLE:
        return Choice(Form.WITH)
    # What is awaited is a coroutine, whatever is known of the client.
    return _as_call(place, Form.ACALL if remedy.is_async or awaited else Form.CALL)


def around_of(place: Place) -> Around:
    """What the call stands in."""
    child = place.node
    for node in place.ancestors_to_statement:
        if node.type == "lambda" and node.child_by_field_name("body") == child:
            return Around.LAMBDA
        if node.type in _COMPREHENSIONS and not _is_first_source(node, child):
            return Around.COMPREHENSION
        if node.type == "with_clause":
            return Around.ITEM
        child = node
    statement = place.statement
    if statement.type not in _SIMPLE or statement.type in _FAILING or _yields(statement):
        return Around.HEAD
    return Around.SIMPLE


def hands_over(place: Place, remedy: Remedy) -> bool:
    """The function is an argument here, and not called: ``to_thread(requests.get, url)``."""
    tail = remedy.target.rpartition(".")[2]
    arguments = place.node.child_by_field_name("arguments")
    if arguments is None or _callee_tail(place.source.text_of, place.node) == tail:
        return False
    return any(
        child.type in {"identifier", "attribute"} and place.source.text_of(child).rpartition(".")[2] == tail
        for child in arguments.named_children
    )


def is_awaited(place: Place) -> bool:
    """The call is the operand of ``await``."""
    return _await_of(place.node) is not None


def _as_call(place: Place, form: Form, *, is_certain: bool = True) -> Choice:
    obstacle = lambda_obstacle(place)
    return Choice(None, obstacle) if obstacle else Choice(form, is_certain=is_certain)


def _handed_over(place: Place, remedy: Remedy, around: Around, *, awaited: bool) -> Choice:
    if remedy.stream != "no":
        return Choice(None, "a stream that is opened by another function is watched where it is read")
    if awaited or _consumer(place) or _is_called(place.node, is_async=remedy.is_async):
        if around is Around.SIMPLE:
            return Choice(Form.WITH)
        if awaited:
            return _as_call(place, Form.ACALL)
    tail = _callee_tail(place.source.text_of, place.node)
    if tail == _COROUTINE:
        return _as_call(place, Form.ASTREAM)
    if remedy.is_async or tail in _KEEPING or around is not Around.SIMPLE:
        return Choice(None, f"the function is handed to {tail}(), and runs when this statement is done")
    return Choice(Form.WITH, is_certain=False)


def _is_called(node: Node, *, is_async: bool) -> bool:
    """What a call gives runs on the spot: ``await sync_to_async(get)(url)``, ``async_to_sync(aget)(url)``."""
    outer = node.parent
    if outer is None or outer.type != "call" or outer.child_by_field_name("function") != node:
        return False
    return is_async or _await_of(outer) is not None


def _consumer(place: Place) -> str:
    """The function that awaits or runs, within the statement, the coroutine that it is handed; else ``""``."""
    text_of = place.source.text_of
    child = place.node
    for node in place.ancestors_to_statement:
        if node.type == "lambda" or node.type in _COMPREHENSIONS:
            return ""
        if node.type == "call" and node.child_by_field_name("arguments") == child:
            tail = _callee_tail(text_of, node)
            if tail in _RUNNING or (tail in _AWAITING and _await_of(node) is not None):
                return tail
            if tail not in _AWAITING:
                return ""
        child = node
    return ""


def _callee_tail(text_of: Callable[[Node], str], call: Node | None) -> str:
    function = call.child_by_field_name("function") if call is not None else None
    return text_of(function).rpartition(".")[2] if function is not None else ""


def _await_of(node: Node) -> Node | None:
    """The ``await`` whose operand a call is."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent if parent is not None and parent.type == "await" else None


def _is_first_source(comprehension: Node, child: Node) -> bool:
    """``child`` is the first clause of a comprehension: what it goes through is made outside."""
    clauses = [c for c in comprehension.named_children if c.type == "for_in_clause"]
    return bool(clauses) and clauses[0] == child


def _yields(statement: Node) -> bool:
    """The statement hands a value out and waits: what that takes is the consumer's time."""
    todo = [statement]
    while todo:
        node = todo.pop()
        if node.type == "yield":
            return True
        if node.type != "lambda":
            todo.extend(node.named_children)
    return False
