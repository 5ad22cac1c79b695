"""What `.claude/tractatus.toml` says: checked settings, and tables of rules by file."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from tractatus_merge.errors import DocumentError
from tractatus_merge.system import plain_file
from tractatus_merge.value import Value

SETTINGS = "tractatus.toml"
DEFAULT_BRANCH = "tractatus/history"
"""The name of the line where no settings name another."""
DEFAULT_LOCK = "flock"
"""The lock in front of the loop where no settings name another."""
VIEW = "instruction-history.json"
"""The file of a `.claude` folder that agents and scripts read."""


class Setting(Value):
    """What a setting may be: its type, the words there are for it, what it is where nobody says."""

    kind: type
    choices: tuple[str, ...]
    default: object
    help: str

    def fault(self, value: object) -> str:
        """What is wrong with a value: a sentence that ends in what is possible; "" if nothing."""
        words = value if isinstance(value, list) else ["a word"]
        if type(value) is not self.kind or not words or not all(type(w) is str for w in words):
            return f"it is {_CALLED[self.kind]}"
        if self.choices and value not in self.choices:
            return f"it is one of {', '.join(self.choices)}"
        return ""


_CALLED = {str: "a text", bool: "true or false", int: "a whole number", list: "a list of words"}
KNOWN = {
    "store.branch": Setting(
        str, (), DEFAULT_BRANCH, "The branch that is the history. `init --store` chooses it."
    ),
    "store.url": Setting(
        str, (), "", "Another store than git's. `init --store` chooses it, `migrate` moves it."
    ),
    "store.lock": Setting(
        str, (), DEFAULT_LOCK, "For what writers line up. `init --lock` chooses it."
    ),
    "view.write": Setting(
        str,
        ("auto", "always", "never"),
        "auto",
        "Whether the history file is written where git tracks it in a linked worktree.",
    ),
    "policy.agents_may_resolve": Setting(
        bool, (), default=False, help="Whether an agent may answer conflicts and undo versions."
    ),
    "metrics.budget": Setting(
        int, (), 0, "How many tokens a session's window has; 0: what its model is known for."
    ),
    "publish.metrics": Setting(
        bool,
        (),
        default=False,
        help="Whether a session's numbers are published with what it wrote.",
    ),
    "notify.command": Setting(
        list, (), [], "What is run when conflicts are new: the words of a command, and no shell."
    ),
    "check.block": Setting(
        str,
        ("MINOR", "WARNING", "CRITICAL", "never"),
        "WARNING",
        "How grave an open conflict must be that `check` refuses a commit.",
    ),
}
"""The settings by name: the section, a dot, the key."""
_DOCUMENTS = "documents"
"""The section of tables of rules: whoever merges such a file checks them."""


def settings(path: Path) -> dict[str, dict[str, object]]:
    """The settings of a file, by section; none where there is no file.

    What this program does not know is in it: see `unknown`. DocumentError for a value that a known
    one cannot have.
    """
    try:
        text = plain_file.read_text(path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(str(path), None, f"cannot be read: {error}") from None
    import tomllib  # 4 ms, and most repositories have no settings

    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(str(path), None, f"not TOML: {error}") from None
    for name, one in KNOWN.items():
        section, _, key = name.partition(".")
        values = found.get(section, {})
        if not isinstance(values, dict):
            raise DocumentError(str(path), None, f"{section} is no section", hint=f"[{section}]")
        why = one.fault(values[key]) if key in values else ""
        if why:
            what = f"[{section}] {key} = {values[key]!r} is not possible: {why}"
            raise DocumentError(str(path), None, what, hint=f"tractatus-merge config set {name}")
    return found


def unknown(said: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The names that a file of settings has, and this program does not know."""
    found = []
    for section, values in said.items():
        if section != _DOCUMENTS:
            keys = [f"{section}.{key}" for key in values] if isinstance(values, dict) else []
            found += [name for name in keys or [section] if name not in KNOWN]
    return found


def rules_of(file: Path) -> tuple[str, Mapping[str, object]] | None:
    """The table of rules that the settings nearest above a file have for it: (where, table).

    The names in `[documents."NAME"]` are patterns (`*.jsonl`), matched with the file's name and
    with its path from the folder that holds `.claude`; the first that fits counts.
    """
    file = file.absolute()
    found = documents_above(file.parent)
    return None if found is None else table_for(file, *found)


def documents_above(folder: Path) -> tuple[Path, dict[str, object]] | None:
    """The nearest folder with settings, from this one up, and the tables they have."""
    for place in (folder, *folder.parents):
        path = place / ".claude" / SETTINGS
        if path.is_file():
            return place, documents_of(path)
    return None


def documents_of(path: Path) -> dict[str, object]:
    """The tables of a settings file, by the name of the file they are for."""
    documents = settings(path).get(_DOCUMENTS, {})
    if not isinstance(documents, dict):
        raise DocumentError(
            str(path), None, "documents is no section", hint=f'[{_DOCUMENTS}."NAME"]'
        )
    return documents


def table_for(
    file: Path, folder: Path, documents: Mapping[str, object]
) -> tuple[str, Mapping[str, object]] | None:
    """The first of a folder's tables whose name fits the file: (where, table)."""
    for name, table in documents.items():
        pattern = name.lstrip("/")
        if fnmatch(file.name, name) or fnmatch(str(file.relative_to(folder)), pattern):
            path = folder / ".claude" / SETTINGS
            if not isinstance(table, dict):
                raise DocumentError(str(path), None, f'[documents."{name}"] is no table')
            return f'{path}: [documents."{name}"]', table
    return None
