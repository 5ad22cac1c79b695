"""The verb of the settings in `.claude/tractatus.toml`: config list, get, set."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from tractatus_merge.cli.common import verb
from tractatus_merge.cli.terminal import guesses
from tractatus_merge.cli.terminal.arguments import dry_run_option, json_option, offers
from tractatus_merge.cli.terminal.output import emit
from tractatus_merge.errors import DocumentError, RequestError
from tractatus_merge.repository import settings
from tractatus_merge.repository.line import Repository
from tractatus_merge.repository.settings import KNOWN, SETTINGS, Setting
from tractatus_merge.repository.settings_text import with_setting
from tractatus_merge.system import files, plain_file

_name_argument = click.argument("name", metavar="NAME", shell_complete=offers("setting"))


@click.group(invoke_without_command=True)
@click.pass_context
def config(context: click.Context) -> None:
    """Show the settings, or change one: they are in `.claude/tractatus.toml`.

    That file is for everybody who works on the repository: commit it.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_)


@config.command("list")
@json_option
@verb
def list_(repo: Repository, *, as_json: bool) -> None:
    """Show every setting: its value, what it may be, and what it means."""
    said = settings.settings(_path(repo))
    lines, rows = [], []
    for name, one in KNOWN.items():
        value, is_set = _value(said, name)
        lines.append(f"{name} = {_told(value)}{'' if is_set else '  (by default)'}")
        lines.append(f"    {one.help}{_possible(one)}")
        rows.append({"name": name, "value": value, "default": one.default, "set": is_set,
                     "choices": list(one.choices), "help": one.help})  # fmt: skip
    emit(lines, {"file": str(_path(repo)), "settings": rows}, as_json=as_json)


@config.command("get")
@_name_argument
@json_option
@verb
def get(repo: Repository, *, name: str, as_json: bool) -> None:
    """Print the value of one setting."""
    _known(name)
    value, is_set = _value(settings.settings(_path(repo)), name)
    emit([_told(value)], {"name": name, "value": value, "set": is_set}, as_json=as_json)


@config.command("set")
@_name_argument
@click.argument("said", metavar="VALUE")
@dry_run_option
@json_option
@verb
def set_(repo: Repository, *, name: str, said: str, dry_run: bool, as_json: bool) -> None:
    """Change one setting; the rest of the file stays as it is, comments too."""
    known, path = _known(name), _path(repo)
    if name.startswith("store."):
        why = f"'{name}' says where the history is: it is not changed by hand."
        raise RequestError(why, hint="tractatus-merge init --store URL   (or: migrate FROM TO)")
    value = _typed(name, known, said)
    text = plain_file.read_text(path) if path.exists() else ""
    new = with_setting(text, name, value)
    if new is None:
        why = f"'{name}' cannot be put into it without changing more"
        raise DocumentError(str(path), None, why, hint=f"write it there: {name} = {_told(value)}")
    if not dry_run and new != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, new.encode())
    word = "would set" if dry_run else "set"
    told = {"name": name, "value": value, **({"dry_run": True} if dry_run else {})}
    emit([f"{word} {name} = {_told(value)} in {path}"], told, as_json=as_json)


def _path(repo: Repository) -> Path:
    """The file that the settings are read from, or would be."""
    here, top = (
        folder / SETTINGS for folder in (repo.workspace.claude, repo.workspace.top / ".claude")
    )
    return top if top.exists() and not here.exists() else here


def _known(name: str) -> Setting:
    if name not in KNOWN:
        close = guesses.meant(name, KNOWN)
        asked = f" {guesses.question(close).capitalize()}" if close else ""
        hint = "tractatus-merge config list"
        raise RequestError(f"there is no setting '{name}'.{asked}", hint=hint)
    return KNOWN[name]


def _value(said: dict[str, dict[str, object]], name: str) -> tuple[object, bool]:
    """What a setting is, and whether the file says so."""
    section, _, key = name.partition(".")
    values = said.get(section, {})
    return (values[key], True) if key in values else (KNOWN[name].default, False)


def _typed(name: str, known: Setting, said: str) -> str | int | bool | list[str]:
    """The value that a person typed; RequestError, with what is possible, if it cannot be."""
    value: str | int | bool | list[str] = said
    if known.kind is bool and said.lower() in ("true", "false"):
        value = said.lower() == "true"
    if known.kind is int and said.isascii() and said.isdigit():
        value = int(said)
    if known.kind is list:
        value = _words(said)
    why = known.fault(value)
    if why:
        first = next(iter(known.choices), _told(known.default))
        hint = f"tractatus-merge config set {name} {first}"
        raise RequestError(f"{name} cannot be '{said}': {why}.", hint=hint)
    return value


def _words(said: str) -> list[str]:
    """The words of a command, quoted as a shell has them; none where a quote is not closed."""
    try:
        return shlex.split(said)
    except ValueError:
        return []


def _told(value: object) -> str:
    if isinstance(value, list):
        return shlex.join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _possible(one: Setting) -> str:
    words = one.choices or (("true", "false") if one.kind is bool else ())
    return f"  ({' | '.join(words)})" if words else ""
