"""The documentation against the code: generated pages, links, commands; and words out of place."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tractatus_merge.cli.verbs import tractatus_merge

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
ABOUT = ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
PAGES = [README, *(ROOT / name for name in ABOUT), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^ *```.*?^ *```\n", re.MULTILINE | re.DOTALL)
FOREIGN = (
    r"\.\./shared\b",
    r"(?<![\w.>])/(?:work|root|home|Users)/[\w.]",
    r"(?<![\w.])/tmp/\w/",
    r"\b\w*(?:pypi|pythonhosted|npmjs|rubygems)\.\w{3}\b",
    r"\b(?:index|registry|proxy)-?(?:url)?\s*=\s*[\"']?https?:",
    r"\b(?:artifactory|nexus|goproxy|devpi)\b",
)
"""A folder beside the repository, places of one machine, hosts that packages come from."""
ALLOWED = {"tests/conftest.py"}
"""It documents where the optional data folder is looked for."""


def named(path: Path) -> str:
    """A file as messages call it."""
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def docs():
    """tools/docs.py as a module."""
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_fresh():
    """What `make docs` would write is what is there."""
    words = [sys.executable, "tools/docs.py", "--check"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "page", ["README.md", "docs/reference/cli.md", "docs/reference/lifecycle.md"]
)
def test_a_stale_page_fails_the_check(docs, tmp_path, monkeypatch, capsys, page):
    """The check exits with 1, names the page, and says what mends it; then it is mended."""
    shutil.copy(README, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "demo", lambda: "a line of the demo")
    docs.main([])
    assert docs.main(["--check"]) == 0
    capsys.readouterr()
    stale = tmp_path / page
    if page == "README.md":
        stale.write_text(stale.read_text("utf-8").replace("a line of", "lines of"), "utf-8")
    elif page.endswith("cli.md"):
        stale.write_text(stale.read_text("utf-8") + "one line more\n", "utf-8")
    else:
        stale.unlink()
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == f"{page} is stale: make docs\n"
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0


@pytest.mark.parametrize("readme", ["# No markers\n", "<!-- demo -->\n\n<!-- demo -->\n"])
def test_a_readme_without_the_markers_is_refused(docs, readme):
    """The message names the file and the lines to put there."""
    with pytest.raises(SystemExit, match=r"README.md: put a line <!-- demo -->"):
        docs.with_block(readme, "demo", "")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    """Every relative link points to a file that is there, and to a heading of it if it says so."""
    text = FENCE.sub("", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, heading = target.partition("#")
        there = (page.parent / file) if file else page
        assert there.is_file(), f"{named(page)}: no file {target}"
        if not heading:
            continue
        titles = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
        assert heading in anchors, f"{named(page)}: no heading {target}"


def commands(text: str) -> list[list[str]]:
    """Each mention of the program, as words up to the end of its line, code span or pipeline."""
    found = re.findall(
        r"(?:tractatus-merge|git tractatus)((?: +(?!--(?:>| ))[^\s`|;&#()]+)+)", text
    )
    return [line.split() for line in found]


def options(command: click.Command) -> set[str]:
    """Everything that may begin with a dash."""
    context = click.Context(command, help_option_names=["-h", "--help"])
    return {name for param in command.get_params(context) for name in param.opts}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_are_the_programs_own(page):
    """Every verb after the program's name exists, and every option after a verb is that verb's."""
    context = click.Context(tractatus_merge)
    for words in commands(page.read_text("utf-8")):
        start = 2 if words[0] == "-C" else 0
        if words[0].startswith("-") and not start:
            assert set(words[:1]) <= options(tractatus_merge), f"{named(page)}: {words}"
            continue
        verb = words[start] if start < len(words) else ""
        if re.fullmatch(r"[a-z][a-z-]*", verb) is None:
            continue
        command = tractatus_merge.get_command(context, verb)
        assert command is not None, f"{named(page)}: there is no verb '{verb}' ({words})"
        used = {re.split("[=,.:]", word)[0] for word in words if re.match(r"--?[a-z]", word)}
        assert used <= options(command), f"{named(page)}: {verb} has no {used - options(command)}"


def test_the_page_of_commands_has_every_verb():
    """No verb is left out of the reference."""
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    verbs = tractatus_merge.list_commands(click.Context(tractatus_merge))
    assert re.findall(r"^### (\S+)$", page, re.MULTILINE) == verbs


def tracked() -> list[Path]:
    """The files that git tracks, and those that it would; all, where this is no repository."""
    words = ("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [*PAGES, *ROOT.rglob("*.py")]
    names = done.stdout.split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def test_the_repository_speaks_of_itself_alone():
    """No file names a folder beside the repository, a place of one machine, or a package host."""
    found = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in tracked()
        if named(path) not in ALLOWED and path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if any(re.search(pattern, line) for pattern in FOREIGN)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line", [f"{chr(46) * 2}/shared/x", "cd /home/jo", "registry=https://host", "/tmp/w/v"]
)
def test_what_does_not_belong_is_seen(line):
    """The patterns can fail."""
    assert any(re.search(pattern, line) for pattern in FOREIGN)


def test_the_first_screen_of_the_readme():
    """Before the first heading: 25 lines, three that say what it does, two commands, a picture."""
    title, _, rest = README.read_text("utf-8").partition("\n")
    assert title == "# tractatus-merge"
    screen = rest.partition("\n## ")[0]
    assert len(screen.split("\n")) <= 25
    opening = re.match(r"\n((?:[A-Za-z].*\n){3})\n```sh\n((?:.*\n)+?)```\n", rest)
    assert opening, "three lines, an empty one, then the commands"
    assert [line.split()[0] for line in opening[2].splitlines()] == ["make", "make"]
    assert screen.count("make ") == 2
    alternative, picture = re.search(r"^!\[(.*)\]\((.*)\)$", screen, re.MULTILINE).groups()
    assert len(alternative.split()) > 10, "a picture is told to who does not see it"
    assert (ROOT / picture).is_file()
