"""Random programs in JavaScript for the codemod. Their shapes are those in which calls stand in real code."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

HEAD = """\
import axios from 'axios';
import OpenAI from 'openai';
import { checked, more, note, through } from './world.mjs';

const client = new OpenAI();
"""


class Programs:
    """Writes random programs."""

    def __init__(self, rng: random.Random, *, has_semicolons: bool) -> None:
        self._rng = rng
        self._semicolon = ";" if has_semicolons else ""
        self._count = 0
        self._is_async = True
        self._has_this = False
        self._depth = 0

    def program(self) -> str:
        """The text of a module with a function ``job(a, b)``."""
        body = [line for _ in range(self._rng.randint(1, 4)) for line in self.statement(3)]
        end = f"return [a, b, c]{self._semicolon}"
        lines = [
            *HEAD.replace(";", self._semicolon).splitlines(),
            "",
            "export async function job(a, b) {",
            f"  let c = 0{self._semicolon}",
            *(f"  {line}" if line else "" for line in body),
            f"  {end}",
            "}",
        ]
        return "\n".join(lines) + "\n"

    def argument(self) -> str:
        """What a request is made with."""
        choices = ["a", "b", "c", "1", "note(a)", "checked(b)", "checked(a)", "[a, b].length", "(c = c + 1)"]
        if self._is_async:
            choices += ["await through(a)", "await through(checked(c))"]
        if self._has_this:
            choices += ["this.n", "this.n", "arguments.length"]
        return self._rng.choice(choices)

    def call(self) -> str:
        """A request: an expression that gives a promise."""
        argument = self.argument()
        return self._rng.choice(
            [
                f"fetch(`https://shop.example.com/${{{argument}}}`)",
                f"fetch('https://shop.example.com/', {{ method: 'PUT', body: {argument} }})",
                f"fetch(\n  'https://shop.example.com/', // where\n  {{ body: `x\n${{{argument}}}` }},\n)",
                f"client.responses.create({{ model: 'm', input: {argument} }})",
                f"client?.responses.create({{ model: 'm', input: {argument} }})",
                f"axios.get('https://shop.example.com/', {{ params: {argument} }}).then((r) => r.data)",
                f"client.responses.create({{ model: 'm', input: {argument} }}).withResponse()",
                f"client.responses.create({{ model: 'm', input: {argument} }}).asResponse()",
            ]
        )

    def expression(self, depth: int) -> str:
        """An expression that gives a number."""
        rng = self._rng
        if depth <= 0 or not self._is_async:
            return rng.choice(["a", "b", "c", "1", "note(b)"])
        one = self.expression(depth - 1)
        return rng.choice(
            [
                f"(await {self.call()}).n",
                f"(await {self.call()}).n",
                f"((await {self.call()}).n + {one})",
                f"((await {self.call()}).n > 1 ? {one} : {self.expression(depth - 2)})",
                f"((await {self.call()}).ok && {one})",
                f"note({one})",
                f"Math.max({one}, {self.expression(depth - 2)})",
                f"(await (await fetch(`https://shop.example.com/${{{one}}}`)).json()).n",
                f"(await Promise.all([{self.call()}, {self.call()}]))[0].n",
                f"(await Promise.allSettled([{self.call()}, through(1)])).length",
                f"(await {self.call()}.then((r) => r.n, () => 7))",
                f"(await {self.call()}.catch(() => ({{ n: 5 }}))).n",
                f"`${{(await {self.call()}).n}}`.length",
                f"(await (a > 1 ? {self.call()} : through({{ n: 1 }}))).n",
                f"(await (async () => (await {self.call()}).n)())",
                f"[1, 2].map((d) => d + {self.plain()}).length",
            ]
        )

    def plain(self) -> str:
        return self._rng.choice(["a", "b", "c", "1"])

    def statement(self, depth: int) -> list[str]:
        """One statement, as lines without their outer indentation."""
        kinds = ["assign", "assign", "assign", "bare", "dropped", "kept", "declared", "returned"]
        deeper = [
            "if_",
            "if_",
            "try_",
            "try_",
            "for_",
            "while_",
            "do_",
            "switch",
            "label",
            "stream",
            "function",
            "method",
        ]
        deeper += [
            "chain",
            "flow",
            "flow",
            "generator",
            "sync_function",
            "sync_function",
            "braceless",
            "early",
            "endless",
            "endless",
        ]
        kind = self._rng.choice(kinds + deeper if depth > 0 else kinds)
        lines: list[str] = getattr(self, f"_{kind}")(depth)
        return lines

    def block(self, depth: int) -> list[str]:
        """Statements of a block, indented."""
        found = [line for _ in range(self._rng.randint(1, 2)) for line in self.statement(depth - 1)]
        return textwrap.indent("\n".join(found), "  ").split("\n")

    def _lines(self, text: str) -> list[str]:
        # A line that begins with a bracket would go on with the one before it.
        start = ";" if not self._semicolon and text.startswith(("(", "[", "`")) else ""
        return f"{start}{text}{self._semicolon}".split("\n")

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def _assign(self, depth: int) -> list[str]:
        return self._lines(f"{self._rng.choice('abc')} = {self.expression(depth)}")

    def _bare(self, depth: int) -> list[str]:
        return self._lines(f"await {self.call()}" if self._is_async else f"note({self.expression(depth)})")

    def _dropped(self, _depth: int) -> list[str]:
        start = self._rng.choice(["", "void "])
        end = self._rng.choice(
            ["", ".then((r) => note(r.n))", ".finally(() => note('done'))", ".catch(() => note('x'))"]
        )
        return self._lines(f"{start}{self.call()}{end}")

    def _kept(self, depth: int) -> list[str]:
        name = self._name("kept")
        if not self._is_async:
            return [*self._lines(f"const {name} = {self.call()}"), *self._lines(f"{name}.catch(() => note('late'))")]
        later = self._rng.choice(
            [f"c = (await {name}).n", f"await {name}.catch(() => note('late'))", f"note(typeof {name})"]
        )
        return [*self._lines(f"const {name} = {self.call()}"), *self.statement(depth - 1), *self._lines(later)]

    def _declared(self, depth: int) -> list[str]:
        if not self._is_async:
            return self._lines(f"const {self._name('d')} = {self.expression(depth)}")
        name = self._name("d")
        return [*self._lines(f"const {{ n: {name} = 3 }} = await {self.call()}"), *self._lines(f"c += {name}")]

    def _returned(self, depth: int) -> list[str]:
        return ["if (a > 2) {", *(f"  {line}" for line in self._lines(f"return {self.expression(depth)}")), "}"]

    def _early(self, _depth: int) -> list[str]:
        return self._lines(f"if (b > 2) return {self.call()}")

    def _if_(self, depth: int) -> list[str]:
        lines = [f"if ({self.expression(depth)} > 1) {{", *self.block(depth)]
        if self._rng.random() < 0.5:
            lines += [f"}} else if ({self.expression(depth - 1)} > 0) {{", *self.block(depth)]
        return [*lines, "} else {", *self.block(depth), "}"]

    def _braceless(self, depth: int) -> list[str]:
        first = [f"  {line}" for line in self._lines(f"c = {self.expression(depth)}")]
        second = [f"  {line}" for line in self._lines(f"c = {self.expression(depth - 1)}")]
        return [f"if ({self.expression(depth - 1)} > 1)", *first, "else", *second]

    def _try_(self, depth: int) -> list[str]:
        caught = (
            self._rng.choice(["  note(error.name)", "  throw new Error(error.message)", "  c = 9"]) + self._semicolon
        )
        end = self._rng.choice([[], [" finally {", *self.block(1), "}"]])
        lines = ["try {", *self.block(depth), "} catch (error) {", caught, "}"]
        if end:
            lines[-1] += end[0]
            lines += end[1:]
        return lines

    def _for_(self, depth: int) -> list[str]:
        name = self._name("e")
        head = self._rng.choice(
            [f"for (const {name} of [1, a])", f"for (let {name} = 0; {name} < 2; {name}++)"]
            + ([f"for await (const {name} of [{self.call()}, 2])"] if self._is_async else [])
        )
        ends = self._rng.choice(
            [[], ["  if (a > 3) continue" + self._semicolon], ["  if (c > 4) break" + self._semicolon]]
        )
        return [f"{head} {{", *ends, *self.block(depth), "}"]

    def _turns(self) -> tuple[list[str], str]:
        """A loop's condition that surely ends it, and the line before it."""
        name = self._name("turns")
        return self._lines(f"let {name} = 0"), f"{name}++ < 3"

    def _while_(self, depth: int) -> list[str]:
        before, condition = self._turns()
        more = self._rng.choice(["", f" && {self.expression(depth - 1)} >= 0"])
        return [*before, f"while ({condition}{more}) {{", *self.block(depth), "}"]

    def _do_(self, depth: int) -> list[str]:
        before, condition = self._turns()
        if self._rng.random() < 0.3:
            return [*before, f"do note(a); while ({condition})" + self._semicolon]
        return [*before, "do {", *self.block(depth), f"}} while ({condition})" + self._semicolon]

    def _endless(self, depth: int) -> list[str]:
        """A loop that nothing in the code limits."""
        if not self._is_async:
            return self._lines("while (more()) note(a)")
        stop = f"if (!more()) break{self._semicolon}"
        body = [*(f"  {line}" for line in self._lines(f"a = (await {self.call()}).n")), *self.block(depth - 1)]
        label = self._name("again")
        first = f"if (!more()) break; a = (await {self.call()}).n;"
        shapes = [
            ["while (true) {", f"  {stop}", *body, "}"],
            ["for (;;) {", f"  {stop}", *body, "}"],
            ["do {", *body, f"}} while (more()){self._semicolon}"],
            [f"while (more()) await {self.call()}{self._semicolon}"],
            [f"while (more() && (await {self.call()}).ok)", f"  note(a){self._semicolon}"],
            [
                "if (a > 0)",
                "  while (more()) {",
                *(f"  {line}" for line in body),
                "  }",
                "else note(b)" + self._semicolon,
            ],
            [f"{label}: while (true) {{ {first} if (a > 3) continue {label}; note(a) }}"],
            [f"switch (1) {{ case 1: note(1); while (more()) {{ a = (await {self.call()}).n }} }}"],
        ]
        return [line for text in self._rng.choice(shapes) for line in text.split("\n")]

    def _switch(self, depth: int) -> list[str]:
        before, condition = self._turns()
        inner = [f"while ({condition}) {{", *self.block(depth - 1), "}"]
        return [
            *before,
            f"switch ({self.expression(depth - 1)}) {{",
            "  case 1:",
            *(f"    {line}" for line in inner),
            "  case 2: {",
            *(f"  {line}" for line in self.block(depth - 1)),
            "    break" + self._semicolon,
            "  }",
            "  default:",
            *(f"    {line}" for line in self._lines("note(c)")),
            "}",
        ]

    def _label(self, depth: int) -> list[str]:
        before, condition = self._turns()
        label, jump = self._name("label"), self._rng.choice(["continue", "break"])
        return [
            *before,
            f"{label}: while ({condition}) {{",
            "  for (const f of [1, 2]) {",
            f"    if (f + a > 3) {jump} {label}{self._semicolon}",
            *(f"  {line}" for line in self.block(depth - 1)),
            "  }",
            "}",
        ]

    def _stream(self, depth: int) -> list[str]:
        if not self._is_async:
            return self._assign(depth)
        create = f"client.responses.create({{ model: 'm', input: {self.argument()}, stream: true }})"
        name = self._name("stream")
        source = self._rng.choice([f"await {create}", name])
        before = self._lines(f"const {name} = await {create}") if source == name else []
        stop = self._rng.choice(
            ["", f"  if (d.n > 0) break{self._semicolon}", "  if (d.n > 1) throw new Error('enough')"]
        )
        return [*before, f"for await (const d of {source}) {{", *([stop] if stop else []), *self.block(depth), "}"]

    def _chain(self, _depth: int) -> list[str]:
        start = "await " if self._is_async and self._rng.random() < 0.7 else ""
        call = self.call()
        return self._lines(f"{start}{call}\n  .then((r) => note(r.n))\n  .catch((error) => note(error.name))")

    def _flow(self, _depth: int) -> list[str]:
        name = self._name("load")
        argument = self._rng.choice(["x", "checked(x)", "await through(x)"])
        tail = self._rng.choice(
            [
                ["return response.json();"],
                ["return await response.json();"],
                ["const data = await response.json();", "return data;"],
                ["const text = await response.text();", "return { n: text.length };"],
            ]
        )
        inner = [f"const response = await fetch(`/x/${{{argument}}}`);", *tail]
        if self._rng.random() < 0.4:
            inner = ["try {", *(f"  {line}" for line in inner), "} catch (error) {", "  return { n: -1 };", "}"]
        lines = [f"const {name} = async (x) => {{", *(f"  {line}" for line in inner), "};"]
        use = f"c = (await {name}(b)).n" if self._is_async else f"{name}(b).then(note, note)"
        return [line.removesuffix(";") if not self._semicolon else line for line in lines] + self._lines(use)

    @contextmanager
    def _inside(self, *, is_async: bool, has_this: bool) -> Iterator[None]:
        before = self._is_async, self._has_this
        self._is_async, self._has_this = is_async, has_this
        try:
            yield
        finally:
            self._is_async, self._has_this = before

    def _function(self, depth: int) -> list[str]:
        name = self._name("inner")
        keyword = self._rng.choice([f"async function {name}(a, b)", f"const {name} = async (a, b) =>"])
        with self._inside(is_async=True, has_this=False):
            body = self.block(depth - 1)
        use = f"c = note(await {name}(a, 1))" if self._is_async else f"{name}(a, 1).catch(() => note('inner'))"
        return [f"{keyword} {{", f"  let c = 1{self._semicolon}", *body, *self._closed(keyword), *self._lines(use)]

    def _closed(self, keyword: str) -> list[str]:
        return ["}" + (self._semicolon if keyword.startswith("const") else "")]

    def _sync_function(self, depth: int) -> list[str]:
        name = self._name("send")
        with self._inside(is_async=False, has_this=False):
            body = self.block(depth - 1)
            last = self._lines(f"return {self.call()}" + self._rng.choice(["", ".catch(() => ({ n: 3 }))"]))
        caught = self._name("caught")
        use = [f"try {{ c = (await {name}(a, b)).n }} catch ({caught}) {{ note({caught}.name) }}"]
        if not self._is_async:
            use = [f"try {{ {name}(a, b).catch(() => note('sent')) }} catch ({caught}) {{ note({caught}.name) }}"]
        head = f"function {name}(a, b) {{"
        return [head, f"  let c = 2{self._semicolon}", *body, *(f"  {line}" for line in last), "}", *use]

    def _method(self, depth: int) -> list[str]:
        name = self._name("Shop")
        with self._inside(is_async=True, has_this=True):
            body = self.block(depth - 1)
        use = f"c = note(await new {name}().ask(a, 2))"
        if not self._is_async:
            use = f"new {name}().ask(a, 2).catch(() => note('shop'))"
        return [
            f"class {name} {{",
            f"  n = 4{self._semicolon}",
            f"  #m = 5{self._semicolon}",
            "  async ask(a, b) {",
            f"    let c = this.#m{self._semicolon}",
            *(f"  {line}" for line in body),
            f"    return this.n + c{self._semicolon}",
            "  }",
            "}",
            *self._lines(use),
        ]

    def _generator(self, depth: int) -> list[str]:
        name = self._name("pages")
        with self._inside(is_async=True, has_this=False):
            body = self.block(depth - 1)
            last = self.expression(1)
        head = [f"async function* {name}(a, b) {{", f"  let c = 0{self._semicolon}", *body]
        ends = [
            *(f"  {line}" for line in self._lines(f"yield {last}")),
            *(f"  {line}" for line in self._lines("yield c")),
            "}",
        ]
        if not self._is_async:
            return [*head, *ends]
        stop = self._rng.choice(["", f"  break{self._semicolon}"])
        return [*head, *ends, f"for await (const g of {name}(a, b)) {{", "  note(g)" + self._semicolon, stop, "}"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Modules with an async function ``job(a, b)``."""
    rng = draw(st.randoms(use_true_random=False))
    return Programs(rng, has_semicolons=draw(st.booleans())).program()
