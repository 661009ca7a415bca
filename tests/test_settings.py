"""Configuration: found, merged, and every mistake told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitorlint.engine.select import ignored_in_file, selected_rules
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule
from monitorlint.model.site import Level
from monitorlint.settings.find import find_root
from monitorlint.settings.load import load_settings
from monitorlint.settings.selectors import Selection, matches, overlay, specificity
from monitorlint.settings.values import CommandLine, Settings, Thresholds, UsageError, Wrapper


def rule(code: str, name: str, *, default: bool = True) -> Rule:
    return Rule(code, name, name, "ai", Severity.WARNING, default)


KNOWN = (
    rule("MON101", "unmonitored-ai-call"),
    rule("MON102", "ai-call-without-timeout", default=False),
    rule("MON201", "unmonitored-fetch"),
    rule("MON301", "agent-loop-without-cap"),
    rule("MON303", "polling-without-deadline", default=False),
    rule("MON901", "unreadable-file"),
    rule("MON903", "unused-suppression"),
)


def load(file: Path | None, root: Path | None = None, **flags: Any) -> Settings:
    project = root or (file.parent if file is not None else Path("/project"))
    return load_settings(project, file, known=KNOWN, overrides=CommandLine(**flags))


def config(folder: Path, text: str, name: str = "monitorlint.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def codes(settings: Settings) -> str:
    return " ".join(one.code[3:] for one in selected_rules(settings, KNOWN))


# Where a project begins


def test_nearest_configuration_beats_everything(tmp_path: Path) -> None:
    (tmp_path / "a/b/.git").mkdir(parents=True)
    config(tmp_path / "a/b/c", "[project]\n", "pyproject.toml")
    assert find_root(tmp_path / "a/b/c/x.py") == (tmp_path / "a/b", None)
    file = config(tmp_path / "a", "")
    assert find_root(tmp_path / "a/b/c/x.py") == (tmp_path / "a", file)
    assert find_root(tmp_path / "a/b/c", configured=False) == (tmp_path / "a/b", None)
    assert find_root(tmp_path / "a/b/c", tmp_path / "a/z") == (tmp_path / "a", file)


def test_order_within_one_folder(tmp_path: Path) -> None:
    package = config(tmp_path, '{"name": "x", "monitorlint": {"select": ["MON1"]}}', "package.json")
    assert find_root(tmp_path) == (tmp_path, package)
    project = config(tmp_path, "[tool.monitorlint]\n", "pyproject.toml")
    assert find_root(tmp_path) == (tmp_path, project)
    own = config(tmp_path, "")
    assert find_root(tmp_path) == (tmp_path, own)


def test_a_mere_mention_is_no_configuration(tmp_path: Path) -> None:
    config(tmp_path / "a", "[project]\ndependencies = ['monitorlint']\n", "pyproject.toml")
    config(tmp_path / "a/b", '{"devDependencies": {"monitorlint": "1"}}', "package.json")
    assert find_root(tmp_path / "a/b/x.py") == (tmp_path / "a/b", None)


def test_without_any_mark_the_common_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p/q").mkdir(parents=True)
    assert find_root(tmp_path / "p/q", tmp_path / "p/x.py") == (tmp_path / "p", None)
    monkeypatch.chdir(tmp_path / "p/q")
    assert find_root() == (tmp_path / "p/q", None)


# What the keys give

EVERY_KEY = """
select = ["MON1", "unmonitored-fetch"]
extend-select = ["mon303"]
ignore = ["MON102"]
exclude = ["gen/"]
areas = ["app", "test"]
require = "traced"
rule-packs = ["packs"]
context = ["user_id"]

[per-file-ignores]
"tests/**" = ["MON2"]

[helpers]
python = "src/monitoring.py"

[[wrappers]]
kind = "http"
url = "/api/lessons/{id}"
python = "app.monitoring.lesson_call"
args = ["{id}"]

[thresholds]
ai = 45
fetch = [2, 4]

[timeouts]
ai = 60
"""


def test_every_key(tmp_path: Path) -> None:
    (tmp_path / "conf/packs").mkdir(parents=True)
    file = config(tmp_path / "conf", EVERY_KEY)
    settings = load(file, tmp_path)
    assert settings.select == ("MON1", "MON201")
    assert settings.extend_select == ("MON303",)
    assert settings.ignore == ("MON102",)
    assert settings.exclude == ("gen/",)
    assert settings.areas == {"app", "test"}
    assert settings.require is Level.TRACED
    assert settings.rule_packs == (tmp_path / "conf/packs",)
    assert settings.context == ("user_id",)
    assert settings.per_file_ignores == (("tests/**", ("MON2",)),)
    assert settings.helper_python == "conf/src/monitoring.py"
    assert settings.wrappers == (Wrapper("http", "/api/lessons/{id}", "app.monitoring.lesson_call", "", ("{id}",)),)
    assert settings.thresholds == Thresholds(ai=45.0, fetch=(2.0, 4.0))
    assert (settings.timeouts.ai, settings.timeouts.http) == (60.0, None)
    assert (settings.root, settings.source) == (tmp_path, file)


def test_the_other_two_kinds_of_file(tmp_path: Path) -> None:
    toml = config(tmp_path, '[tool.monitorlint]\nignore = ["MON3"]\n', "pyproject.toml")
    assert load(toml).ignore == ("MON3",)
    json = config(tmp_path, '{"monitorlint": {"ignore": ["MON2"]}}', "package.json")
    assert load(json).ignore == ("MON2",)


def test_no_configuration(tmp_path: Path) -> None:
    assert load(None, tmp_path) == Settings(tmp_path)


# Layers


def test_extend_child_wins_per_key_and_tables_merge(tmp_path: Path) -> None:
    config(tmp_path / "base", 'require = "alerted"\nexclude = ["a"]\n[thresholds]\nai = 1\nloop = 5\n', "base.toml")
    (tmp_path / "shared").mkdir()
    config(tmp_path, 'extend = "base/base.toml"\nexclude = ["b"]\n[thresholds]\nai = 2\n', "middle.toml")
    file = config(tmp_path / "sub", 'extend = "../middle.toml"\nareas = ["test"]\n')
    settings = load(file)
    assert settings.require is Level.ALERTED
    assert settings.exclude == ("b",)
    assert settings.thresholds == Thresholds(ai=2.0, loop=5)
    assert settings.areas == {"test"}


def test_paths_of_an_extended_file_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "shared/packs").mkdir(parents=True)
    config(tmp_path / "shared", 'rule-packs = ["packs"]\n[helpers]\npython = "m.py"\n', "base.toml")
    settings = load(config(tmp_path / "app", 'extend = "../shared/base.toml"\n'))
    assert settings.rule_packs == (tmp_path / "app/../shared/packs",)
    assert settings.helper_python == "../shared/m.py"


@pytest.mark.parametrize(
    ("base", "child", "flags", "on"),
    [
        ("", "", {}, "101 201 301 901 903"),
        ('select = ["MON3"]', "", {}, "301 303 901"),
        ('ignore = ["MON3"]', 'extend-select = ["MON303"]', {}, "101 201 303 901 903"),
        ('ignore = ["MON301"]', 'extend-select = ["MON3"]', {}, "101 201 301 303 901 903"),
        ('select = ["MON301"]\nextend-select = ["MON1"]', 'ignore = ["MON3"]', {}, "101 102 901"),
        ('select = ["MON3"]\nignore = ["MON301"]', 'select = ["MON1"]', {}, "101 102 901"),
        ('select = ["MON3"]', "", {"select": ("unmonitored-fetch,MON101",)}, "101 201 901"),
        ('ignore = ["MON101"]', "", {"select": ("MON1",)}, "101 102 901"),
        ('ignore = ["MON101"]', "", {"ignore": ("MON2",)}, "301 901 903"),
        ("", "", {"select": ("ALL",)}, "101 102 201 301 303 901 903"),
        ("", "", {"select": ("ALL",), "ignore": ("MON3", "MON9")}, "101 102 201"),
        ("", "", {"ignore": ("ALL",), "extend_select": ("MON10",)}, "101 102"),
        ("", "", {"select": ("MON303",), "ignore": ("MON303",)}, "901"),
    ],
)
def test_selection(tmp_path: Path, base: str, child: str, flags: dict[str, Any], on: str) -> None:
    config(tmp_path, base, "base.toml")
    assert codes(load(config(tmp_path, f'extend = "base.toml"\n{child}\n'), **flags)) == on


SELECTORS = st.sampled_from(["ALL", "MON1", "MON10", "MON101", "MON102", "MON2", "MON201", "MON3", "MON30", "MON303"])
LISTS = st.lists(SELECTORS, max_size=3).map(tuple)
SELECTIONS = st.builds(Selection, st.none() | LISTS, LISTS, LISTS)


def in_layers(layers: list[Selection]) -> set[str]:
    """Ruff's own definition: each layer switches rules on and off in the set that the one before has left."""
    on = {one.code for one in KNOWN if one.default}
    for layer in layers:
        if layer.select is not None:
            on = set()
        for one in KNOWN:
            up = specificity((*(layer.select or ()), *layer.extend_select), one.code)
            down = specificity(layer.ignore, one.code)
            if up > down:
                on.add(one.code)
            elif down >= 0:
                on.discard(one.code)
    return on - {"MON901"}


@given(st.lists(SELECTIONS, min_size=1, max_size=3))
def test_merged_layers_are_the_layers_applied_in_turn(layers: list[Selection]) -> None:
    merged = Selection()
    for layer in layers:
        merged = overlay(merged, layer)
    settings = Settings(Path("/p"), None, merged.select, merged.extend_select, merged.ignore)
    assert {one.code for one in selected_rules(settings, KNOWN)} - {"MON901"} == in_layers(layers)


@given(SELECTORS, SELECTORS)
def test_matching_is_covering(wide: str, narrow: str) -> None:
    covered = {one.code for one in KNOWN if matches(narrow, one.code)}
    if matches(wide, narrow):
        assert covered <= {one.code for one in KNOWN if matches(wide, one.code)}


def test_flags(tmp_path: Path) -> None:
    file = config(tmp_path, 'exclude = ["a"]\nrequire = "traced"\n')
    assert load(file, exclude=("b",)).exclude == ("a", "b")
    assert load(file, isolated=True) == Settings(tmp_path)
    other = config(tmp_path / "other", 'require = "alerted"\n', "any.toml")
    assert load(file, tmp_path, config=other).require is Level.ALERTED
    with pytest.raises(UsageError, match=r"--config: cannot be used with --isolated"):
        load(file, config=other, isolated=True)
    with pytest.raises(UsageError, match=r"--config: no such file .*nope\.toml"):
        load(file, config=tmp_path / "nope.toml")
    with pytest.raises(UsageError, match=r'^--select: unknown rule "MON999"; did you mean "MON9\d\d"\?$'):
        load(file, select=("MON999",))


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("tests/a.py", True),
        ("tests/deep/a.py", True),
        ("src/tests.py", False),
        ("src/x_test.py", True),
        ("only/here.py", True),
        ("src/only/here.py", False),
    ],
)
def test_per_file_ignores(tmp_path: Path, path: str, ignored: bool) -> None:
    text = '[per-file-ignores]\n"/tests" = ["MON1"]\n"*_test.py" = ["ALL"]\n"only/here.py" = ["unmonitored-ai-call"]\n'
    settings = load(config(tmp_path, text))
    assert ignored_in_file(settings, path)("MON101") is ignored
    assert ignored_in_file(settings, "tests/a.py")("MON201") is False


# Mistakes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\nselct = ["MON1"]', '2: unknown key "selct"; did you mean "select"?'),
        ('extend_select = ["MON1"]', '1: unknown key "extend_select"; did you mean "extend-select"?'),
        (
            "[thresholds]\nai = 1\nloops = 3",
            '3: unknown key "thresholds.loops"; did you mean "loop"?',
        ),
        ("[helpers]\nruby = 'x'", '2: unknown key "helpers.ruby"; the keys here are backend, python, typescript'),
        (
            'select = [\n  "MON1",\n  "MON777",\n]',
            '3: unknown rule "MON777"; `monitorlint rule` lists',
        ),
        (
            'ignore = ["unmonitored-ai-cal"]',
            '1: unknown rule "unmonitored-ai-cal"; did you mean "unmonitored-ai-call"?',
        ),
        ('ignore = ["zzz"]', '1: unknown rule "zzz"; `monitorlint rule` lists the codes and names'),
        ('select = "MON1"', '1: select must be a list of strings, not "MON1"; correct the value'),
        ("select = [1]", "1: select must be a list of strings, not this list; correct the value"),
        ('areas = ["tests"]', '1: unknown value "tests"; did you mean "test"?'),
        ('require = "none"', '1: unknown value "none"; '),
        ("require = true", "1: require must be a string, not true; correct the value"),
        ('[per-file-ignores]\n"a" = ["MON1"]\n"b" = ["X"]', '3: unknown rule "X"; '),
        ('per-file-ignores = ["x"]', "1: per-file-ignores must be a table of glob = [codes], not this list"),
        ('\n\nrule-packs = ["nope"]', '3: no such rule pack "nope"; paths are relative to this file'),
        ("[thresholds]\nfetch = 5", "2: thresholds.fetch must be two numbers of seconds, such as [5, 10], not 5"),
        ("[thresholds]\nfetch = [5]", "2: thresholds.fetch must be two numbers"),
        ("[thresholds]\nfetch = [9, 5]", "2: thresholds.fetch must be two rising numbers"),
        ("[thresholds]\nloop = 1.5", "2: thresholds.loop must be a positive whole number, not 1.5"),
        ("[thresholds]\nmemory = 80", "2: thresholds.memory must be a number above 0 and at most 1, not 80"),
        ("[timeouts]\nai = -1", "2: timeouts.ai must be a positive number, not -1"),
        ("timeouts = { ai = true }", "1: timeouts.ai must be a positive number, not true"),
        ("[[wrappers]]\npython = 'a.b'", "1: a wrapper needs a kind; use one of ai"),
        ("[[wrappers]]\nkind = 'ai'\npython = 'a'\n[[wrappers]]\nkind = 'ai'", "4: a wrapper needs a name; give"),
        (
            "[[wrappers]]\nkind = 'ai'\npython = 'a'\n[[wrappers]]\nkind = 'emial'\npython = 'a'",
            '5: unknown value "emial"; did you mean "email"?',
        ),
        (
            "[[wrappers]]\nkind = 'http'\npython = 'a'\nurl = '/x/{id}'\nargs = ['{ip}']",
            '5: args name "{ip}", which url does not have',
        ),
        ("wrappers = 3", "1: wrappers must be a list of tables ([[wrappers]]), not 3"),
        ("select = [\n", "1: not valid TOML ("),
        ("a = 1\nb = = 2\n", "2: not valid TOML (Invalid value); correct the syntax"),
        ("\nextend = 'nope.toml'", '2: no such file "nope.toml"; the path is relative to this file'),
        ("extend = ['a']", "1: extend must be a string; give the path"),
        ("extend = 'monitorlint.toml'", "1: extend leads back to monitorlint.toml; files cannot extend each other"),
    ],
)
def test_mistakes_are_one_line_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load(config(tmp_path, text))
    assert str(caught.value).startswith(f"monitorlint.toml:{message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pyproject.toml", "[project]\nselect = 1\n[tool.monitorlint]\n\nselct = 1", '5: unknown key "selct"'),
        ("pyproject.toml", "[tool]\nmonitorlint.selct = 1", '2: unknown key "selct"'),
        ("pyproject.toml", "[tool]\nmonitorlint = 1", "2: tool.monitorlint must be a table; write"),
        ("pyproject.toml", "[tool.monitorlint]\n[tool.monitorlint.timeouts]\nai = 0", "3: timeouts.ai must be"),
        ("package.json", '{"ignore": 1,\n"monitorlint":\n {"ignore":\n ["MONX"]}}', '4: unknown rule "MONX"'),
        ("package.json", '{"monitorlint":\n {,}}', "2: not valid JSON ("),
    ],
)
def test_mistakes_in_the_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load(config(tmp_path, text, name))
    assert str(caught.value).startswith(f"{name}:{message}")


def test_files_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "monitorlint.toml"
    file.write_bytes(b"exclude = []\ncontext = ['\xff']\n")
    with pytest.raises(UsageError, match=r"monitorlint\.toml:2: not valid UTF-8"):
        load(file)
    file.write_bytes(b"\xef\xbb\xbfexclude = ['a']\r\n")
    assert load(file).exclude == ("a",)


def test_extending_a_file_without_our_table(tmp_path: Path) -> None:
    config(tmp_path / "base", "[project]\n", "pyproject.toml")
    with pytest.raises(UsageError, match=r"pyproject\.toml: has no \[tool\.monitorlint\]; add it"):
        load(config(tmp_path, 'extend = "base/pyproject.toml"'))
