"""The release: what stands in its way, what it builds, and that strangers can install that."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tractatus_merge

ROOT = Path(__file__).resolve().parent.parent
WHO = ("-c", "user.name=Tess", "-c", "user.email=tess@example.org")
KINDS = ("added", "changed", "removed", "fixed")


@pytest.fixture(scope="module")
def release():
    """tools/release.py as a module."""
    spec = importlib.util.spec_from_file_location("release", ROOT / "tools" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(folder, *words):
    """Run git in a folder; what it prints."""
    words = ("git", "-C", str(folder), *WHO, *words)
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def changelog(folder, *words):
    """Let towncrier read the fragments of a folder; what it prints."""
    number = tractatus_merge.__version__
    words = (sys.executable, "-m", "towncrier", "build", "--version", number, *words)
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def ready(tmp_path):
    """A copy of this repository as it stands, with its changelog written and its tag set."""
    words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    copy = tmp_path / "copy"
    for name in filter(None, git(ROOT, *words).split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    if f"\n## {tractatus_merge.__version__} (" not in (copy / "CHANGELOG.md").read_text("utf-8"):
        changelog(copy, "--yes")
    for fragment in (copy / "changelog.d").glob("[0-9]*.md"):  # the next version's
        fragment.unlink()
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message=Release")
    tag = f"v{tractatus_merge.__version__}"
    git(copy, "tag", "--annotate", tag, "--message=Release")
    return copy


def test_every_fragment_becomes_one_entry_of_the_changelog():
    """Under the heading of its kind, in the order of their numbers, as it stands in its file."""
    draft = changelog(ROOT, "--draft", "--date", "2026-01-31")
    assert draft.count(f"## {tractatus_merge.__version__} (2026-01-31)") == 1
    paths = [p for p in (ROOT / "changelog.d").iterdir() if p.name[0] != "." and p.suffix == ".md"]
    fragments = [path for path in paths if path.name != "README.md"]
    for path in fragments:
        number, kind, _ = path.name.split(".")
        assert number.isdigit() and kind in KINDS, path.name
        text = path.read_text("utf-8").strip()
        assert text[0] not in "-#*", f"{path.name}: a sentence, not the item of a list"
        assert "- " + text.replace("\n", "\n  ").replace("\n  \n", "\n\n") in draft, path.name
    for kind in KINDS:
        title, _, rest = draft.partition(f"### {kind.capitalize()}\n")
        entries = re.findall("^- ", rest.partition("\n### ")[0], re.MULTILINE) if rest else []
        assert len(entries) == sum(f".{kind}." in path.name for path in fragments), title[-80:]


def test_what_repeats_the_version_has_the_right_one(release):
    """The plugin and the lines to copy name the version of the package, or `--check` says which do not."""
    assert release.version(ROOT) == tractatus_merge.__version__
    assert not [what for what in release.obstacles(ROOT) if " names " in what]


def test_each_obstacle_is_told_with_what_to_do(release, ready):
    """Nothing stands in the way of a tagged, clean tree; then each fault alone has its sentence."""
    now = tractatus_merge.__version__

    def found():
        return list(release.obstacles(ready))

    def after(name, change):
        before = (ready / name).read_text("utf-8") if (ready / name).exists() else None
        (ready / name).write_text(change(before or ""), "utf-8")
        said = found()
        git(ready, "checkout", "--quiet", ".") if before else (ready / name).unlink()
        assert (
            f"the tree is not clean: commit or remove\n{'??' if before is None else ' M'}"
            in said[0]
        )
        return said[1:]

    assert found() == []
    assert after("stray", lambda _: "a file") == []
    assert after("changelog.d/7.fixed.md", lambda _: "Mended.\n") == [
        "changelog.d/ still has 1 fragments (7.fixed.md, …): make changelog"
    ]
    assert after("CHANGELOG.md", lambda text: text.replace(f"## {now}", "## 0.0.9")) == [
        f"CHANGELOG.md begins with ['0.0.9'], not with {now}: make changelog"
    ]
    plugin = "plugin/.claude-plugin/plugin.json"
    old = after(plugin, lambda text: json.dumps(json.loads(text) | {"version": "0.0.9"}))
    assert old == [f"{plugin} names 0.0.9: write {now}"]
    git(ready, "commit", "--quiet", "--allow-empty", "--message=Too late")
    assert found() == [
        f"HEAD has no tag v{now}: git tag --annotate v{now} --message 'Version {now}'"
    ]


def test_a_version_that_is_none_is_refused(release, tmp_path):
    """The message names the file and the line to write."""
    (tmp_path / "tractatus_merge").mkdir()
    (tmp_path / "tractatus_merge" / "__init__.py").write_text('__version__ = "next"\n')
    with pytest.raises(SystemExit, match=r'__init__.py: no line __version__ = "N.N.N"'):
        release.version(tmp_path)


def test_two_builds_that_differ_are_told(release, tmp_path):
    """A file that is other, and a file that only one of them has."""
    for name, texts in {"one": {"a": "1", "b": "2"}, "two": {"a": "1", "b": "3", "c": ""}}.items():
        (tmp_path / name).mkdir()
        for file, text in texts.items():
            (tmp_path / name / file).write_text(text)
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert release.different(one, two) == ["b", "c"]
    assert release.different(one, one) == []


@pytest.mark.slow
def test_a_release_is_built_installed_and_run(release, ready):
    """`make release` on a copy: two equal builds, each installer under each Python, nothing published.

    Under 3.11 or the Python of these tests always, under the others where they are found: the
    header of the run names them.
    """
    words = (sys.executable, "tools/release.py")
    done = subprocess.run(words, cwd=ready, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert "built twice, byte for byte the same; twine finds nothing\n" in said
    found = release.pythons()
    assert found
    for python in release.PYTHONS:
        for name in ("pip", "pipx", "uv"):
            line = f"installed by {name} under Python {python}, and its demo run\n"
            assert (line in said) == (python in found)
        assert (f"NOT tried under Python {python}: it is not here\n" in said) == (
            python not in found
        )
    assert "installed by pip from the sdist under Python" in said
    number = tractatus_merge.__version__
    names = {f"tractatus_merge-{number}-py3-none-any.whl", f"tractatus_merge-{number}.tar.gz"}
    assert {path.name for path in (ready / "dist").iterdir()} == names
    publish = said.partition("Publish it:\n")[2].splitlines()
    assert publish[0] == f"  git push origin v{number}"
    assert "-m twine upload dist/tractatus_merge-" in publish[1]
    assert git(ready, "status", "--porcelain") == ""
