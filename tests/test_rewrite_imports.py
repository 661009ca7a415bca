"""What is imported, under which name, and where: over texts, then over files through the whole line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from monitorlint.languages.python.rewrite.helper_module import HelperModules, spellings
from monitorlint.languages.python.rewrite.imports import HelperImports
from monitorlint.languages.python.rewrite.place import Source
from monitorlint.languages.rewriting import NotImportableError
from rewriting import applied, cases, checked, project, repaired

MODULE = "app.monitoring"
USE = "USE"


def imported(text: str, *, module: str = MODULE, own: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    """The text with what ``monitor_fetch`` needs where ``USE`` stands, and what it is called in each place."""
    data = text.encode()
    source = Source("app/views.py", data)
    imports = HelperImports(source, module, spellings=spellings("app/views.py", "app/monitoring.py"), own=own)
    places = [at for at in range(len(data)) if data.startswith(USE.encode(), at)] or [len(data)]
    names = [imports.local("monitor_fetch", at) for at in places]
    return applied(data, imports.edits(names)).decode(), names


NEW = [
    ("", "from app.monitoring import monitor_fetch\n"),
    ("\n", "from app.monitoring import monitor_fetch\n\n"),
    ("# just this\n", "# just this\n\nfrom app.monitoring import monitor_fetch\n"),
    ("# just this", "# just this\n\nfrom app.monitoring import monitor_fetch\n"),
    ("#!/usr/bin/env python\nx = 1\n", "#!/usr/bin/env python\n\nfrom app.monitoring import monitor_fetch\n\nx = 1\n"),
    (
        "#!/bin/python\n# coding: utf-8\n# about x\nx = 1\n",
        "#!/bin/python\n# coding: utf-8\n\nfrom app.monitoring import monitor_fetch\n\n# about x\nx = 1\n",
    ),
    ("# type: ignore\nx = 1\n", "# type: ignore\n\nfrom app.monitoring import monitor_fetch\n\nx = 1\n"),
    (
        "# Databricks notebook source\n# about x\nx = 1\n",
        "# Databricks notebook source\n\nfrom app.monitoring import monitor_fetch\n\n# about x\nx = 1\n",
    ),
    ("# Licence\n\nx = 1\n", "# Licence\n\nfrom app.monitoring import monitor_fetch\n\nx = 1\n"),
    ('"""Doc."""', '"""Doc."""\n\nfrom app.monitoring import monitor_fetch\n'),
    ('"""Doc."""\n', '"""Doc."""\n\nfrom app.monitoring import monitor_fetch\n'),
    ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nfrom app.monitoring import monitor_fetch\n\nx = 1\n'),
    (
        '"""Doc."""\n\n\ndef f():\n    pass\n',
        '"""Doc."""\n\nfrom app.monitoring import monitor_fetch\n\n\ndef f():\n    pass\n',
    ),
    ("def f():\n    pass\n", "from app.monitoring import monitor_fetch\n\n\ndef f():\n    pass\n"),
    ("\ufeffx = 1\n", "\ufefffrom app.monitoring import monitor_fetch\n\nx = 1\n"),
    ("import os\r\nx = 1\r\n", "import os\r\n\r\nfrom app.monitoring import monitor_fetch\r\n\r\nx = 1\r\n"),
    ("import os", "import os\n\nfrom app.monitoring import monitor_fetch\n"),
    ("import os; x = 1", "import os; x = 1\n\nfrom app.monitoring import monitor_fetch\n"),
    (
        'import os; x = """\n"""; import re\nimport sys\n',
        'import os; x = """\n"""; import re\nimport sys\n\nfrom app.monitoring import monitor_fetch\n',
    ),
    (
        "from __future__ import annotations\nimport os\n",
        "from __future__ import annotations\nimport os\n\nfrom app.monitoring import monitor_fetch\n",
    ),
    (
        "from __future__ import annotations\n\ndef f(): pass\n",
        "from __future__ import annotations\n\nfrom app.monitoring import monitor_fetch\n\ndef f(): pass\n",
    ),
    (
        "import os\n\nfrom app import a\nfrom app.z import z\n\nimport c\n",
        "import os\n\nfrom app import a\nfrom app.monitoring import monitor_fetch\nfrom app.z import z\n\nimport c\n",
    ),
    (
        "import app.alpha\nimport app.zeta\nfrom app.beta import b\n",
        "import app.alpha\nimport app.zeta\nfrom app.beta import b\nfrom app.monitoring import monitor_fetch\n",
    ),
    (
        "import os\n\n# ours\nfrom app.zeta import z\n",
        "import os\n\n# ours\nfrom app.zeta import z\nfrom app.monitoring import monitor_fetch\n",
    ),
    ("from . import b\n", "from app.monitoring import monitor_fetch\n\nfrom . import b\n"),
    (
        "import sys\nx = 1\nimport app  # noqa: E402\nx = 2\n",
        "import sys\nx = 1\nimport app  # noqa: E402\nfrom app.monitoring import monitor_fetch  # noqa: E402\nx = 2\n",
    ),
    (
        "import os\nif os.name == 'nt':\n    import app.nt\nelse:\n    import app.posix\n",
        (
            "import os\n\nfrom app.monitoring import monitor_fetch\n\n"
            "if os.name == 'nt':\n    import app.nt\nelse:\n    import app.posix\n"
        ),
    ),
    (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from app.monitoring import init_sentry\n",
        (
            "from typing import TYPE_CHECKING\n\nfrom app.monitoring import monitor_fetch\n\n"
            "if TYPE_CHECKING:\n    from app.monitoring import init_sentry\n"
        ),
    ),
    (
        "import os\n\ndef f():\n    return USE\n\nimport app.late\n",
        "import os\n\nfrom app.monitoring import monitor_fetch\n\ndef f():\n    return USE\n\nimport app.late\n",
    ),
    (
        "import os\nx = USE\nfrom app import b\n",
        "import os\n\nfrom app.monitoring import monitor_fetch\n\nx = USE\nfrom app import b\n",
    ),
    ("x = USE\nimport os\n", "from app.monitoring import monitor_fetch\n\nx = USE\nimport os\n"),
    # below what says where modules lie, and what changes Python's own
    (
        "import sys\nimport requests\n\nsys.path.insert(0, '..')\n\n\ndef f():\n    USE\n",
        (
            "import sys\nimport requests\n\nsys.path.insert(0, '..')\n\nfrom app.monitoring import monitor_fetch\n\n\n"
            "def f():\n    USE\n"
        ),
    ),
    (
        "import sys\nif 'x' not in sys.path:\n    sys.path.append('x')\nimport b\nx = 1\nUSE\n",
        (
            "import sys\nif 'x' not in sys.path:\n    sys.path.append('x')\nimport b\n\n"
            "from app.monitoring import monitor_fetch\n\nx = 1\nUSE\n"
        ),
    ),
    (
        "import sys\ndef f():\n    USE\nsys.path += ['..']\nf()\n",
        "import sys\ndef f():\n    USE\nsys.path += ['..']\n\nfrom app.monitoring import monitor_fetch\n\nf()\n",
    ),
    (
        "import requests\nimport gevent.monkey\n\ngevent.monkey.patch_all()\nUSE\n",
        (
            "import requests\nimport gevent.monkey\n\ngevent.monkey.patch_all()\n\n"
            "from app.monitoring import monitor_fetch\n\nUSE\n"
        ),
    ),
    (
        "import sys\nsys.path.append('..')\nfrom app import x  # noqa: E402\nUSE\n",
        (
            "import sys\nsys.path.append('..')\nfrom app import x  # noqa: E402\n"
            "from app.monitoring import monitor_fetch  # noqa: E402\nUSE\n"
        ),
    ),
    # what only looks, comes too late, or runs in a program of its own
    (
        "import sys\nprint(sys.path)\nUSE\n",
        "import sys\n\nfrom app.monitoring import monitor_fetch\n\nprint(sys.path)\nUSE\n",
    ),
    (
        "import sys\nUSE\nsys.path.append('..')\n",
        "import sys\n\nfrom app.monitoring import monitor_fetch\n\nUSE\nsys.path.append('..')\n",
    ),
    (
        "import sys\ndef f():\n    USE\nif __name__ == '__main__':\n    sys.path.append('..')\n    f()\n",
        (
            "import sys\n\nfrom app.monitoring import monitor_fetch\n\ndef f():\n    USE\n"
            "if __name__ == '__main__':\n    sys.path.append('..')\n    f()\n"
        ),
    ),
]


@pytest.mark.parametrize(("before", "after"), NEW)
def test_a_new_import_stands_among_its_like(before: str, after: str) -> None:
    text, names = imported(before)
    assert text == after
    assert set(names) == {"monitor_fetch"}
    ast.parse(text.removeprefix("\ufeff"))


def test_own_modules_are_sorted_beside_the_helper() -> None:
    text, _ = imported("import requests\n\nfrom shop.a import b\nfrom shop.z import y\n", module="mon", own=("shop",))
    assert text == "import requests\n\nfrom mon import monitor_fetch\nfrom shop.a import b\nfrom shop.z import y\n"


def test_relative_imports_are_sorted_by_distance() -> None:
    text, _ = imported("import os\n\nfrom ..a import b\nfrom .z import y\n", module=".monitoring")
    assert text == "import os\n\nfrom ..a import b\nfrom .monitoring import monitor_fetch\nfrom .z import y\n"


EXTENDED = [
    ("from app.monitoring import a\n", "from app.monitoring import a, monitor_fetch\n"),
    ("from app.monitoring import z  # noqa: F401\n", "from app.monitoring import monitor_fetch, z  # noqa: F401\n"),
    ("from app.monitoring import z, a\n", "from app.monitoring import z, a, monitor_fetch\n"),
    ("from .monitoring import a\n", "from .monitoring import a, monitor_fetch\n"),
    ("from monitoring import a as b\n", "from monitoring import a as b, monitor_fetch\n"),
    ("from app.monitoring import CAPS, Class, z\n", "from app.monitoring import CAPS, Class, monitor_fetch, z\n"),
    (
        "import os; from app.monitoring import a; x = 1\n",
        "import os; from app.monitoring import a, monitor_fetch; x = 1\n",
    ),
    ("from app.monitoring import a, \\\n    b\n", "from app.monitoring import a, \\\n    b, monitor_fetch\n"),
    ("from app.monitoring import (a)\n", "from app.monitoring import (a, monitor_fetch)\n"),
    ("from app.monitoring import (a,)\n", "from app.monitoring import (a, monitor_fetch,)\n"),
    ("from app.monitoring import (\n    a,\n)\n", "from app.monitoring import (\n    a,\n    monitor_fetch,\n)\n"),
    ("from app.monitoring import (\n\ta\n)\n", "from app.monitoring import (\n\ta,\n\tmonitor_fetch,\n)\n"),
    (
        "from app.monitoring import (  # isort: skip\n    a,  # first\n    # last\n    z,\n)\n",
        "from app.monitoring import (  # isort: skip\n    a,  # first\n    monitor_fetch,\n    # last\n    z,\n)\n",
    ),
    (
        "from app.monitoring import (\n    # first\n    z,\n)\n",
        "from app.monitoring import (\n    monitor_fetch,\n    # first\n    z,\n)\n",
    ),
    (
        "from app.monitoring import (\r\n    a,\r\n)\r\n",
        "from app.monitoring import (\r\n    a,\r\n    monitor_fetch,\r\n)\r\n",
    ),
    (
        "from app.monitoring import init_sentry, monitor_ai_generation, monitor_operation, watch\n",
        (
            "from app.monitoring import (\n    init_sentry,\n    monitor_ai_generation,\n    monitor_fetch,\n"
            "    monitor_operation,\n    watch,\n)\n"
        ),
    ),
]


@pytest.mark.parametrize(("before", "after"), EXTENDED)
def test_an_import_of_the_module_is_extended(before: str, after: str) -> None:
    text, names = imported(before)
    assert (text, names) == (after, ["monitor_fetch"])
    ast.parse(text)


KNOWN = [
    ("from app.monitoring import monitor_fetch\n", "monitor_fetch"),
    ("from app.monitoring import monitor_fetch as watched\n", "watched"),
    ("from .monitoring import monitor_fetch\n", "monitor_fetch"),
    ("from app.monitoring import *\n", "monitor_fetch"),
    ("from app import monitoring\n", "monitoring.monitor_fetch"),
    ("from . import monitoring as m\n", "m.monitor_fetch"),
    ("import app.monitoring\nimport app.views\n", "app.monitoring.monitor_fetch"),
    ("import app.monitoring as m\n", "m.monitor_fetch"),
    ("def f():\n    import app.monitoring as m\n    USE\n", "m.monitor_fetch"),
    ("def f():\n    import app.monitoring as m\n    def g():\n        USE\n", "m.monitor_fetch"),
    ("class C:\n    from app.monitoring import monitor_fetch\n    x = USE\n", "monitor_fetch"),
    ("if True:\n    from app.monitoring import monitor_fetch\n    USE\n", "monitor_fetch"),
    ("def f():\n    USE\n\nfrom app.monitoring import monitor_fetch\n", "monitor_fetch"),
]


@pytest.mark.parametrize(("before", "name"), KNOWN)
def test_what_is_imported_is_used(before: str, name: str) -> None:
    assert imported(before) == (before, [name])


HIDDEN = [
    "def f(monitor_fetch):\n    USE\n",
    "def f(*monitor_fetch):\n    USE\n",
    "def f():\n    monitor_fetch = 1\n    USE\n",
    "def f():\n    def g():\n        USE\n    for monitor_fetch in (): pass\n",
    "def f(x):\n    match x:\n        case [monitor_fetch]:\n            USE\n",
    "def f():\n    try: pass\n    except E as monitor_fetch:\n        USE\n",
    "def f():\n    from other import monitor_fetch\n    USE\n",
    "def f():\n    import other as monitor_fetch\n    USE\n",
    "lambda monitor_fetch: USE\n",
    "class C:\n    monitor_fetch = 1\n    x = USE\n",
    "def f():\n    global monitor_fetch\n    monitor_fetch = 1\n\ndef g():\n    USE\n",
    "class monitor_fetch: pass\nUSE\n",
    "from app.monitoring import monitor_fetch\n\ndef f(monitor_fetch):\n    USE\n",
    "from app.monitoring import monitor_fetch\nmonitor_fetch = None\nUSE\n",
    "try:\n    from app.monitoring import monitor_fetch\nexcept ImportError:\n    monitor_fetch = None\nUSE\n",
]


@pytest.mark.parametrize("before", HIDDEN)
def test_where_the_name_means_something_else_it_gets_another(before: str) -> None:
    text, names = imported(before)
    assert names == ["_monitor_fetch"]
    assert "monitor_fetch as _monitor_fetch" in text
    assert imported(text.replace("USE", "print(_monitor_fetch, USE)"))[1] == ["_monitor_fetch"]


FREE = [
    "class C:\n    monitor_fetch = 1\n    def f(self):\n        USE\n",
    "def g(monitor_fetch): pass\n\ndef f():\n    USE\n",
    "def f(x):\n    x.monitor_fetch = 1\n    USE\n",
    "def f():\n    g(monitor_fetch=1)\n    USE\n",
    "# monitor_fetch\nx = 'monitor_fetch'\nUSE\n",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.monitoring import monitor_fetch\nUSE\n",
]


@pytest.mark.parametrize("before", FREE)
def test_where_the_name_means_nothing_else_it_is_imported(before: str) -> None:
    text, names = imported(before)
    assert names == ["monitor_fetch"]
    assert text.count("from app.monitoring import monitor_fetch\n") == 1 + ("TYPE_CHECKING:" in before)


def test_both_names_where_one_place_hides_the_helper() -> None:
    text, names = imported("def f(monitor_fetch):\n    USE\n\ndef g():\n    USE\n")
    assert names == ["_monitor_fetch", "monitor_fetch"]
    assert text.startswith("from app.monitoring import monitor_fetch, monitor_fetch as _monitor_fetch\n\n\ndef")


def test_a_second_alias_when_the_first_is_taken() -> None:
    assert imported("def f(monitor_fetch, _monitor_fetch):\n    USE\n")[1] == ["_monitor_fetch_2"]


def test_only_what_is_used_is_imported() -> None:
    source = Source("app/views.py", b"def f(monitor_fetch):\n    pass\n")
    imports = HelperImports(source, MODULE)
    imports.local("monitor_fetch", 30)
    assert imports.edits([]) == ()


def test_nothing_is_imported_twice() -> None:
    text, _ = imported("import os\n\ndef f():\n    USE\n")
    assert imported(text)[0] == text


LAYOUTS = [
    # flat scripts
    ("main.py", "sentry_monitoring.py", ["main.py"], {}, "sentry_monitoring"),
    ("scripts/run.py", "scripts/sentry_monitoring.py", ["scripts/run.py"], {}, "sentry_monitoring"),
    # a package, and one below it
    ("app/a.py", "app/sentry_monitoring.py", ["app/__init__.py", "app/a.py"], {}, "app.sentry_monitoring"),
    (
        "app/web/a.py",
        "app/utils/sentry_monitoring.py",
        ["app/__init__.py", "app/web/__init__.py", "app/utils/__init__.py"],
        {},
        "app.utils.sentry_monitoring",
    ),
    # src layout, with and without __init__.py
    ("src/app/a.py", "src/app/sentry_monitoring.py", ["src/app/__init__.py"], {}, "app.sentry_monitoring"),
    ("src/app/web/a.py", "src/app/sentry_monitoring.py", ["src/app/web/a.py"], {}, "app.sentry_monitoring"),
    # a folder that lies on the path, as its files show
    (
        "backend/services/a.py",
        "backend/sentry_monitoring.py",
        ["backend/main.py", "backend/services/a.py", "backend/core/b.py"],
        {"backend/main.py": ["services.a.run", "os"]},
        "sentry_monitoring",
    ),
    (
        "backend/services/a.py",
        "backend/sentry_monitoring.py",
        ["backend/main.py", "backend/services/a.py"],
        {"backend/services/a.py": ["backend.main"]},
        "backend.sentry_monitoring",
    ),
    # relative where the file, or its folder, does so
    (
        "app/web/a.py",
        "app/sentry_monitoring.py",
        ["app/__init__.py", "app/web/__init__.py", "app/web/a.py", "app/web/b.py"],
        {"app/web/a.py": [".b.x", "os"]},
        "..sentry_monitoring",
    ),
    (
        "app/a.py",
        "app/sentry_monitoring.py",
        ["app/__init__.py", "app/a.py", "app/b.py"],
        {"app/b.py": [".a.x"]},
        ".sentry_monitoring",
    ),
    (
        "app/a.py",
        "app/sentry_monitoring.py",
        ["app/__init__.py", "app/a.py", "app/b.py"],
        {"app/a.py": ["app.b.x"], "app/b.py": [".a.x"]},
        "app.sentry_monitoring",
    ),
    # no relative name reaches out of the package
    (
        "app/a.py",
        "sentry_monitoring.py",
        ["app/__init__.py", "app/a.py", "app/b.py"],
        {"app/a.py": [".b.x"]},
        "sentry_monitoring",
    ),
    # two packages, each in a folder of its name that is installed: the folders are not what is imported
    (
        "libs/shop/shop/web/a.py",
        "libs/shop/shop/sentry_monitoring.py",
        ["libs/shop/shop/__init__.py", "libs/shop/shop/web/a.py", "libs/till/till/__init__.py"],
        {"libs/shop/shop/web/a.py": ["shop.base.Document", "till.open.key"]},
        "shop.sentry_monitoring",
    ),
    (
        "libs/shop/src/shop/a.py",
        "libs/shop/src/shop/sentry_monitoring.py",
        ["libs/shop/src/shop/__init__.py", "libs/shop/src/shop/a.py", "libs/till/src/till/__init__.py"],
        {"libs/shop/src/shop/a.py": ["shop.base.Document", "till.open.key"]},
        "shop.sentry_monitoring",
    ),
    # a package whose folder is on the path itself
    (
        "air/dags/crawl/a.py",
        "air/dags/sentry_monitoring.py",
        ["air/dags/__init__.py", "air/dags/crawl/__init__.py", "air/dags/crawl/config.py", "air/tests/a.py"],
        {"air/dags/crawl/a.py": ["crawl.config.X", "json"], "air/tests/a.py": ["dags.crawl.a"]},
        "sentry_monitoring",
    ),
    # somebody else's package of the name of one inside
    (
        "src/shop/util/a.py",
        "src/shop/sentry_monitoring.py",
        ["src/shop/__init__.py", "src/shop/util/a.py", "src/shop/mail/types.py", "src/shop/web/b.py"],
        {"src/shop/util/a.py": ["mail.types.File"], "src/shop/web/b.py": ["shop.util.a.read"]},
        "shop.sentry_monitoring",
    ),
    (
        "air/dags/crawl/b.py",
        "air/dags/sentry_monitoring.py",
        ["air/dags/__init__.py", "air/dags/crawl/__init__.py", "air/dags/crawl/config.py", "air/tests/a.py"],
        {"air/dags/crawl/a.py": ["crawl.config.X"], "air/tests/a.py": ["dags.crawl.a"], "air/tests/b.py": ["dags.x.y"]},
        "sentry_monitoring",
    ),
    # a module of the package has the name of somebody else's
    (
        "app/a.py",
        "app/sentry_monitoring.py",
        ["app/__init__.py", "app/openai.py"],
        {"app/a.py": ["openai.OpenAI", "json"]},
        "app.sentry_monitoring",
    ),
    # the helper is a package of its own
    ("app/a.py", "app/monitoring/__init__.py", ["app/__init__.py", "app/monitoring/__init__.py"], {}, "app.monitoring"),
]


@pytest.mark.parametrize(("path", "helper", "files", "known", "module"), LAYOUTS)
def test_the_helper_is_named_as_the_project_names_its_modules(
    path: str, helper: str, files: list[str], known: dict[str, list[str]], module: str
) -> None:
    assert HelperModules({*files, path, helper}, known).name(path, helper) == module
    assert module in spellings(path, helper)


def test_the_helper_module_never_imports_itself() -> None:
    with pytest.raises(NotImportableError, match="is the helper module itself"):
        HelperModules(["app/sentry_monitoring.py"], {}).name("app/sentry_monitoring.py", "app/sentry_monitoring.py")


@pytest.mark.parametrize(
    "known",
    [
        {"app/sentry_monitoring.py": ["app.config.DSN"]},
        {"app/sentry_monitoring.py": [".base.x"], "app/base.py": ["app.config"]},
    ],
)
def test_what_the_helper_module_needs_cannot_import_it(known: dict[str, list[str]]) -> None:
    files = ["app/__init__.py", "app/sentry_monitoring.py", "app/base.py", "app/config.py"]
    with pytest.raises(NotImportableError, match="imports this file"):
        HelperModules(files, known).name("app/config.py", "app/sentry_monitoring.py")
    assert HelperModules(files, {}).name("app/config.py", "app/sentry_monitoring.py") == "app.sentry_monitoring"


@pytest.mark.parametrize("manifest", ["pyproject.toml", "Dockerfile"])
def test_what_is_shipped_by_itself_imports_nothing_that_stays_behind(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "apps" / "chat").mkdir(parents=True)
    (tmp_path / "apps" / "chat" / manifest).touch()
    helper = "apps/web/sentry_monitoring.py"
    files = {"apps/chat/main.py", "apps/chat/tools/a.py", "apps/web/main.py", helper}
    files.add("shop/orders.py")
    known = {"apps/web/main.py": ["apps.web.x"], "apps/chat/main.py": ["tools.a", "shop.orders"]}
    for path in ("apps/chat/main.py", "apps/chat/tools/a.py"):
        with pytest.raises(NotImportableError, match="apps/chat may run without the rest"):
            HelperModules(files, known, tmp_path).name(path, helper)
    known["apps/chat/main.py"].append("apps.web.main")
    assert HelperModules(files, known, tmp_path).name("apps/chat/main.py", helper) == "apps.web.sentry_monitoring"


def test_a_module_of_the_package_is_not_what_the_helper_module_means_by_one_of_python() -> None:
    files = ["app/__init__.py", "app/sentry_monitoring.py", "app/types.py"]
    known = {"app/sentry_monitoring.py": ["types.TracebackType"]}
    assert HelperModules(files, known).name("app/types.py", "app/sentry_monitoring.py") == "app.sentry_monitoring"


SCRIPTS = [
    # a script by itself, which Python starts with no more than its own folder on the path
    ("scripts/run.py", "app/sentry_monitoring.py", {"app/a.py": ["app.b"]}, ""),
    ("scripts/run.py", "sentry_monitoring.py", {"app/a.py": ["app.b"]}, ""),
    ("scripts/run.py", "app/sentry_monitoring.py", {"scripts/stop.py": ["app.b"]}, ""),
    # it imports the project, or is imported by it
    ("scripts/run.py", "app/sentry_monitoring.py", {"scripts/run.py": ["app.b"]}, "app.sentry_monitoring"),
    ("scripts/run.py", "sentry_monitoring.py", {"app/a.py": ["scripts.run.main"]}, "sentry_monitoring"),
    # it names its neighbours as a script does
    ("app/jobs/run.py", "app/sentry_monitoring.py", {"app/jobs/run.py": ["neighbour.x"]}, ""),
    ("app/run.py", "app/sentry_monitoring.py", {"app/run.py": ["b.x"]}, "app.sentry_monitoring"),
    # below the helper's package, or beside it
    ("app/jobs/run.py", "app/sentry_monitoring.py", {}, "app.sentry_monitoring"),
    ("run.py", "app/sentry_monitoring.py", {}, "app.sentry_monitoring"),
]


@pytest.mark.parametrize(("path", "helper", "known", "module"), SCRIPTS)
def test_a_script_imports_the_helper_module_only_where_it_surely_can(
    path: str, helper: str, known: dict[str, list[str]], module: str
) -> None:
    files = ["app/__init__.py", "app/a.py", "app/b.py", "app/jobs/neighbour.py", "scripts/stop.py", path, helper]
    modules = HelperModules(files, known)
    if module:
        assert modules.name(path, helper) == module
    else:
        with pytest.raises(NotImportableError, match="nothing shows that the file can import"):
            modules.name(path, helper)


BESIDE = [
    # a package that has nothing to do with the one that holds the helper
    ({"app/a.py": ["app.b"], "sdk/client.py": ["httpx.get"]}, False),
    ({"app/a.py": ["app.b"], "tests/test_sdk.py": ["sdk.client.ask"], "sdk/client.py": ["sdk.types"]}, False),
    # it imports that, or is imported by something
    ({"app/a.py": ["app.b"], "sdk/types.py": ["app.b.Row"]}, True),
    ({"app/a.py": ["sdk.client.ask"]}, True),
    ({"app/a.py": ["app.b"], "run.py": ["sdk.client.ask"]}, True),
]


@pytest.mark.parametrize(("known", "is_named"), BESIDE)
def test_a_package_that_may_be_installed_by_itself_imports_no_helper_of_another(
    known: dict[str, list[str]], *, is_named: bool
) -> None:
    helper = "app/sentry_monitoring.py"
    inside = [
        f"{package}/{name}.py" for package in ("app", "sdk") for name in ("__init__", "a", "b", "client", "types")
    ]
    modules = HelperModules([*inside, helper, "run.py", "tests/test_sdk.py"], known)
    if is_named:
        assert modules.name("sdk/client.py", helper) == "app.sentry_monitoring"
    else:
        with pytest.raises(NotImportableError, match="sdk has nothing to do with the rest"):
            modules.name("sdk/client.py", helper)


def test_a_package_that_imports_the_file_is_no_import_of_the_helper_module() -> None:
    files = ["app/__init__.py", "app/sentry_monitoring.py", "app/config.py"]
    known = {"app/sentry_monitoring.py": ["threading", "sentry_sdk"], "app/__init__.py": ["app.config", "app"]}
    assert HelperModules(files, known).name("app/config.py", "app/sentry_monitoring.py") == "app.sentry_monitoring"


def test_a_build_imports_nothing_of_the_project() -> None:
    files = ["setup.py", "app/__init__.py", "app/setup.py", "app/sentry_monitoring.py"]
    with pytest.raises(NotImportableError, match="run by a build"):
        HelperModules(files, {}).name("setup.py", "app/sentry_monitoring.py")
    assert HelperModules(files, {}).name("app/setup.py", "app/sentry_monitoring.py") == "app.sentry_monitoring"


PACKAGES = [
    # nothing of the package runs that did not run before
    ("app/jobs.py", {"app/__init__.py": ["app.web"]}, ""),
    ("run.py", {"app/__init__.py": ["app.web"], "run.py": ["app.web.main"]}, ""),
    ("run.py", {"app/__init__.py": []}, ""),
    ("run.py", {"app/__init__.py": ["app.web"]}, "would run with the helper module"),
    ("plugins.py", {"app/__init__.py": ["plugins.all"], "plugins.py": ["app.web.main"]}, "imports this file"),
    ("plugins.py", {"app/__init__.py": ["app.web"], "app/web.py": ["plugins"]}, "imports this file"),
]


@pytest.mark.parametrize(("path", "known", "reason"), PACKAGES)
def test_the_helper_module_brings_no_package_with_it(path: str, known: dict[str, list[str]], reason: str) -> None:
    helper = "app/sentry_monitoring.py"
    modules = HelperModules(["app/__init__.py", "app/web.py", path, helper], known)
    if reason:
        with pytest.raises(NotImportableError, match=reason):
            modules.name(path, helper)
    else:
        assert modules.name(path, helper) == "app.sentry_monitoring"


@pytest.mark.parametrize("case", cases("imports"), ids=lambda path: path.stem)
def test_fixtures(case: Path, tmp_path: Path) -> None:
    wanted = case.with_name(f"{case.stem}.fixed.py")
    path = project(tmp_path, case.name, case.read_bytes())
    assert repaired(path, "guard").text == (wanted if wanted.exists() else case).read_bytes()
    if wanted.exists():
        path.write_bytes(wanted.read_bytes())
        assert repaired(path, "guard").text == wanted.read_bytes()
        assert {s.status for s in checked(path).sites if s.kind == "loop"} == {"guarded"}
