"""Write the pages that say what the code says, or compare them with it.

python tools/docs.py            write them
python tools/docs.py --check    exit 1 where one is stale, and name it

Nothing is described here: words come from docstrings and help texts, facts from tables. The block
between the demo's markers in README.md is what a run of the demo prints; what an agent hears there
was told to one when `tests/recorded` was last recorded.
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click

from tractatus_merge import errors
from tractatus_merge.anyfile import tables
from tractatus_merge.anyfile.ready_made import READY_MADE
from tractatus_merge.cli import verbs as cli
from tractatus_merge.cli.commands import completion
from tractatus_merge.cli.examples import EXAMPLES
from tractatus_merge.core.rules import generic, lists
from tractatus_merge.core.values.places import GUESSED
from tractatus_merge.instructions import counters
from tractatus_merge.instructions import field_rules as history_policy
from tractatus_merge.repository.settings import KNOWN
from tractatus_merge.sessions import lifecycle

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools import diagrams, findings, json_keys, man

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "tests" / "recorded" / "recording"
MADE = "<!-- made by `make docs` from {}: edit that, not this page -->"
RECORDED = ROOT / "tests" / "recorded" / "recording" / "agents.txt"
CODES = {
    0: "done; for what merges: clean, or nothing to merge",
    1: "done, and a person is needed: this merge opened or joined a conflict",
    2: "bad usage or input; nothing was changed",
    3: "the store, or a file, cannot be used",
    70: "a bug; one line says where its traceback was written",
    75: "busy; nothing is lost, try the same command again",
    130: "stopped from the keyboard",
    141: "the reader of the output went away",
}


NAMES = (
    ("`ID`", "an instruction: `inst_001`", "`list --all`"),
    ("`SESSION`", "a session: its id or its tag, or how one begins", "`sessions --all`"),
    ("`CONFLICT`", "a conflict: `c1a2b3c4d`, or how it begins", "`conflicts`"),
    ("`ANSWER`", "what a person answered: `r1a2b3c4d-5e6f7a8b`", "`conflicts --settled`"),
    ("`VERSION`", "a version of the history, or how it begins (four digits)", "`log`"),
    ("`COMMIT`", "a commit of the code, as git names it", "`git log`"),
    ("`TIME`", "`2026-11-28`, `2026-11-28 14:30`, `yesterday`, `2 days ago`, `2h`", ""),
)
"""What the words in capitals stand for."""
VARIABLES = {
    "TRACTATUS_SESSION": "the session that a command means, where `--session` does not say it",
    "TRACTATUS_AUTHOR": "who acts, as `name <mail>`, in place of what git's settings say",
    "TRACTATUS_QUEUE": "`off`: do not line up before a write (nothing is less right, only slower)",
    "TRACTATUS_NOTIFY": "`on`: `notify.command` is run though git tracks the settings file",
    "TRACTATUS_MONGODB_PASSWORD": "the password of a store in MongoDB",
    "TRACTATUS_REDIS_PASSWORD": "the password of a lock in Redis",
    "PGPASSWORD": "the password of a store in PostgreSQL; `~/.pgpass` as well",
    "GIT_PAGER, PAGER": "the pager of long texts, as git takes it",
    "NO_COLOR, FORCE_COLOR": "no colours; colours also where the output is no terminal",
    "TZ": "the time zone in which times are told and typed",
}
"""What a person sets; agents set more."""


def pages(root: Path) -> dict[Path, str]:
    """Every generated page, by its place below the root."""
    return {
        Path("docs/reference/cli.md"): _joined(commands()),
        Path("docs/reference/lifecycle.md"): _joined(life()),
        Path("docs/reference/rules.md"): _joined(policy()),
        Path("docs/reference/settings.md"): _joined(settings_page()),
        Path("docs/reference/exit-codes.md"): _joined(exits()),
        Path("docs/reference/findings.md"): _made("findings.py", findings.findings()),
        Path("docs/reference/json.md"): _made("json_keys.py", json_keys.page(RECORDINGS)),
        Path("docs/reference/schemas.json"): schemas(),
        **diagrams.pages(),
        **man.pages(CODES),
        Path("README.md"): readme((root / "README.md").read_text("utf-8")),
        **completions(),
    }


def completions() -> dict[Path, str]:
    """What each shell reads by itself where the program is installed."""
    places = {
        "bash": "bash-completion/completions/tractatus-merge",
        "zsh": "zsh/site-functions/_tractatus-merge",
        "fish": "fish/vendor_completions.d/tractatus-merge.fish",
    }
    return {
        Path("share", place): completion.script(cli.tractatus_merge, shell)
        for shell, place in places.items()
    }


def commands() -> Iterator[str]:
    """The command line: verbs by group, then the exit codes."""
    settings: Any = cli.tractatus_merge.context_settings
    top = click.Context(cli.tractatus_merge, info_name="tractatus-merge", **settings)
    yield MADE.format("tractatus_merge/cli/") + "\n\n# The command line"
    yield '<!-- skip: start "the examples of the help have names and ids that are made up" -->'
    yield f"    tractatus-merge {' '.join(cli.tractatus_merge.collect_usage_pieces(top))}"
    yield f"{(cli.tractatus_merge.help or '').splitlines()[0]} Also as `git tractatus`."
    yield _options(cli.tractatus_merge, top)
    for title, verbs in cli.GROUPS.items():
        yield f"## {title}"
        for verb in verbs:
            command = cli.tractatus_merge.get_command(top, verb)
            assert command is not None, f"{verb} is shown and not there"
            context = click.Context(command, info_name=verb, parent=top)
            yield f"### {verb}"
            yield f"    tractatus-merge {verb} {' '.join(command.collect_usage_pieces(context))}"
            yield " ".join((command.help or "").split())
            yield _options(command, context)
            if isinstance(command, click.Group):
                yield "\n".join(_subcommands(command, context))
            lines = "\n".join(f"tractatus-merge {line}" for line in EXAMPLES[verb])
            yield f"```sh\n{lines}\n```"
    yield "## What is named"
    yield _table(("word", "means", "found by"), NAMES)
    yield (
        "`--all` is always all that there are, not only the usual. `--format` and `--json` are "
        "about output. `--id` names an instruction, `--session` a session."
    )
    yield "The exit codes have [a page of their own](exit-codes.md)."


def _subcommands(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        pieces = " ".join(command.collect_usage_pieces(click.Context(command, context, name)))
        yield f"- `{group.name} {name} {pieces}`: {' '.join((command.help or '').split())}"


def settings_page() -> Iterator[str]:
    """The settings, and the variables of the environment."""
    yield MADE.format("tractatus_merge/repository/settings.py") + "\n\n# Settings"
    yield (
        "Each setting, with its default. They are in `.claude/tractatus.toml`: one file for all "
        "who work on the repository. "
        "`tractatus-merge config list` shows them, `config set NAME VALUE` changes one. "
        "`view.write` is `write` in the section `[view]`."
    )
    rows = []
    for name, one in KNOWN.items():
        words = one.choices or (("true", "false") if one.kind is bool else ())
        default = str(one.default).lower() if one.kind is bool else str(one.default)
        possible = ", ".join(f"`{word}`" for word in words)
        rows.append((f"`{name}`", one.help, possible, f"`{default}`" if default else ""))
    yield _table(("name", "what it says", "one of", "default"), rows)
    yield (
        'Sections `[documents."NAME"]` are [tables of rules](../how-to/merge-any-file.md). What no '
        "setting is called is warned of; a value that a setting cannot have is refused."
    )
    yield "## The environment"
    yield _table(("variable", "what it says"), [(f"`{n}`", said) for n, said in VARIABLES.items()])


def exits() -> Iterator[str]:
    """The exit codes, with the errors that lead to each."""
    raised: dict[int, list[str]] = {code: [] for code in CODES}
    for error in vars(errors).values():
        if inspect.isclass(error) and issubclass(error, errors.TractatusError):
            raised[error.exit_code].append(f"`{error.__name__}`")
    yield MADE.format("tractatus_merge/errors.py")
    yield from findings.exit_codes(CODES, raised)


def schemas() -> str:
    """What `--json` prints, as one JSON Schema with a definition for each verb."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What --json of tractatus-merge prints, by verb",
        "$defs": json_keys.documents(RECORDINGS),
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _made(source: str, parts: Iterator[str]) -> str:
    return _joined(chain([MADE.format(f"tools/{source}")], parts))


def _options(command: click.Command, context: click.Context) -> str:
    """The options with their help; `--help` itself only at the top."""
    top = context.parent is None
    params = (p for p in command.get_params(context) if top or "--help" not in p.opts)
    records = (param.get_help_record(context) for param in params)
    return "\n".join(f"- `{record[0]}`: {record[1]}" for record in records if record and record[1])


def life() -> Iterator[str]:
    """The life of a session, as a table."""
    yield MADE.format("tractatus_merge/sessions/lifecycle.py") + "\n\n# The life of a session"
    yield (
        "`start` makes a session that is `open`; `end` publishes it, `abandon` leaves it "
        "unpublished, and `start --resume` opens it again. `merge` publishes and goes on. `reap` "
        "is what the next start or end of any session does to one whose agent is gone: its work "
        "is published."
    )
    yield "What an empty cell stands for is refused with exit code 2."
    table = {key: after.value for key, after in lifecycle.TRANSITIONS.items()}
    events = list(lifecycle.Event)
    rows = [[f"`{s.value}`", *(table.get((s, e), "") for e in events)] for s in lifecycle.Life]
    yield _table(["state", *(f"`{event.value}`" for event in events)], rows)


def policy() -> Iterator[str]:
    """The merge rule of every field, as the merge itself holds it."""
    yield MADE.format("tractatus_merge/instructions/field_rules.py") + "\n\n# The merge rules"
    yield (
        "*Ours* is the head's side, *theirs* the session's. Where one of them changed a field, or "
        "both did the same, that is taken; where they changed it differently, its rule speaks. "
        "`keep` always speaks."
    )
    yield "## An instruction"
    yield from _fields((), history_policy.HISTORY.policy.rule)
    yield "## The header of the history file"
    yield from _fields((), history_policy.HISTORY.header_policy.rule)
    yield "## By what stands there"
    shapes = (generic.fields, lists.keyed, lists.as_set, generic.conflict)
    yield "`by_shape` asks the first of these that fits:"
    yield "\n".join(f"- `{rule.__name__}`: {_doc(rule)}" for rule in shapes)
    guessed = ", ".join(f"`{name}`" for name in GUESSED)
    yield "## Names for any file"
    yield (
        "`merge-file` and the tables in `.claude/tractatus.toml` give a place one of these "
        "rules. Without one, a place goes by its shape: objects key by key, lists of objects by "
        f"the first of {guessed} that tells them apart in every version, other lists as `lists` "
        "says (`sequence`), all else `conflict`. "
        "What one side deletes and the other edits stays as edited, and waits for a person."
    )
    rows = [(f"`{name}`", _doc(rule)) for name, rule in tables.RULES.items()]
    inner = [("`keyed`", _doc(lists.keyed)), ("`map`", _doc(generic.fields))]
    yield _table(("rule", "what it does"), [*rows, *inner])
    yield "## Ready-made tables"
    yield '`--table NAME` of `merge-file`, or `table = "NAME"` in a table of the settings.'
    for name, table in READY_MADE.items():
        yield f"### `{name}`: {table.what}"
        said = [
            *((path, "the key " + key) for path, key in table.keys.items()),
            *table.rules.items(),
        ]
        yield _table(("path", "rule"), [(f"`{path}`", rule) for path, rule in said])
    yield "## Counters"
    yield (
        "These keys of the header are derived from the instructions: counted again after a merge "
        "where the old number was right before it, else left as they are."
    )
    yield "\n".join(f"- `{'.'.join(path)}`" for path in counters.COUNTERS)


def _fields(path: tuple[str, ...], rule: Any) -> Iterator[str]:
    """The table of a record's rule, after what is wrapped around it; then of the objects in it."""
    inside = inspect.getclosurevars(rule).nonlocals
    if "table" not in inside:
        yield f"As a whole: {_doc(rule)}"
        inside = inspect.getclosurevars(inside["rule"]).nonlocals
    rows = [(f"`{name}`", *_told(field)) for name, field in inside["table"].items()]
    yield _table(("field", "rule", "what it does"), [*rows, ("any other", *_told(inside["other"]))])
    for name, field in inside["table"].items():
        if "table" in inspect.getclosurevars(field).nonlocals:
            yield f"### `{'.'.join((*path, name))}`"
            yield from _fields((*path, name), field)


def _told(rule: Any) -> tuple[str, str]:
    """A rule's name and first line; one that was made goes by the name the policy gave it."""
    name, made, _ = rule.__qualname__.partition(".")
    given = (given for given, value in vars(history_policy).items() if made and value is rule)
    return f"`{next(given, name)}`", _doc(rule)


def _doc(rule: Any) -> str:
    maker = getattr(sys.modules[rule.__module__], rule.__qualname__.partition(".")[0])
    first = (inspect.getdoc(maker) or "").split("\n", maxsplit=1)[0]
    key = inspect.getclosurevars(rule).nonlocals.get("key")
    return f"{first} `key`: {inspect.getdoc(key)}" if callable(key) else first


def demo() -> str:
    """What the demo prints, up to its first empty line."""
    words = [sys.executable, "-m", "tractatus_merge", "demo"]
    out = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return out.partition("\n\n")[0].rstrip("\n")


def heard(event: str) -> str:
    """What an agent's first hook of a kind told it, when the program was last recorded."""
    found = re.findall(r"^  out (\{.*)$", RECORDED.read_text("utf-8"), re.MULTILINE)
    told = (json.loads(line).get("hookSpecificOutput", {}) for line in found)
    text: str = next(one["additionalContext"] for one in told if one["hookEventName"] == event)
    return text.replace("<STAGE>/repo/", "")


def readme(page: str) -> str:
    """The README with what was printed and told between its markers."""
    page = with_block(page, "demo", demo())
    for event in ("SessionStart", "UserPromptSubmit"):
        page = with_block(page, event, heard(event))
    return page


def with_block(page: str, name: str, shown: str) -> str:
    """A page with a text between two markers."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if page.count(f"\n{begin}\n") != 1 or page.count(f"\n{end}\n") != 1:
        sys.exit(f"README.md: put a line {begin} and below it a line {end}, each once")
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n```text\n{shown}\n```\n{end}{rest.partition(end)[2]}"


def _joined(parts: Iterator[str]) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def stale(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    """The pages that are not there, or do not say what they should."""
    there = {path: (root / path).read_text("utf-8") for path in wanted if (root / path).is_file()}
    return [path for path, text in wanted.items() if there.get(path) != text]


def main(words: Sequence[str]) -> int:
    """Write the pages, or with `--check` only compare; the exit code."""
    if words and list(words) != ["--check"]:
        sys.exit("usage: python tools/docs.py [--check]")
    wanted = pages(ROOT)
    changed = stale(ROOT, wanted)
    for path in changed:
        if words:
            print(f"{path} is stale: make docs")
        else:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(wanted[path], "utf-8")
            print(f"wrote {path}")
    return 1 if words and changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
