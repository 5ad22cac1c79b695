"""The house rules that a machine can hold: layers, doors, purity, sizes, words.

Every source file is read by `ast`; nothing is imported. A breach that is meant stands in EXCEPTIONS
with its reason; an exception that excuses nothing fails too.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "tractatus_merge"

LAYERS = (
    ("errors", "value"),
    ("system",),
    ("core",),
    ("instructions", "anyfile", "metrics", "stores"),
    ("meaning",),
    ("repository",),
    ("log",),
    ("sessions",),
    ("view", "review"),
    ("git",),
    ("factory",),
    ("agents", "isolation", "web"),
    ("doctor",),
    ("cli",),
    ("__main__",),
)
"""The rooms, from the ground up: each may import those below it, and none beside it."""
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
WINGS = {
    "core": (("values",), ("rules",), ("model",), ("plans",)),
    "git": (("",), ("gate", "sync", "audit"), ("install",)),
    "cli": (("terminal",), ("screen", "common"), ("ending",), ("commands",), ("verbs",), ("door",)),
}
"""The departments of a room, from the ground up; "" are the modules that stand in it."""
ENTRIES = (PACKAGE, f"{PACKAGE}.__main__")  # import the package in functions only
HOOK_PATH = (
    "__main__",
    "git.gate.glance",
    "stores.newest",
    "agents.hook",
    "agents.statusline",
    "sessions.follower",
    "cli.plain",
    "instructions.schema",
)  # no third party, however deep
STORES = {
    f"{PACKAGE}.git.store": ("git/", "factory.py"),
    f"{PACKAGE}.stores.file": ("factory.py",),
}
"""Who knows that there is this store."""
DOORS = {
    "git": "git/sync/progress.py",
    "deepdiff": "review/structures.py",
    "click": "cli/",
    "msgspec": ("anyfile/rows.py", "git/sync/shapes.py"),
    "flask": "web/",
    "pytest": "isolation/pytest_plugin.py",
    "mcp": "agents/mcp.py",
    "sqlalchemy": "stores/sql/",
    "pymongo": "stores/mongodb/",
    "bson": "stores/mongodb/",
    "psycopg": "stores/sql/postgresql.py",
    "redis": "repository/redis_lock.py",
    "werkzeug": "web/",
    "markupsafe": "web/",
}
PURE = (
    "core/",
    "instructions/",
    "anyfile/",
    "meaning/",
    *(f"metrics/{name}.py" for name in ("fold", "levels", "pressure", "windows")),
    *(
        f"git/audit/{name}.py"
        for name in ("losses", "overwrites", "record_versions", "restore", "version_reader")
    ),
    "git/gate/wholeness.py",
    "git/sync/shapes.py",
    "git/sync/soundness.py",
    "sessions/lifecycle.py",
    "sessions/seals.py",
)
PURE_IMPORTS = {
    *(
        "__future__",
        "abc",
        "bisect",
        "codecs",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
    ),
    *(
        "decimal",
        "difflib",
        "enum",
        "functools",
        "hashlib",
        "io",
        "itertools",
        "json",
        "re",
        "shlex",
    ),
    *("typing", "urllib.parse", "msgspec"),  # msgspec reads bytes it is given and nothing else
}
PRINTERS = ("cli/", "agents/", "__main__.py")
PRINTING = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout", "sys.stderr"}
OPENING = {"open", "os.open", "io.open"}
READING = ("read_text", "read_bytes", "open")
NEVER = {"eval", "exec", "os.system", "os.popen"}
MODULE_LINES, FUNCTION_LINES, PUBLIC_NAMES = 500, 50, 12

EXCEPTIONS = {
    "public names: errors.py": "every error on one page; the tree is the one idea of that page",
    "public names: core/model/state.py": "a state, and what its collections and records are called",
    "open: agents/context.py: os.open": "it makes a mark of its own, with O_EXCL",
    "open: agents/context.py: open": "it writes a file of its own in the session's folder",
    "open: agents/statusline.py: open": "it writes a file of its own, which it then renames",
    "open: agents/background.py: os.open": "the null device",
    "open: cli/terminal/streams.py: os.open": "the null device",
    "open: git/gate/glance.py: open": "two pipes of its own",
    "open: doctor/checks.py: .read_text": "the kernel's table of mounts",
    "open: cli/commands/demo.py: .read_text": "a file in a folder that was made a moment ago",
    "conclusion: repository/loop.py": "it reads the head again, and tries a few times more",
    "conclusion: git/ref.py": "the ref is read again, and believed",
    "conclusion: git/processes.py": "whoever needs the process is told",
    "conclusion: doctor/checks.py": "it is a finding",
    "conclusion: stores/sql/store.py": "the database is asked whether the version came to be",
    "conclusion: stores/sql/sqlite.py": "raised again, with the file's name",
    "conclusion: stores/sql/postgresql.py": "raised again, with the line's name",
    "conclusion: stores/mongodb/store.py": "the version stands; the next one writes the rows",
    "import: instructions/judged_meaning.py -> tractatus_merge.meaning.contradictions": "the policy says who judges meaning; meaning reads who is retired and what is grave, which stand here",
}
"""A breach, as its message begins: why it is right all the same."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


class Breach(NamedTuple):
    """What is broken where (stable: the key of an exception), the line, and what the rule is."""

    what: str
    line: int
    rule: str


class Import(NamedTuple):
    """The dotted target, its line, and whether it runs when the module itself is imported."""

    target: str
    line: int
    at_once: bool


class Module(NamedTuple):
    """One source file: its path in the package, dotted name, text and tree."""

    file: str
    name: str
    text: str
    tree: ast.Module

    def imports(self) -> Iterator[Import]:
        """Every import, lazy ones and those for types only included."""
        ahead: list[tuple[ast.AST, bool]] = [(self.tree, True)]
        while ahead:
            node, at_once = ahead.pop()
            if isinstance(node, ast.Import):
                yield from (Import(name.name, node.lineno, at_once) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{self.file}:{node.lineno}: write the whole dotted name"
                for inner in (f"{node.module}.{name.name}" for name in node.names):
                    yield Import(inner if inner in MODULES else node.module, node.lineno, at_once)
            types = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            at_once = at_once and not types and not isinstance(node, FUNCTIONS)
            ahead += [(child, at_once) for child in ast.iter_child_nodes(node)]


def read_modules() -> Iterator[Module]:
    """The whole package."""
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        text = path.read_text("utf-8")
        yield Module(path.relative_to(ROOT / PACKAGE).as_posix(), name, text, ast.parse(text))


MODULES = {module.name: module for module in read_modules()}


def top(target: str) -> str:
    """The package that an import's target belongs to."""
    return target.split(".", maxsplit=1)[0]


def is_foreign(target: str) -> bool:
    """Whether the target is a third-party package."""
    return top(target) != PACKAGE and top(target) not in sys.stdlib_module_names


def room(name: str) -> str:
    """The first part of a module's name below the package."""
    return (name + ".").split(".")[1]


def layers(module: Module) -> Iterator[Breach]:
    """Imports go down."""
    here = room(module.name)
    if here and here not in LEVEL:
        yield Breach(f"room: {module.file}", 1, "LAYERS has no such room")
    for target, line, at_once in module.imports():
        what, there = f"import: {module.file} -> {target}", room(target)
        if top(target) != PACKAGE or target == PACKAGE:
            continue
        if module.name in ENTRIES:
            if at_once:
                yield Breach(what, line, "an entry imports the package in functions only")
        elif here != there and here in LEVEL and LEVEL.get(there, 0) >= LEVEL[here]:
            way = "sideways" if LEVEL[there] == LEVEL[here] else "upward"
            yield Breach(what, line, way)


def wings(module: Module) -> Iterator[Breach]:
    """Within a room that has departments, imports go down as well."""
    rows = enumerate(WINGS.get(room(module.name), ()))
    wing = {name: level for level, row in rows for name in row}
    here = department(module.name, wing)
    for target, line, _ in module.imports() if here in wing else ():
        there = department(target, wing) if room(target) == room(module.name) else here
        if there != here and there in wing and wing[there] >= wing[here]:
            yield Breach(f"wing: {module.file} -> {target}", line, f"{here or 'room'} to {there}")


def department(name: str, wing: Mapping[str, int]) -> str:
    """The second part of a module's name below the package, if it is a department; else ""."""
    part = (name + "..").split(".")[2]
    return part if part in wing else ""


def doors(module: Module) -> Iterator[Breach]:
    """Each third-party package is imported in one place; a store, where stores are chosen."""
    for target, line, _ in module.imports():
        door = DOORS.get(top(target)) if is_foreign(target) else STORES.get(target, "")
        if door is None or not module.file.startswith(door):
            yield Breach(f"door: {module.file} -> {target}", line, f"its one door is {door}")


def purity(module: Module) -> Iterator[Breach]:
    """What decides knows an allow-list of the standard library, and nothing of the world."""
    for target, line, _ in module.imports() if module.file.startswith(PURE) else ():
        if top(target) != PACKAGE and target not in PURE_IMPORTS:
            yield Breach(f"purity: {module.file} -> {target}", line, "not on the allow-list")


def calls(module: Module) -> Iterator[Breach]:
    """Only `cli`, `agents` and the entry print, ask and exit; nobody runs text."""
    forbidden = NEVER if module.file.startswith(PRINTERS) else NEVER | PRINTING
    for node in ast.walk(module.tree):
        name = ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
        elif isinstance(node, ast.Attribute):
            name = ast.unparse(node)
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield Breach(f"call: {module.file}: shell=", node.lineno, "words, never a shell's line")
        if name in forbidden:
            rule = "never" if name in NEVER else "only cli/, agents/ and __main__ talk and exit"
            yield Breach(f"call: {module.file}: {name}", node.lineno, rule)


def opening(module: Module) -> Iterator[Breach]:
    """What lies at a path is opened by `system`, which waits for no FIFO."""
    if module.file.startswith("system/"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and name not in OPENING:
            owner, method = ast.unparse(node.func.value), node.func.attr
            no_file = owner in ("plain_file", "self", "deck") or method not in READING
            name = "" if no_file else f".{method}"
        if name in OPENING or name.startswith("."):
            rule = "a FIFO would be waited for: read by plain_file"
            yield Breach(f"open: {module.file}: {name}", node.lineno, rule)


def sizes(module: Module) -> Iterator[Breach]:
    """A module, a function and a module's public names each fit in a head."""
    lines = module.text.count("\n")
    if lines > MODULE_LINES:
        yield Breach(f"module size: {module.file}", 1, f"{lines} lines of {MODULE_LINES}")
    for node in ast.walk(module.tree):
        lines = node.end_lineno - node.lineno + 1 if isinstance(node, FUNCTIONS) else 0
        if lines > FUNCTION_LINES:
            what = f"function size: {module.file}: {node.name}"
            yield Breach(what, node.lineno, f"{lines} lines of {FUNCTION_LINES}")
    names = sorted({name for node in module.tree.body for name in defined(node) if name[0] != "_"})
    if len(names) > PUBLIC_NAMES:
        rule = f"{len(names)} of {PUBLIC_NAMES}: {' '.join(names)}"
        yield Breach(f"public names: {module.file}", 1, rule)


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def docstrings(module: Module) -> Iterator[Breach]:
    """Every module that says anything says what it is, and so does all that is public in it."""
    public = [node for node in module.tree.body if is_public(node)]
    classes = [node for node in public if isinstance(node, ast.ClassDef)]
    for node in (*public, *(method for c in classes for method in c.body if is_public(method))):
        if not ast.get_docstring(node):
            yield Breach(f"docstring: {module.file}: {node.name}", node.lineno, "say what it is")
    if module.tree.body and not ast.get_docstring(module.tree):
        yield Breach(f"docstring: {module.file}", 1, "say what the module is, and what it is not")


def is_public(node: ast.stmt) -> bool:
    """Whether the statement defines a function or class with a public name."""
    return isinstance(node, DEFINITIONS) and node.name[0] != "_"


def maps(module: Module) -> Iterator[Breach]:
    """A folder's docstring is its map: it names every module and folder in it."""
    if not module.file.endswith("__init__.py"):
        return
    known = ast.get_docstring(module.tree) or ""
    for name in MODULES:
        inside, _, last = name.rpartition(".")
        if inside == module.name and f"- `{last}`: " not in known:
            yield Breach(f"map: {module.file}: {last}", 1, "say in a line what it is")


def values(module: Module) -> Iterator[Breach]:
    """A frozen value is a `Value`: a dataclass compiles a program for each class, at each start."""
    for node in ast.walk(module.tree):
        for made in node.decorator_list if isinstance(node, ast.ClassDef) else ():
            if "dataclass" in ast.unparse(made) and "frozen=True" in ast.unparse(made):
                assert isinstance(node, ast.ClassDef)
                yield Breach(f"value: {module.file}: {node.name}", node.lineno, "make it a Value")


def conclusions(module: Module) -> Iterator[Breach]:
    """Only `Missing` says that something is gone: another failure of a store is no answer.

    Whoever catches a StoreError asks again, or tells of it.
    """
    for node in ast.walk(module.tree):
        caught: list[ast.expr] = []
        if isinstance(node, ast.ExceptHandler) and node.type:
            caught = [node.type]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = node.args
        if any("StoreError" in re.findall(r"\w+", ast.unparse(each)) for each in caught):
            yield Breach(f"conclusion: {module.file}", node.lineno, "is it gone? catch Missing")


RULES = (
    *(layers, wings, doors, purity, calls, opening),
    *(sizes, docstrings, maps, values, conclusions),
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Callable[[Module], Iterator[Breach]]) -> None:
    """The rule holds in every module, but for what EXCEPTIONS argues."""
    assert MODULES, "no source was found: the test would pass on nothing"
    found = [(m, b) for m in MODULES.values() for b in rule(m) if b.what not in EXCEPTIONS]
    if found:
        lines = [f"{m.file}:{b.line}: {b.what} ({b.rule})" for m, b in found]
        pytest.fail("\n".join(lines), pytrace=False)


def made(file: str, text: str) -> Module:
    """A module that is not there, as it would be read."""
    name = ".".join((PACKAGE, *Path(file).with_suffix("").parts)).removesuffix(".__init__")
    return Module(file, name, text, ast.parse(text))


@pytest.mark.parametrize(
    ("rule", "file", "text", "what"),
    [
        (layers, "core/model/x.py", "from tractatus_merge.git.store import GitStore", "import: "),
        (layers, "view/x.py", "def f():\n    import tractatus_merge.review.answer", "import: "),
        (layers, "__main__.py", "from tractatus_merge import cli", "import: "),
        (layers, "attic/x.py", "", "room: "),
        (wings, "core/values/x.py", "from tractatus_merge.core.rules.base import Rule", "wing: "),
        (wings, "core/model/x.py", "from tractatus_merge.core.plans import merge", "wing: "),
        (wings, "git/x.py", "from tractatus_merge.git.sync.remote import Remote", "wing: "),
        (wings, "git/audit/x.py", "from tractatus_merge.git.gate import check", "wing: "),
        (doors, "sessions/x.py", "import git", "door: "),
        (doors, "review/x.py", "import click", "door: "),
        (doors, "git/gate/x.py", "import requests", "door: "),
        (doors, "doctor/x.py", "from tractatus_merge.git.store import GitStore", "door: "),
        (purity, "core/plans/x.py", "import time", "purity: "),
        (purity, "sessions/lifecycle.py", "import os", "purity: "),
        (calls, "sessions/x.py", "print(1)", "call: "),
        (calls, "core/x.py", "import sys\nsys.exit(1)", "call: "),
        (calls, "cli/x.py", "eval('1')", "call: "),
        (calls, "cli/x.py", "run('ls', shell=True)", "call: "),
        (opening, "view/x.py", "open('x')", "open: "),
        (opening, "view/x.py", "os.open('x', 0)", "open: "),
        (opening, "view/x.py", "path.read_text('utf-8')", "open: "),
        (opening, "view/x.py", "path.parent.open('rb')", "open: "),
        (sizes, "view/x.py", "x = 1\n" * 501, "module size: "),
        (sizes, "view/x.py", "def f():\n" + "    x = 1\n" * 50, "function size: "),
        (sizes, "view/x.py", "".join(f"x{n} = 1\n" for n in range(13)), "public names: "),
        (docstrings, "view/x.py", "x = 1", "docstring: "),
        (docstrings, "view/x.py", "'X.'\ndef f(): ...", "docstring: "),
        (docstrings, "view/x.py", "'X.'\nclass C:\n    'C.'\n    def f(self): ...", "docstring: "),
        (maps, "core/__init__.py", "'What a merge is.'", "map: "),
        (conclusions, "log/x.py", "try: ...\nexcept StoreError: ...", "conclusion: "),
        (conclusions, "log/x.py", "with suppress(OSError, StoreError): ...", "conclusion: "),
        (values, "log/x.py", "@dataclass(frozen=True, slots=True)\nclass X: ...", "value: "),
    ],
)
def test_each_rule_can_be_broken(
    rule: Callable[[Module], Iterator[Breach]], file: str, text: str, what: str
) -> None:
    """A module that breaks a rule is found by it."""
    assert [breach for breach in rule(made(file, text)) if breach.what.startswith(what)]


def test_exceptions() -> None:
    """Every exception still excuses something."""
    found = {breach.what for m in MODULES.values() for rule in RULES for breach in rule(m)}
    assert not EXCEPTIONS.keys() - found, f"delete: {sorted(EXCEPTIONS.keys() - found)}"


def at_once(name: str) -> set[str]:
    """What importing the module imports."""
    imports = MODULES[name].imports() if name in MODULES else ()
    return {found.target for found in imports if found.at_once} - {PACKAGE}


def test_cycles() -> None:
    """No module needs itself to be imported."""
    try:
        TopologicalSorter({name: at_once(name) for name in MODULES}).prepare()
    except CycleError as error:
        pytest.fail("an import cycle: " + " -> ".join(error.args[1]))


@pytest.mark.parametrize("start", HOOK_PATH)
def test_hook_path(start: str) -> None:
    """What an agent's hook imports never reaches a third-party package, however deep."""
    ways = [(f"{PACKAGE}.{start}",)]
    for way in ways:
        assert not is_foreign(way[-1]), f"on the hook path: {' -> '.join(way)}"
        known = {target for (*_, target) in ways}
        ways += [(*way, target) for target in sorted(at_once(way[-1]) - known)]
