"""Functions that a framework of agents runs inside its own runs: tools, hooks, models and retrievers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from monitorlint.index.calls import find_calls
from monitorlint.index.forms import Monitor
from monitorlint.index.values import Defined, External
from monitorlint.index.view import tail_of, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from monitorlint.index.around import Around
    from monitorlint.index.auto import AutoInstrumentation
    from monitorlint.index.calls import FoundCall
    from monitorlint.index.handlers import Handlers
    from monitorlint.index.project import Project
    from monitorlint.index.values import Value
    from monitorlint.index.verdict import Verdict
    from monitorlint.index.view import FileView

    Above: TypeAlias = Callable[[FileView, int], Verdict]
    """Who monitors a call, by its number in its file, from further up."""

# Top-level modules of frameworks that run functions they are handed, and the family that runs each other's.
_FAMILIES = {
    "agents": "openai-agents",
    "agno": "agno",
    "autogen_agentchat": "autogen",
    "autogen_core": "autogen",
    "crewai": "crewai",
    "deepagents": "langchain",
    "google.adk": "google-adk",
    "haystack": "haystack",
    "langchain": "langchain",
    "langchain_core": "langchain",
    "langgraph": "langchain",
    "llama_index": "llama-index",
    "pydantic_ai": "pydantic-ai",
    "semantic_kernel": "semantic-kernel",
    "smolagents": "smolagents",
    "strands": "strands",
}
# A call that runs an agent or a graph of the family: its distribution and method.
_RUNS = {
    "langchain": ("langgraph", "invoke"),
    "openai-agents": ("openai-agents", "agents.Runner.run"),
    "pydantic-ai": ("pydantic-ai", "run"),
    "crewai": ("crewai", "kickoff"),
    "agno": ("agno", "run"),
    "google-adk": ("google-adk", "run_async"),
}
CHAINS = "langchain chains"
"""Stands for what LangChain runs as a part of a chain."""
_RUNNABLES = ("langchain_core.runnables.", "langchain.schema.runnable.")
_TOOLS = frozenset({"tool", "tool_plain", "function_tool", "kernel_function"})
# Methods that a framework calls on a subclass of one of its own classes, inside a run: of tools and agents, of models,
# and of what finds documents. What keeps memories or sessions is called outside of the spans, too.
_CALLED = frozenset(
    "run arun call acall execute forward invoke ainvoke stream run_async run_live __call__ _run _arun _call _acall "
    "_run_async_impl _run_live_impl on_messages on_messages_stream "
    "_generate _agenerate _stream _astream generate generate_stream generate_content_async get_response "
    "stream_response request request_stream create create_stream structured_output complete acomplete chat achat "
    "stream_complete astream_complete stream_chat astream_chat "
    "_get_relevant_documents _aget_relevant_documents compress_documents acompress_documents _retrieve _aretrieve "
    "_query _aquery custom_query acustom_query _postprocess_nodes _apostprocess_nodes _get_query_embedding "
    "_aget_query_embedding _get_text_embedding _aget_text_embedding _get_text_embeddings _aget_text_embeddings".split()
)
# Methods and attributes of a tool of LangChain that run it.
_RUNNING = frozenset("invoke ainvoke run arun coroutine func".split())
MAX_BASES = 6
"""Classes of the project are followed up to the framework's through this many others."""


class Tools:
    """Tells which framework may run a function, and whether its runs are monitored."""

    def __init__(self, project: Project, auto: AutoInstrumentation, around: Around, handlers: Handlers) -> None:
        self._project = project
        self._auto = auto
        self._around = around
        self._handlers = handlers
        self._runs: dict[str, tuple[Monitor, tuple[str, int]] | None] = {}

    def family(self, view: FileView, scope: int, handed: Iterable[tuple[FileView, int]]) -> str:
        """The framework that may run a function; ``""``: none.

        :param handed: Calls that the function is handed to.
        """
        if not self._project.is_app(view.path):
            return ""
        return self._decorated(view, scope) or self._inherited(view, scope) or self._handed(handed)

    def family_around(self, view: FileView, number: int) -> str:
        """The framework that is handed the lambda in which a call stands: ``RunnableLambda(lambda x: ask(x))``."""
        if view.facts.scopes[view.facts.calls[number].scope].kind != "lambda" or not self._project.is_app(view.path):
            return ""
        handed = [(view, outer) for outer in self._around.run_in(view, number)]
        callees = (value for call in handed for value in self._project.resolver.callee(*call))
        if any(isinstance(value, External) and value.path.startswith(_RUNNABLES) for value in callees):
            return CHAINS
        return self._handed(handed)

    def _decorated(self, view: FileView, scope: int) -> str:
        here = view.facts.scopes[scope]
        for decorator in here.decorators:
            values = self._project.resolver.resolve(decorator, view, here.parent, here.start)
            for value in values:
                if family := _family_of(value):
                    return family
            if not values and tail_of(view.callee_of(decorator)) in _TOOLS:
                # `@agent.tool` on an agent that somebody hands in.
                for row in view.facts.imports:
                    if family := _family(row.target):
                        return family
        return ""

    def _inherited(self, view: FileView, scope: int) -> str:
        here = view.facts.scopes[scope]
        if here.parent <= 0 or view.facts.scopes[here.parent].kind != "class" or here.name not in _CALLED:
            return ""
        todo: list[Value] = list(self._project.resolver.bases(view.path, here.parent))
        for _ in range(MAX_BASES):
            if not todo:
                return ""
            base = todo.pop(0)
            if family := _family_of(base):
                return family
            if isinstance(base, Defined):
                todo.extend(self._project.resolver.bases(base.file, base.scope))
        return ""

    def _handed(self, handed: Iterable[tuple[FileView, int]]) -> str:
        for view, number in handed:
            for value in self._project.resolver.callee(view, number):
                if family := _family_of(value):
                    return family
        return ""

    def run(self, family: str, above: Above) -> tuple[Monitor, tuple[str, int]] | None:
        """A monitor of some run of a framework in the project, and where the run stands.

        :param above: Who monitors a call from further up.
        """
        if family not in self._runs:
            self._runs[family] = None
            self._runs[family] = self._find_run(family, above)
        return self._runs[family]

    def _find_run(self, family: str, above: Above) -> tuple[Monitor, tuple[str, int]] | None:
        of = "langchain" if family == CHAINS else family
        is_seen = False
        for view in self._project.views():
            imports = self._project.store.imports(view.path)
            if not self._project.is_app(view.path) or all(_family(module) != of for module in imports):
                continue
            for found in find_calls(self._project, view):
                if not _is_run(found, family):
                    continue
                is_seen = True
                monitor = self._around.of(view, found.number) or self._handlers.of(found).monitor
                covered = self._auto.cover(found) if monitor is None else None
                if covered is not None:
                    switch, level, _ = covered
                    monitor = Monitor("auto", level, switch.auto.target, switch.path, switch.row)
                monitor = monitor or above(view, found.number).monitor
                if monitor is not None:
                    return monitor, (view.path, view.facts.calls[found.number].row)
            for number in _run_by_hand(view) if family == "langchain" else ():
                monitor = self._around.of(view, number) or above(view, number).monitor
                if monitor is not None:
                    return monitor, (view.path, view.facts.calls[number].row)
        # A server that is not seen here may run it.
        on = self._auto.anywhere(*_RUNS[of]) if of in _RUNS else None
        if on is not None:
            return Monitor("auto", on.auto.level, on.auto.target, on.path, on.row), (on.path, on.row)
        # `session.get("agent").astream(question, config={"callbacks": [handler]})`: what is run, nothing here tells.
        handler = self._handlers.anywhere if of == "langchain" and not is_seen else None
        return (handler, (handler.path, handler.row)) if handler is not None else None


def _run_by_hand(view: FileView) -> Iterator[int]:
    """The calls that run something that is called a tool, whoever made it: ``await tool.ainvoke(arguments)``."""
    for tail in sorted(_RUNNING & view.calls_by_tail.keys()):
        for number in view.calls_by_tail[tail]:
            callee = view.facts.calls[number].callee
            if isinstance(callee, str) and "tool" in words_of(callee.rpartition(".")[0].rpartition(".")[2]):
                yield number


def _is_run(found: FoundCall, family: str) -> bool:
    """Whether a call runs an agent or a graph, and not a model alone."""
    target = found.match.target
    if family == CHAINS:
        return target.startswith(_RUNNABLES) or _is_run(found, "langchain")
    if found.match.entry.kind != "ai" or _family(target) != family or "embed" in target.lower():
        return False
    return family != "langchain" or target.startswith(("langgraph", "deepagents")) or "agent" in target.lower()


def _family_of(value: Value) -> str:
    return _family(value.path) if isinstance(value, External) else ""


@cache
def _family(path: str) -> str:
    names = path.replace("()", "").split(".")
    family = _FAMILIES.get(names[0]) or _FAMILIES.get(".".join(names[:2]))
    return family or ("langchain" if names[0].startswith("langchain_") else "")
