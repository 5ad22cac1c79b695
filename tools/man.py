"""The man page, made from the same words as `--help`: the program, its verbs, their examples.

Nothing is described here. `tools/docs.py` writes it. click-man, which was looked at, knows neither
groups nor examples, writes today's date into each page, and runs the program from an entry point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from tractatus_merge.cli import verbs as cli
from tractatus_merge.cli.examples import EXAMPLES

FOLDER = Path("share/man/man1")
PROGRAM = "tractatus-merge"


def pages(codes: Mapping[int, str]) -> dict[Path, str]:
    """The page, and the one by which `git help tractatus` finds it; by their places.

    `codes` are the exit codes and what they mean.
    """
    text = "\n".join(_page(codes)) + "\n"
    return {
        FOLDER / f"{PROGRAM}.1": text,
        FOLDER / "git-tractatus.1": f".so man1/{PROGRAM}.1\n",
    }


def _page(codes: Mapping[int, str]) -> Iterator[str]:
    settings: Any = cli.tractatus_merge.context_settings
    group = cli.tractatus_merge
    top = click.Context(group, info_name=PROGRAM, **settings)
    first, *rest = (group.help or "").split("\n\n")
    usage = " ".join(group.collect_usage_pieces(top))
    yield f'.TH "{PROGRAM.upper()}" "1" "" "{PROGRAM}" "{PROGRAM}"'
    yield f".SH NAME\n{_text(PROGRAM)} \\- {_text(first.rstrip('.'))}"
    yield f".SH SYNOPSIS\n.B {_text(PROGRAM)}\n{_text(usage)}\n.br"
    yield f".B git tractatus\n{_text(usage)}"
    yield f".SH DESCRIPTION\n{_text(first)}"
    yield from (f".PP\n{_text(part.partition('Exit codes')[0])}" for part in rest)
    yield from _options(group, top)
    for title, verbs in cli.GROUPS.items():
        yield f".SH {_text(title.upper())}"
        for verb in verbs:
            yield from _verb(verb, top)
    yield ".SH EXIT STATUS"
    yield from (f".TP\n.B {code}\n{_text(meaning)}" for code, meaning in codes.items())
    yield ".SH SEE ALSO\n.BR git (1)"


def _verb(verb: str, top: click.Context) -> Iterator[str]:
    command = cli.tractatus_merge.get_command(top, verb)
    assert command is not None
    context = click.Context(command, top, verb)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_text(verb)}\n.B {_text(f'{PROGRAM} {verb}')}\n{_text(usage)}"
    yield from (f".PP\n{_text(part)}" for part in (command.help or "").split("\n\n"))
    yield from _options(command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            pieces = " ".join(inner.collect_usage_pieces(click.Context(inner, context, name)))
            yield f".TP\n.B {_text(f'{verb} {name} {pieces}')}\n{_text(inner.help or '')}"
    yield ".PP\nFor example:\n.PP\n.nf\n.RS"
    yield from (_text(f"{PROGRAM} {line}", joined=False) for line in EXAMPLES[verb])
    yield ".RE\n.fi"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """The options with their help; `--help` itself only at the top."""
    top = context.parent is None
    params = (p for p in command.get_params(context) if top or "--help" not in p.opts)
    told = [record for param in params if (record := param.get_help_record(context))]
    yield from (f".TP\n.B {_text(names)}\n{_text(help_)}" for names, help_ in told if help_)


def _text(text: str, *, joined: bool = True) -> str:
    """A text as it stands in a page: nothing in it is a request, and no dash a hyphen."""
    text = " ".join(text.split()) if joined else text
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^([.])", r"\\&\1", text, flags=re.MULTILINE)
