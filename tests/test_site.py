"""The documentation as a site: it builds without a warning, needs nothing from elsewhere, and answers."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow
QUESTIONS = {
    "what does exit code 3 mean": "reference/exit-codes/",
    "how do I keep the gate out of merges": "how-to/install-the-gate/",
    "which severity blocks a commit": "explanation/conflicts/",
    "what does CRITICAL mean": "explanation/conflicts/",
    "which kinds of conflict are there": "explanation/conflicts/",
    "how do I undo an answer": "how-to/settle-a-conflict/",
    "undo the last version": "how-to/look-back/",
    "who wrote an instruction": "how-to/look-back/",
    "how do I leave and remove it again": "how-to/adopt-and-leave/",
    "what is a tombstone": "glossary/",
    "which settings are there and what is the default": "reference/settings/",
    "which environment variables are there": "reference/settings/",
    "use it without git": "how-to/work-without-git/",
    "PostgreSQL password": "how-to/keep-the-history-on-a-server/",
    "a lock is left over": "how-to/when-something-broke/",
    "conflict markers in the file": "how-to/when-something-broke/",
    "pytest plugin database name": "how-to/test-isolation/",
    "merge package.json": "how-to/merge-any-file/",
    "GitHub action pull request": "how-to/check-in-ci/",
    "keys of log --json": "reference/json/",
    "what does the finding unshared mean": "reference/findings/",
    "Codex and Gemini hooks": "how-to/run-with-agent-hooks/",
    "which store should I choose": "how-to/choose-a-store/",
    "what was lost in the past": "how-to/audit-a-history/",
    "merge rules for each field of an instruction": "reference/rules/",
    "share between two machines": "how-to/share-between-machines/",
}
"""What somebody asks, and the page that answers it."""
SMALL = {
    "a",
    "an",
    "and",
    "are",
    "by",
    "do",
    "does",
    "for",
    "how",
    "i",
    "in",
    "is",
    "it",
    "mean",
    "of",
    "on",
    "or",
    "should",
    "the",
    "there",
    "to",
    "was",
    "what",
    "which",
    "with",
}


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a folder, strictly."""
    words = (sys.executable, "-m", "zensical", "build", "--clean", "--strict")
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def copied(folder: Path) -> Path:
    """What the site is made of, in a folder of its own."""
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built once."""
    folder = copied(tmp_path_factory.mktemp("site"))
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


def test_every_page_is_in_the_site(site):
    """Each page of docs, and each page but the decisions in the navigation."""
    listed = (ROOT / "zensical.toml").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs")
        place = name.parent if name.name == "README.md" else name.with_suffix("")
        assert (site / place / "index.html").is_file(), name
        assert f'"{name.as_posix()}"' in listed or name.parts[0] == "decisions", name


def test_nothing_comes_from_elsewhere(site):
    """No page loads a script, style, font or picture from another host."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r'<(?:script|img|iframe)[^>]* src="(?:https?:)?//', text), page
        assert not re.search(r'<link[^>]* rel="(?:stylesheet|preconnect)"[^>]*="https?://', text), (
            page
        )
        assert 'class="mermaid"' not in text, page  # its script would be fetched


@pytest.mark.parametrize("broken", ["[x](never.md)", "[x](glossary.md#never)"])
def test_a_broken_link_fails_the_build(tmp_path, broken):
    """A page or a heading that is not there."""
    folder = copied(tmp_path)
    with (folder / "docs" / "concepts.md").open("a") as page:
        page.write(f"\n{broken}\n")
    done = build(folder)
    assert done.returncode != 0
    assert "does not exist" in done.stdout + done.stderr


def words(text: str) -> list[str]:
    """The words of a text that tell it from others, without endings; what a command printed is none."""
    found = re.findall(r"[a-z0-9]+", re.sub(r"(?s)<pre.*?</pre>|<[^>]+>", " ", text).lower())
    return [re.sub(r"(?<=..)(?:es|s|ed|ing)$", "", word) for word in found if word not in SMALL]


class Index:
    """The site's own search index, ranked by how rare the words are that were found."""

    def __init__(self, items):
        self.sections = [
            (
                item["location"].partition("#")[0],
                Counter(words(item["title"])),
                Counter(words(item["text"])),
            )
            for item in items
        ]
        seen = Counter(
            word for _, title, text in self.sections for word in title.keys() | text.keys()
        )
        self.weight = {word: math.log(1 + len(self.sections) / n) for word, n in seen.items()}

    def pages(self, question: str) -> list[str]:
        """The pages that answer, the best first."""
        best: Counter[str] = Counter()
        for page, title, text in self.sections:
            if page.startswith("decisions"):
                continue
            size = 1 + sum(text.values()) / 200
            score = sum(
                self.weight.get(word, 0) * (3 * bool(title[word]) + min(text[word], 3) / size)
                for word in set(words(question))
            )
            best[page] = max(best[page], score)
        return [page for page, _ in best.most_common()]


def test_twenty_questions_find_their_page(site):
    """Each question's words lead to the page that answers it: it is among the first three."""
    index = Index(json.loads((site / "search.json").read_text("utf-8"))["items"])
    missed = {
        question: index.pages(question)[:4]
        for question, page in QUESTIONS.items()
        if page not in index.pages(question)[:3]
    }
    assert not missed
