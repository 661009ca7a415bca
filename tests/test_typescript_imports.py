"""What the text of a file imports."""

from __future__ import annotations

import pytest

from monitorlint.languages.typescript.imports import imported_modules
from monitorlint.model.facts import TYPES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('import OpenAI from "openai";', {"openai"}),
        ("import{a}from'a';export*from'b';import'c'", {"a", "b", "c"}),
        ('import {\n  one,\n  two as deux,\n} from "./numbers.js";', {".\\/numbers\\js"}),
        ('import type { Client } from "@ai-sdk/openai";', {TYPES + "@ai-sdk/openai"}),
        ('import { type A, type B } from "a"; export type { C } from "./c";', {TYPES + "a", TYPES + ".\\/c"}),
        ('import { type A, b } from "a"; import type from "b"; import { type as c } from "c";', {"a", "b", "c"}),
        ('import type { A } from "a"; import { b } from "a";', {"a"}),
        ('import * as fs from "node:fs/promises";', {"fs/promises"}),
        ('export { default } from "..";', {".\\\\"}),
        ('import "./instrument";', {".\\/instrument"}),
        ('import fs = require("fs");', {"fs"}),
        ('const { a } = require("./a"), b = require ("b");', {".\\/a"}),
        ('const a = await import("a"); const b = import(\n  /* webpackChunkName: "b" */ `./b`,\n);', {"a", ".\\/b"}),
        ('type T = import("openai").OpenAI;', {"openai"}),
        ('import("./a.js" /* later */)', {".\\/a\\js"}),
        ('import "./styles.css"; import logo from "./logo.svg"; import data from "./data.json";', set()),
        ('import x from "~/lib/x"; import y from "@/lib/y"; import z from "#z";', {"~/lib/x", "@/lib/y", "#z"}),
        ("import(`./plugins/${name}.js`)", {".\\/plugins.**"}),
        ("import(" + "\n" + " " * 40 + "`./plugins/${name}.js`)", {".\\/plugins.**"}),
        ("import(`./plugins/plugin-${name}`)", {".\\/plugins.**"}),
        ("import(`./${name}`)", {".\\.**"}),
        ('require("./handlers/" + name)', {".\\/handlers.**"}),
        ("import(`@/jobs/${name}`)", {"@/jobs.**"}),
        ("import(`../locales/${locale}.json`)", set()),
        ("import(`https://cdn.example.com/${name}.js`)", set()),
        ("import(`${folder}/x.js`)", {"?"}),
        ("await import(modulePath)", {"?"}),
        ("return import(modulePath)", {"?"}),
        ("const load = new Function('s', 'return import(s)');", set()),
        ("await import(/* @vite-ignore */ pathToFileURL(file).href)", {"?"}),
        ("require(file)", {"?"}),
        ('const BUILD: string = "../build/index.js"; await import(BUILD)', {".\\\\/build/index\\js"}),
        ('let path = "./a"; await import(path)', {"?"}),
        ('require(path.join(__dirname, "plugins", name))', {".\\/plugins.**"}),
        ('require(path.resolve(__dirname, "../config.js"))', {".\\\\/config\\js"}),
        ('import(new URL("./x.js", import.meta.url))', {".\\/x\\js"}),
        ('const pages = import.meta.glob("./pages/**/*.tsx", { eager: true });', {".\\/pages.**"}),
        ('import.meta.glob<Module>(["@modules/*.ts"])', {"@modules.**"}),
        ('require.context("./controllers", true, /\\.js$/)', {".\\/controllers.**"}),
        ("Array.from(x); function require(id) {} other.require(id); require(4); import.meta.env.X", set()),
        ("const from = 'x'; importAll('y'); requires('z')", set()),
        ("import a from 'a';\nconst b = `\nimport { b } from 'b';\n`;\nconst c = require('c');", {"a", "c"}),
        ("const a = `\\`\\`\\`js\nimport { b } from 'b';\n\\`\\`\\``;\nconst c = require('c');", {"c"}),
        ("const a = `C:\\\\`;\nimport { b } from 'b';", {"b"}),
        ("// don`t\nimport a from 'a';\n/* `x` */ import b from 'b';", {"a", "b"}),
        ("const url = `${base}/x`;\nconst a = await import('a');", {"a"}),
        ("", set()),
    ],
)
def test_what_is_imported(text: str, expected: set[str]) -> None:
    assert imported_modules(text.encode()) == expected


@pytest.mark.parametrize(
    "unit",
    [
        "from'",
        'from"',
        "import(",
        "import(/*",
        "require(//",
        "import(`${",
        "import.meta.glob<",
        "from ",
        "import(\n",
        "*",
        "`from'x'",
        "from'x'`import('y')",
    ],
)
def test_a_hostile_file_ends(unit: str) -> None:
    imported_modules((unit * 2_000_000)[:2_000_000].encode())


def test_bytes_that_are_no_text_are_no_error() -> None:
    assert imported_modules(b'import x from "\xff\xfe"') == {"\ufffd\ufffd"}
