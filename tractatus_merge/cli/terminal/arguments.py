"""What people type: the options that verbs share, and values in `k=v`, JSON and files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from tractatus_merge.core.model.record import checked_depth
from tractatus_merge.core.values import json_text
from tractatus_merge.core.values.equality import Json
from tractatus_merge.core.values.equality import Path as Path_
from tractatus_merge.core.values.json_text import JsonError
from tractatus_merge.core.values.paths import path_of
from tractatus_merge.errors import RequestError, TooDeep
from tractatus_merge.system import plain_file

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def offers(kind: str) -> Completer:
    """What a shell offers for a word of this kind: ids, or names of settings."""

    def complete(context: click.Context, _: click.Parameter, word: str) -> list[CompletionItem]:
        from tractatus_merge.cli.completions import offered  # only a shell asks

        return offered(kind, context, word)

    return complete


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="For people, as data, or as a comment on a pull request.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Data as JSON on stdout.")
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would happen; write nothing."
)
session_option = click.option(
    "--session",
    "name",
    metavar="SESSION",
    help="The session meant: its id or tag, or how one begins (four letters at least).",
    shell_complete=offers("session"),
)
why_option = click.option(
    "--why", default="", help="The reason; people see it when they settle a conflict."
)


def json_or_text(text: str) -> Json:
    """What `--set k=v` means by v: JSON where it parses, else the text itself; or TooDeep."""
    try:
        return json_text.parse(text)
    except JsonError:
        return checked_depth(text)


def typed_path(text: str) -> Path_:
    """A path as people type it; RequestError if it is none."""
    try:
        path = path_of(text)
    except JsonError as error:
        hint = 'keys joined by dots; an odd one as ["its name"]'
        raise RequestError(f"'{text}' is no path: {error.why}.", hint=hint) from None
    if len(path) > json_text.RECORD_DEPTH:
        raise TooDeep(json_text.RECORD_DEPTH)
    return path


def json_value(text: str) -> Json:
    """What `--value` means: JSON, from a file with `@`, from stdin with `-`."""
    if text == "-":
        text = sys.stdin.read()
    elif text.startswith("@"):
        try:
            text = plain_file.read_given(text[1:]).decode()
        except (OSError, ValueError) as error:
            raise RequestError(f"{text[1:]} cannot be read: {error}") from None
    try:
        return json_text.parse(text)
    except JsonError as error:
        raise RequestError(
            f"the value is not JSON: {error.why}.",
            hint="a text needs its quotes: --value '\"like this\"'",
        ) from None


def pair(text: str) -> tuple[str, str]:
    """Split `k=v`."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise RequestError(
            f"'{text}' should be KEY=VALUE.",
            hint="for example: --set persistence=HIGH --param port=27017",
        )
    return key, value
