"""The names by which a loop's calls and conditions say what they are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from monitorlint.model.patterns import pattern

_HUMP = pattern(r"(?<=[a-z0-9])(?=[A-Z])")


MAX_NAME: Final = 500
"""Characters. What is longer is no name that says anything, and would be searched for seconds."""


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """``next_cursor`` for ``nextCursor``: the lists below spell every name in one way."""
    name = name.replace("#", "")
    return name if name.islower() else _HUMP.sub("_", name).lower()


def method(how: str) -> str:
    """Name of the method that a write of this kind calls, ``""`` for every other write."""
    return fold(how[1:]) if how[:1] == "." else ""


class Spelling:
    """A pattern for names, however they are spelt."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self._pattern = pattern(text, flags)

    def search(self, text: str) -> re.Match[str] | None:
        return self._pattern.search(fold(text)) if len(text) <= MAX_NAME else None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _names(text: str) -> frozenset[str]:
    return frozenset(map(fold, text.split()))


SLEEP_PATHS: Final = _words(
    "time.sleep asyncio.sleep anyio.sleep trio.sleep gevent.sleep eventlet.sleep curio.sleep tornado.gen.sleep "
    "eventlet.greenthread.sleep timers/promises.setTimeout timers.promises.setTimeout Bun.sleep scheduler.wait"
)
SLEEP: Final = Spelling(
    r"^(?!get_|next_|calc|compute|set_|should|is_|has_)"
    r"(.*_)?(a?sleep|usleep|msleep|snooze|delay|backoff|pause|wait)(_(for|until|seconds|ms|random|some|a_bit|async))?$"
    r"|wait_for_timeout|Sleep$"
)
CLOCK: Final = _names(
    "time monotonic perf_counter process_time time_ns monotonic_ns perf_counter_ns now utcnow today localnow "
    "clock get_time current_time timestamp ticks_ms default_timer total_seconds elapsed elapsed_time hrtime"
)
TIMEOUT_SCOPES: Final = _names("timeout timeout_at fail_after fail_at move_on_after move_on_at Timeout time_limit")
TIMEOUT_CHECK: Final = Spelling(
    r"^_*(check|raise|enforce|assert|throw|test)\w*(time_?out|deadline|timed|expired|aborted|cancell?ed)", re.IGNORECASE
)
GIVES_UP: Final = Spelling(
    r"(^|_)((should|can|may)_?(retry|continue|try|reconnect)|re_?raise|or_raise|give_?up|exceeded|exhausted|remaining|"
    r"(time|tries|attempts|retries)_left|max_?(retries|attempts|tries)|handle_retry)(_|$)",
    re.IGNORECASE,
)
"""A call by which something else counts the turns or watches the clock for the loop."""
TOLD_OF_ERRORS: Final = Spelling(
    r"^(handle|check|on|process|record|register|note|count)_(\w+_)?(error|exception|failure|retry|attempt)$"
)
"""A handler hands its error to something that may raise it again."""
GIVEN_UP: Final = Spelling(
    r"give_?up|gave_?up|given_up|exhausted|(can|may|should)_(retry|try)|(tries|retries|attempts)_left|"
    r"(limit|retries|attempts|tries)_exceeded|out_of_(retries|attempts|tries)",
    re.IGNORECASE,
)
"""What such a thing is asked."""
BEGINNING: Final = Spelling(
    r"(^|[._])(start|start_?(time|ed\w*|ts|at)|began|begin\w*|deadline|lifetime|until|expir\w*|t0)$"
)
TIMED_OUT: Final = Spelling(
    r"(timed_?out|time_?out|expired|deadline|elapsed|max_wait|time_?left|time_?limit)", re.IGNORECASE
)

PROMPT_PATHS: Final = _words(
    "input getpass.getpass click.prompt click.confirm click.getchar click.pause typer.prompt typer.confirm "
    "speech_recognition.Recognizer().listen"
)
PROMPT: Final = _names(
    "raw_input getpass prompt prompt_async getch getche getchar getkey get_key get_wch readkey read_key waitKey "
    "pollKey get_input get_user_input user_input ask_user get_user_message human_input prompt_user read_input "
    "get_multiline_input question"
)
ASKS: Final = Spelling(
    r"^(ask|confirm)($|_(user|person|human|again|for|yes|to|whether))|(^|_)(ask|confirm)\w*_(user|person|human)$|"
    r"^(?!(get|build|make|format|create|render|load|gen\w*|compose|prepare|construct|set|update|add|log|save|run|to)_)"
    r"\w+_prompt$|^prompt_\w*(user|for|confirm|choice)"
)
ASKERS: Final = _names("prompts prompter questions dialogs")
"""Names by which a project's own function waits for a person."""
KEYS: Final = _names("getch getche getchar getkey get_key get_wch readkey read_key waitKey pollKey")
PROMPT_PACKAGES: Final = pattern(r"^(@clack/prompts|@inquirer/[\w-]+|inquirer|enquirer|prompts|readline-sync)(\.|$)")
PROMPT_OWNERS: Final = pattern(
    r"(^|\.)(questionary|inquirer|Prompt|Confirm|IntPrompt|FloatPrompt|prompt_session|pygame\.event)\b"
)

PUMP: Final = _names(
    "accept get_msg get_message get_next_message handle_request brpop blpop brpoplpush blmove bzpopmin xread "
    "xreadgroup wait_for_message next_event get_event read_event wait_event getUpdates get_updates run_forever "
    "serve serve_forever start_polling run_polling mainloop listen subscribe consume start_consuming "
    "process_data_events poll_forever reserve dequeue wait_for_event run_once drain_events recvfrom recvmsg "
    "recv_multipart recv_json recv_string recv_pyobj recv_into readuntil GetMessage exec_ websocket_connect "
    "communicate_forever watch blPop brPop blMove xRead xReadGroup nextJob getNextJob takeNext"
)
PUMP_NAME: Final = Spelling(r"^(a?receive|recv)(_|$)|(^|_)(ws|websocket)$")
CONSUMER: Final = Spelling(
    r"(consumer|poller|subscriber|(^|_)sel|socket|sock|selector|epoll|kqueue|reactor|zmq)$", re.IGNORECASE
)
CONDITION: Final = Spelling(r"(cond|condition|cv|not_empty|not_full|notifier|monitor)$", re.IGNORECASE)
STREAM: Final = Spelling(
    r"(^|[._])(ws|websocket|socket|sock|pubsub|listen|subscribe|consumer|channel|queue|events?|messages?|connect|watch)",
    re.IGNORECASE,
)
QUEUE: Final = Spelling(
    r"(queue|(^|_)q$|inbox|mailbox|channel|pending|backlog|(^|_)jobs?$|(^|_)tasks?$|(^|_)todo$|messages|events|buffer|outbox)",
    re.IGNORECASE,
)

LIMIT: Final = Spelling(
    r"(^|[._])(max\w*|\w*limit|capacity|concurren\w*|\w*_(max|size|cap|threads|workers|slots))$", re.IGNORECASE
)
OWN_STATES: Final = _names("is_alive acquire locked empty qsize unfinished_tasks active_count alive")
OWN_TASK: Final = Spelling(r"(^|[._])\w*(fut|futures?|tasks?|threads?|coro|handle|h|f|t)$", re.IGNORECASE)
"""What says how far the program's own threads, tasks, queues and locks are."""
OWN_LOAD: Final = Spelling(
    r"(^|[._])(in_?flight|active|running|outstanding|waiting|threads|workers|futures|processes|procs)\w*$",
    re.IGNORECASE,
)
ROOM: Final = Spelling(
    r"(^|[._])(is_?full|full|has_(capacity|room|space|free_\w+)|capacity|\w*free|free_\w+|available_(slots|workers|threads)|"
    r"can_(accept|submit|spawn|start)\w*)$",
    re.IGNORECASE,
)
"""Names by which a program holds its own work back."""

RUNS_WHILE: Final = Spelling(
    r"(^|_)(running|alive|connected|active|is_open|isopen|opened|enabled|started|listening|keep_?\w*|should_run|"
    r"should_continue|looping|recording|streaming|monitoring|polling|playing|watching|serving|run|paused|suspended)$",
    re.IGNORECASE,
)
KEPT_ALIVE: Final = Spelling(r"(^|[._])(is_|are_)?(ready|online|healthy|up)$", re.IGNORECASE)
"""What a loop that only pauses stays for: it ends when the thing goes down."""
STOPS_WHEN: Final = Spelling(
    r"(^|_)(stop\w*|shut_?down\w*|shutting_down|closed?|closing|cancel\w*|exit\w*|abort\w*|quit\w*|terminat\w*|kill\w*|"
    r"interrupt\w*|halt\w*|disconnected|is_set|dead|destroyed|finaliz\w*|is_finalizing|done_event)$",
    re.IGNORECASE,
)
EXISTENCE: Final = _names("exists is_file is_dir isfile isdir lexists has contains")
STOP_FILE: Final = Spelling(r"(^|[._])\w*(stop|shutdown|quit|kill|exit|abort|sentinel|terminate)\w*$", re.IGNORECASE)
STOP_STATES: Final = Spelling(r"client_state|application_state|ready_?state|web_?socket_?state", re.IGNORECASE)

READ: Final = _names(
    "read readline readlines read1 readinto read_line readchar readany readchunk readexactly read_until recv "
    "recv_into recvfrom next anext __next__ fetchone fetchmany fetch_many islice get_nowait receive_nowait pop "
    "popleft popitem getline read_chunk read_bytes read_text read_frame read_packet read_batch next_chunk getnext "
    "getNextEntry nextset receive recv_bytes get_chunk read_message next_token get_token nexttoken read_block "
    "read_record next_line shift"
)
FILE_READ: Final = _names("readline read")
SHRINK: Final = _names(
    "pop popleft popitem remove discard clear shift splice heappop heappushpop next anext task_done get "
    "get_nowait difference_update intersection_update advance consume step next_token move_next skip delete exec "
    "removeChild replaceChild dequeue"
)
TAKES: Final = Spelling(
    r"^(pop|remove|drop|consume|discard|shift|take|claim|lease|advance|skip|trim|strip|cut|dequeue|drain|prune)"
)
GROW: Final = _names(
    "append add extend update push insert appendleft extendleft put put_nowait setdefault heappush union_update "
    "unshift set enqueue"
)
COLLECTS: Final = _names("append extend appendleft extendleft insert push")
END_OF_INPUT: Final = _words(
    "StopIteration StopAsyncIteration EOFError IndexError KeyError Empty QueueEmpty EndOfStream WouldBlock "
    "IncompleteReadError EndOfFile BlockingIOError"
)
STEPS: Final = _words("+= -= *= /= //= >>= <<= %= &= **= arith count")

BROAD: Final = _words("Exception BaseException StandardError")
SERVICE_ERRORS: Final = _words(
    "KeyboardInterrupt SystemExit CancelledError WebSocketDisconnect GeneratorExit ConnectionClosed "
    "ConnectionClosedOK ConnectionClosedError ClientDisconnect"
)
ERROR: Final = pattern(r"(?:^|\.)_*(?:[A-Z]\w*)?(?:Error|Exception)$")
"""What makes an error, to be raised."""
TRANSPORT: Final = pattern(
    r"(request|http|url|timeout|timedout|connect|network|api|ratelimit|throttl|unavailable|overload|server|"
    r"boto|client|transport|operational|database|deadlock|lock|permission|oserror|ioerror|socket|temporary|transient|retry)\w*$",
    re.IGNORECASE,
)
"""Errors of something outside that may be well again next time."""

RESUMABLE: Final = pattern(r"errno|winerror|EINTR|EAGAIN|EWOULDBLOCK|MORE_DATA|INSUFFICIENT_BUFFER", re.IGNORECASE)
"""What the operating system says of a call that is to be made again."""
HANDS_BACK: Final = _names("ack nack acknowledge reject requeue basic_ack basic_nack basic_reject")

SLICED_WAITS: Final = _names("communicate result wait join get acquire exception future_result put wait_for get_result")
SHIELDED: Final = _names("shield")
"""What only waits for what it is handed, which is asked where it is called: in front of the loop, and then once."""
SLICE_OVER: Final = pattern(r"(Timeout|TimeoutError|TimeoutExpired|Empty|Full)$")
CURSOR: Final = Spelling(
    r"(cursor|next_?page|page_?token|continuation|next_?token(?![a-z_])|has_?more|is_?truncated|next_?link|next_?url|start_?after|next_?marker|@odata\.nextlink)",
    re.IGNORECASE,
)
PAGES_END: Final = pattern(r"""\bnext\b|\blen\(|\.length\b|\btotal|\bmore\b""", re.IGNORECASE)
"""Conditions that may well be about pages: what comes next, how much came, how much there is."""
REFUSED: Final = pattern(r"status_?code\b|\.ok\b|\berr(or)?s?\b", re.IGNORECASE)
"""Conditions about an answer that is none."""
PAGE_NAME: Final = Spelling(
    r"(^|[._])(page|page_?(num|number|no|index|idx|id)?|pagination|offset|cursor|skip|start|start_?(at|after|index|cursor)|next\w*|after|marker|"
    r"token|\w*_token|\w*cursor|params|url|link|continuation\w*|since|before|last_id|max_id|min_id)$",
    re.IGNORECASE,
)
OWN_STORE: Final = Spelling(
    r"(^|[._])(db|database|prisma|drizzle|knex|tx|trx|em|orm|redis|valkey|mongo\w*|pool|repo|repository|collection|"
    r"kv|\w+_(db|repo|repository|dao|collection))$",
    re.IGNORECASE,
)
"""What holds the program's own data: its cursors come to an end as its tables do."""
SCANS: Final = _names("scan sscan hscan zscan scanStream find_many find_all find_first aggregate select query queryRaw")
TOTAL: Final = Spelling(r"total|(num|n)_?pages|pages?_?(count|total)|last_?page|(^|[^a-z])(count|pages)", re.IGNORECASE)
PAGED_ANSWER: Final = Spelling(
    r"(next_?cursor|next_?page|page_?token|next_?token(?![a-z_])|has_?more|is_?truncated|next_?link|next_?marker|continuation_?token|is_?truncated|"
    r"start_?after)",
    re.IGNORECASE,
)
"""Names that only an answer in pages has; ``cursor`` alone may be a place in a text or on a screen."""
RANDOM: Final = pattern(
    r"^(random|uuid|secrets|numpy\.random|faker)\b|(^|\.)(uuid[14]|uuidv4|nanoid|randomUUID|randomBytes|randomInt|Math\.random|randint|randrange|token_hex|token_urlsafe|token_bytes|get_random_string)$"
)
BROWSER: Final = _names(
    "execute_script execute_async_script evaluate evaluate_handle find_element find_elements is_displayed"
)
LOGGING: Final = _names(
    "debug info warning warn error exception critical log print echo write flush fatal trace success notice "
    "print_exc secho logger get_logger rule status update set_description set_postfix"
)
LOGGING_ELSEWHERE: Final = _names("write flush rule status update set_description set_postfix")
"""Of these, methods that say nothing of logging when they are the object's own."""
REFRESH: Final = _names("refresh reload refresh_from_db arefresh_from_db sync poll update")
PURE: Final = _names(
    "get items keys values lower upper strip lstrip rstrip split rsplit splitlines startswith endswith count "
    "index find rfind copy deepcopy format join replace encode decode json loads dumps append add extend match "
    "search group fromisoformat isoformat strftime strptime total_seconds timedelta uniform random randint choice "
    "expovariate min max round ceil floor dict list str int float bool len time monotonic perf_counter now utcnow "
    "raise_for_status partition removeprefix exp pow charAt charCodeAt codePointAt concat entries every filter "
    "findIndex flatMap forEach from fromCharCode getTime has includes indexOf isArray lastIndexOf map reduce slice "
    "some stringify substring substr test toFixed toISOString toLowerCase toString toUpperCase trim trimEnd trimStart "
    "unshift push text arrayBuffer blob parse endsWith startsWith padStart then catch finally at reverse sort"
)
ASKED: Final = _names("search find filter match count index all some every map list")
"""Of these, what another system is asked when the answer is awaited."""
ENDED: Final = _names("done eof ended finished isDone")
"""Fields of a read's value that say that it was the last."""
PROBABLE_AI: Final = _names("act step think plan run_agent invoke ainvoke astep aact athink exec complete chat")
PROBABLE_AI_OWNERS: Final = Spelling(r"(^|[._])(agent|llm|role|graph|assistant|chain)$", re.IGNORECASE)
SESSIONS: Final = _names("connect aconnect websocket_connect start_listening")
"""Calls of an AI SDK that open a connection: what is asked over it is not decided by this loop."""
SEEN: Final = Spelling(r"(seen|visited|processed|handled|already|exclude|done_ids|known)", re.IGNORECASE)
ENDLESS_PATHS: Final = _words("itertools.count itertools.cycle itertools.repeat iter")
