"""A quick look at what is staged, before anything is loaded: whether it is plainly whole.

It never refuses. What it does not know for certain is left to the gate, which alone judges; where
this says yes, the gate would have stopped nothing (`tests/git/gate/test_glance.py` holds the two
together). Nothing governed staged: that is one question to git, and nothing is said beside it.
Standard library only, and little of it: `re`, `json`, `hashlib`, `os`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from json.decoder import WHITESPACE, scanstring  # type: ignore[attr-defined]

from tractatus_merge.instructions.schema import FIELDS, breaches
from tractatus_merge.system import plain_file

VIEW = ".claude/instruction-history.json"
SETTINGS = ".claude/tractatus.toml"
BRANCH = "tractatus/history"
MAX_ID = 120
_SPACE = WHITESPACE.match
AGENTS = (
    "AI_AGENT", "CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CODEX_SANDBOX", "CODEX_SESSION_ID",
    "CODEX_THREAD_ID", "CURSOR_AGENT", "GEMINI_CLI", "GEMINI_SESSION_ID", "TRACTATUS_SESSION",
)  # fmt: skip
"""The variables of agents: a session that wrote a side of a grave conflict commits nothing."""

Row = tuple[str, str]
"""The id of an instruction and its text in the file."""


_UNREAD = (
    OSError, ValueError, RecursionError, LookupError, AttributeError, TypeError, StopIteration,
)  # fmt: skip
"""What reading something unexpected raises (StopIteration: the scanner found no value)."""


class _Unsure(Exception):
    """Something that the gate has to look at."""


def is_whole(named: Sequence[str] = ()) -> bool:
    """Whether what is staged here is certainly whole, and nothing needs to be said beside it.

    `named` are files to be judged though nothing of them may be staged.
    """
    try:
        _look(named)
    except (_Unsure, *_UNREAD):
        return False
    return True


def _look(named: Sequence[str]) -> None:
    """Pass, or _Unsure: nothing governed; or one modified view, on the published head."""
    _must(not any(name.startswith("GITHEAD_") for name in os.environ))
    _must("PRE_COMMIT_FROM_REF" not in os.environ)
    _must("PRE_COMMIT" not in os.environ or "GIT_INDEX_FILE" in os.environ)  # run by hand
    _must(os.path.exists(".git") and not os.path.exists(f"{_git_dir()}/MERGE_HEAD"))
    staged = _staged()
    _must(not any(map(_governs, named)))
    if VIEW in staged:
        _view(staged)
        return
    _must(not any(map(_governs, staged)))
    if any(name in os.environ for name in AGENTS):
        _must(not os.path.exists(SETTINGS))
        (tree,) = _objects(f"refs/heads/{BRANCH}^{{tree}}")
        _must(b"40000 conflicts\0" not in tree[1])


def _view(staged: dict[str, list[str]]) -> None:
    """Pass, or _Unsure: one modified view, on the published head, with nothing that waits."""
    asked = ("--git-dir", "--git-common-dir", "--git-path", "hooks")
    places = _git("rev-parse", "--path-format=absolute", *asked).decode().split("\n")
    git_dir, common_dir, hooks = places[:3]
    meta = staged.pop(VIEW)
    _must(meta[4] == "M" and meta[0] == ":100644" and meta[1] == "100644")
    _must(not os.path.exists(SETTINGS) and not any(map(_governs, staged)))
    names = (f"refs/heads/{BRANCH}", f"refs/heads/{BRANCH}^{{tree}}")
    head, tree, old, new = _objects(*names, meta[2], meta[3])
    _must(b"40000 conflicts\0" not in tree[1])
    notes = _json_of(f"{git_dir}/tractatus/view-.json")
    if notes.get("version"):
        _must(notes["branch"] == plain_file.read_text(f"{git_dir}/HEAD").strip())
        _must(notes["version"] == head[0].decode())
        import hashlib  # 2 ms

        _must(notes["digest"] in [hashlib.sha256(data).hexdigest()[:16] for _, data in (old, new)])
    _sessions(f"{common_dir}/tractatus/sessions")
    _driver()
    _hooks(f"{common_dir}/tractatus/install.json", hooks)
    _compare(_cut(old[1].decode()), _cut(new[1].decode()))


def _git_dir() -> str:
    """The worktree's own git folder, found without asking git; hooks of git name it."""
    named = os.environ.get("GIT_DIR")
    if named or os.path.isdir(".git"):
        return named or ".git"
    word, _, path = plain_file.read_text(".git").strip().partition(": ")
    _must(word == "gitdir")
    return path


def _governs(path: str) -> bool:
    """Whether a file may be governed: by its folder, or by a table in settings above it."""
    path = path.removeprefix(f"{os.getcwd()}/")
    if ".claude" in path:
        return True
    folders = path.split("/")[:-1]
    if not any(
        os.path.exists("/".join((*folders[:depth], SETTINGS))) for depth in range(len(folders) + 1)
    ):
        return False
    from pathlib import Path  # 20 ms, where there are settings

    from tractatus_merge.repository.settings import rules_of

    return rules_of(Path(path)) is not None


def _must(so: bool) -> None:  # noqa: FBT001 (a statement, said where it is made)
    if not so:
        raise _Unsure


def _git(*words: str, stdin: bytes = b"") -> bytes:
    """What git says; _Unsure if it fails. No `subprocess`: its import costs a third of this."""
    into, out = os.pipe(), os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, into[0], 0),
        (os.POSIX_SPAWN_DUP2, out[1], 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    env = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    process = os.posix_spawnp("git", ["git", *words], env, file_actions=actions)
    os.close(into[0])
    os.close(out[1])
    with open(into[1], "wb") as pipe:
        pipe.write(stdin)
    with open(out[0], "rb") as pipe:
        said = pipe.read()
    _must(os.waitpid(process, 0)[1] == 0)
    return said


def _staged() -> dict[str, list[str]]:
    """What is staged beside HEAD: what git says of each path."""
    out = _git("diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "HEAD")
    fields = out.decode().split("\0")[:-1]
    return dict(zip(fields[1::2], map(str.split, fields[::2]), strict=True))


def _objects(*names: str) -> list[tuple[bytes, bytes]]:
    """The (id, content) of each, in order."""
    out = _git("cat-file", "--batch", stdin="\n".join((*names, "")).encode())
    found, at = [], 0
    for _ in names:
        end = out.index(b"\n", at)
        oid, _kind, size = out[at:end].split()
        at = end + 2 + int(size)
        found.append((oid, out[end + 1 : at - 1]))
    return found


def _json_of(path: str) -> dict[str, object]:
    """A file of our own; nothing if it is not there."""
    try:
        found = json.loads(plain_file.read(path))
    except FileNotFoundError:
        return {}
    _must(isinstance(found, dict))
    return dict(found)


def _sessions(folder: str) -> None:
    """No session is dead: each is merged, abandoned, or open where it works."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        facts = _json_of(f"{folder}/{name}/session.json")
        state = facts.get("state", "merged")
        alive = state == "open" and os.path.isdir(str(facts["worktree"]))
        _must(alive or state in ("merged", "abandoned"))


def _driver() -> None:
    """A driver that `.gitattributes` names is there."""
    if os.path.exists(".gitattributes"):
        named = b"merge=tractatus" in plain_file.read(".gitattributes")
        _must(not named or bool(_git("config", "merge.tractatus.driver")))


def _hooks(ledger: str, folder: str) -> None:
    """Where the gate was installed, git runs it: our section in a hook, or our own hook."""
    if os.path.exists(ledger):
        for name in ("pre-commit", "pre-merge-commit"):
            path = f"{folder}/{name}"
            data = plain_file.read(path) if os.path.exists(path) else b""
            if b"# >>> tractatus-merge >>>" not in data:
                _must(b"tractatus" in _git("hook", "list", name).split(b"\n"))


def _compare(old: list[Row], new: list[Row]) -> None:
    """Every instruction of before is there, none goes back, and what changed is well-formed."""
    there = dict(new)
    _must(len(there) == len(new))
    known = dict(old)
    _must(known.keys() <= there.keys())
    for name, text in new:
        before = known.get(name)
        if text != before:
            _must("\\u" not in text)
            content = _strictly(text)
            was = {} if before is None else _strictly(before)
            _must(not breaches(content) and content.keys() - was.keys() <= FIELDS)
            counts = _counts(content)
            _must(all(counts.get(tag, 0) >= count for tag, count in _counts(was).items()))


def _counts(content: dict[str, object]) -> dict[str, int]:
    """How often each session published it."""
    vector = str(content.get("version_vector", "")).partition("#")[0]
    pairs = (word.lstrip("+").split(":") for word in vector.split())
    return {tag: int(count) for tag, count in pairs}


def _strictly(text: str) -> dict[str, object]:
    """An instruction, where every reader would read the same."""
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_no, parse_float=_no)
    return dict(found)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    _must(len(found) == len(pairs))
    return found


def _no(word: str) -> object:
    """A number as people write it, or _Unsure."""
    _must(word.replace(".", "", 1).replace("-", "", 1).isdigit() and len(word) < 16)
    return float(word)


def _cut(text: str) -> list[Row]:
    """The instructions of a history file that is an object with a list of them."""
    scan = json.JSONDecoder(parse_constant=_no).scan_once  # type: ignore[attr-defined]
    rows: list[Row] | None = None
    keys: set[str] = set()
    at = _past(text, 0)
    _must(text[at] == "{")
    while text[at] != "}":
        at = _past(text, at + 1)
        _must(text[at] == '"')
        key, at = scanstring(text, at + 1, True)  # noqa: FBT003 (strict: no control characters)
        _must(key not in keys)
        keys.add(key)
        at = _past(text, at)
        _must(text[at] == ":")
        at = _past(text, at + 1)
        if key == "instructions":
            rows, at = _rows(text, at, scan)
        else:
            _, at = scan(text, at)
        at = _past(text, at)
        _must(text[at] in ",}")
    _must(_past(text, at + 1) == len(text) and rows is not None)
    return rows or []


def _rows(text: str, at: int, scan: object) -> tuple[list[Row], int]:
    """The elements of the list that begins here, and where it has ended."""
    _must(text[at] == "[" and callable(scan))
    rows = []
    while text[at] != "]":
        at = _past(text, at + 1)
        value, end = scan(text, at)  # type: ignore[operator]
        name = value["id"]
        _must(name.strip() != "" and len(name.encode()) <= MAX_ID)
        rows.append((name, text[at:end]))
        at = _past(text, end)
        _must(text[at] in ",]")
    return rows, at + 1


def _past(text: str, at: int) -> int:
    """Where the white space has ended."""
    return _SPACE(text, at).end()  # type: ignore[no-any-return]
