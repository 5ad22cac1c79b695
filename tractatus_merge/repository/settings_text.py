"""The text of a settings file with one setting more; all else in it stays as it is."""

from __future__ import annotations

import json
import re


def with_store(text: str, key: str, value: str) -> str | None:
    """The text of a settings file that names another store: `url` or `branch` is another one.

    All else stays as it is. None where it is written in a way in which that cannot be said.
    """
    return with_setting(text, f"store.{key}", value, instead_of=("url", "branch"))


def with_setting(
    text: str, name: str, value: str | float | list[str], *, instead_of: tuple[str, ...] = ()
) -> str | None:
    """The text of a settings file with one setting more, in place of those keys of its section.

    All else stays as it is. None where it is written in a way in which that cannot be said.
    """
    import tomllib

    section, _, key = name.partition(".")
    said = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    gone = {key, *instead_of}
    line_of = re.compile(rf"""\s*["']?({"|".join(map(re.escape, gone))})["']?\s*=""")
    kept: list[str] = []
    here, place = "", None
    for line in text.splitlines(keepends=True):
        begins = re.match(r"\s*\[([^]]*)\]", line)
        here = begins[1].strip() if begins else here
        if here == section and line_of.match(line):
            place = len(kept) if place is None else place
            said = said.partition("  #")[0] + _comment(line)
            continue
        kept.append(line)
        if begins and here == section and place is None:
            kept[-1] = line.rstrip("\r\n") + "\n"
            place = len(kept)
    if place is None:
        kept += ["\n"] if text and not text.endswith("\n") else []
        kept += [*(["\n"] if text else []), f"[{section}]\n"]
        place = len(kept)
    kept.insert(place, f"{said}\n")
    found = "".join(kept)
    try:
        old, new = (tomllib.loads(one) for one in (text, found))
    except tomllib.TOMLDecodeError:
        return None
    values = {one: is_ for one, is_ in old.get(section, {}).items() if one not in gone}
    return found if new == {**old, section: {**values, key: value}} else None


def _comment(line: str) -> str:
    """What is said behind a value on its line."""
    found = re.fullmatch(
        r"""[^#"']*=\s*("[^"\\]*"|'[^']*'|[^#\s"']+)\s*(#.*)""", line.rstrip("\r\n")
    )
    return f"  {found[2]}" if found else ""
