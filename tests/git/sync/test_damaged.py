"""What nobody's history looks like: refused as a whole, the record named, and the clone works on."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from tests.conftest import git
from tests.git.sync.crowd import BRANCH, Crowd, clone_of, grafted, head, pair_of, replaced
from tests.tool import run, texts, tool
from tractatus_merge.factory import open_repository
from tractatus_merge.git.sync import acceptance

NOWHERE = "1" * 40
WRITER = {"session": "s", "at": "t", "author": "A", "why": "", "published": "p"}
SIDE = {"value": "x", "base": "b", "writers": [WRITER]}
CONFLICT = {
    "id": "c", "kind": "field", "severity": "MINOR", "instruction": "inst_001", "path": ["text"],
    "sides": [SIDE, {**SIDE, "value": "y"}],
}  # fmt: skip
SAYS = {"value": {"instruction": "inst_001", "says": "x"}, "writers": []}
MEANING = {**CONFLICT, "kind": "meaning", "path": ["meaning", "inst_002", "x"]}
ANSWER = {
    **CONFLICT, "id": "r", "conflict": "c", "field": "text", "value": "x", "why": "", "session": "s",
    "author": "A", "published": "p",
}  # fmt: skip
EDIT = {"instruction": "inst_001", "path": ["text"], "value": "d", "at": "t"}
DONE = {"count": 1, "published": "p", "base": None, "seal": "s", "edits": [EDIT]}
SUMMARY = {"session": "s", "tag": "abcdefgh", "publications": [DONE]}
HEADER, LAYOUT = "document/header.json", "document/layout.json"
NEW = {"id": "x", "text": "New"}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A hub and two clones, made once."""
    return pair_of(tmp_path_factory.mktemp("once"))


@pytest.fixture
def pair(once, tmp_path):
    """A hub, and two clones that have the same history."""
    places = [tmp_path / place.name for place in once]
    for there, here in zip(once, places, strict=True):
        shutil.copytree(there, here, symlinks=True)
    for clone in places[1:]:
        git(clone, "remote", "set-url", "origin", str(places[0]))
    return places


def without(value, key):
    """An object that lacks a key."""
    return {name: item for name, item in value.items() if name != key}


RECORDS = {
    "no layout": (LAYOUT, {}),
    "an order that is none": (LAYOUT, {"order": 5}),
    "an order of numbers": (LAYOUT, {"order": [5]}),
    "a unit that is no space": (LAYOUT, {"order": [], "unit": "x"}),
    "no list in the header": (HEADER, {}),
    "a header that is a word": (HEADER, "x"),
    "no id": ("instructions/x.json", {"text": "t"}),
    "an id that is a number": ("instructions/7.json", {"id": 7}),
    "an empty id": ("instructions/.json", {"id": ""}),
    "an id too long": (f"instructions/{'x' * 121}.json", {"id": "x" * 121}),
    "an id of another": ("instructions/x.json", {"id": "inst_001"}),
    "an instruction that is a list": ("instructions/x.json", []),
    "no JSON": ("instructions/x.json", b"{ torn"),
    "a key twice": ("instructions/x.json", b'{"id": "x", "id": "x"}'),
    "not UTF-8": ("instructions/x.json", b'{"id": "x\xff"}'),
    "a name that is not UTF-8": ("instructions/%FF.json", NEW),
    "a second name of one id": ("instructions/%78.json", NEW),
    "a name without its end": ("instructions/x", NEW),
    "an empty conflict": ("conflicts/c.json", {}),
    "no sides": ("conflicts/c.json", {**CONFLICT, "sides": []}),
    "one side": ("conflicts/c.json", {**CONFLICT, "sides": [SIDE]}),
    "sides that are words": ("conflicts/c.json", {**CONFLICT, "sides": ["x", "y"]}),
    "writers that are words": ("conflicts/c.json", {**CONFLICT, "sides": [SIDE, {"writers": "x"}]}),
    "a writer who never wrote": ("conflicts/c.json", {**CONFLICT, "sides": [SIDE, {"writers": [{}]}]}),
    "a kind that is a number": ("conflicts/c.json", {**CONFLICT, "kind": 5}),
    "a format that is a list": ("document/format.json", []),
    "a later record that is not UTF-8": ("document/x.json", b"\xff"),
    "no place": ("conflicts/c.json", {**CONFLICT, "path": []}),
    "the id contested": ("conflicts/c.json", {**CONFLICT, "path": ["id"]}),
    "an instruction that is not there": ("conflicts/c.json", {**CONFLICT, "instruction": "gone"}),
    "a conflict under another id": ("conflicts/c.json", {**CONFLICT, "id": "d"}),
    "a contradiction without words": ("conflicts/c.json", MEANING),
    "an empty resolution": ("resolutions/r.json", {}),
    "a resolution without sides": ("resolutions/r.json", without(ANSWER, "sides")),
    "a choice of no instruction": ("resolutions/r.json", {**MEANING, **ANSWER, "kind": "meaning", "path": MEANING["path"], "sides": [SAYS, SAYS]}),
    "an empty revocation": ("resolutions/r.json", {"id": "r", "revokes": "x"}),
    "an empty summary": ("sessions/abcdefgh.json", {}),
    "a summary of another": ("sessions/abcdefgh.json", {**SUMMARY, "tag": "x"}),
    "nothing published": ("sessions/abcdefgh.json", {**SUMMARY, "publications": []}),
    "publications that are words": ("sessions/abcdefgh.json", {**SUMMARY, "publications": "x"}),
    "a count of none": ("sessions/abcdefgh.json", {**SUMMARY, "publications": [{**DONE, "count": 0}]}),
    "a count without end": ("sessions/abcdefgh.json", {**SUMMARY, "publications": [{**DONE, "count": 10**9}]}),
    "edits of nothing": ("sessions/abcdefgh.json", {**SUMMARY, "publications": [{**DONE, "edits": [{}]}]}),
    "renames that are a list": ("sessions/abcdefgh.json", {**SUMMARY, "publications": [{**DONE, "renamed": []}]}),
}  # fmt: skip

TREES = {
    "a repository for a collection": f"160000 commit {NOWHERE}\tconflicts",
    "a repository for the page": f"160000 commit {NOWHERE}\tREADME.md",
    "a repository for a record": f"160000 commit {NOWHERE}\tinstructions/x.json",
    "a link for a collection": "120000 blob {blob}\tconflicts",
    "a link for the page": "120000 blob {blob}\tREADME.md",
    "a link for a record": "120000 blob {blob}\tinstructions/x.json",
    "a program for the page": "100755 blob {blob}\tREADME.md",
    "a program for a record": "100755 blob {blob}\tinstructions/x.json",
    "a file for a collection": "100644 blob {blob}\tconflicts",
    "a folder for the page": "040000 tree {tree}\tREADME.md",
    "a folder in a collection": "040000 tree {tree}\tinstructions/x",
    "another folder": "040000 tree {top}\tsrc",
    "another file": "100644 blob {blob}\tnotes.txt",
}


def pushed(bo, tree, message="by hand"):
    """A version that somebody made by hand, at the remote; what it was made from stands there."""
    words = ("commit-tree", "-p", BRANCH, "-m", message, tree)
    version = git(bo, *words).strip()
    git(bo, "push", "-q", "--force", "origin", f"{version}:refs/heads/{BRANCH}")
    return version


def refused(hub, ada, named):
    """Sync, its preview and a new clone's init refuse, naming the record; all is as it was."""
    before = head(hub), head(ada)
    new = clone_of(hub.parent, hub, "new")
    for clone, words in ((ada, ["sync", "--dry-run"]), (ada, ["sync"]), (new, ["init"])):
        ran = run(clone, *words)
        assert ran.code == 3, (words, ran.code, ran.out, ran.err)
        assert f"origin: its history is damaged: {named}: " in ran.err, ran.err
        assert "bug:" not in ran.err and "git log refs/remotes/origin/" in ran.err
    assert (head(hub), head(ada)) == before
    assert git(new, "for-each-ref", "refs/heads/tractatus") == ""
    assert not (new / ".git/tractatus/sessions").exists()
    tool(ada, "add", "Works on")
    assert "Works on" in texts(ada).values()
    assert len(tool(ada, "log")["entries"]) > 1


@pytest.mark.parametrize("case", RECORDS)
def test_a_record_that_no_reader_takes(pair, case):
    """Also where our clone has changes of its own, so that the two would be united."""
    hub, ada, bo = pair
    path, said = RECORDS[case]
    collection, _, name = path.partition("/")
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    pushed(bo, replaced(bo, name, data + b"\n", inside=collection))
    tool(ada, "add", "Mine")
    refused(hub, ada, path)


@pytest.mark.parametrize("case", TREES)
def test_a_tree_that_is_made_otherwise(pair, case):
    """Links, programs, other repositories and other files: nobody's history holds them."""
    hub, ada, bo = pair
    blob = git(bo, "rev-parse", f"{BRANCH}:instructions/inst_001.json").strip()
    tree = git(bo, "rev-parse", f"{BRANCH}:instructions").strip()
    top = git(bo, "rev-parse", f"{BRANCH}^{{tree}}").strip()
    entry = TREES[case].format(blob=blob, tree=tree, top=top)
    kind, _, path = entry.partition("\t")
    folder, _, name = path.rpartition("/")
    if folder:
        inner = grafted(bo, f"{BRANCH}:{folder}", f"{kind}\t{name}")
        entry = f"040000 tree {inner}\t{folder}"
    pushed(bo, grafted(bo, BRANCH, entry))
    refused(hub, ada, f"{path}/document" if path == "src" else path)


def test_what_is_taken_away(pair):
    """Nothing at all, no layout, an instruction less: an instruction is retired, never deleted."""
    hub, ada, bo = pair
    empty = git(bo, "hash-object", "-t", "tree", "-w", "/dev/null").strip()
    pushed(bo, empty)
    assert "it holds nothing" in run(ada, "sync", "--dry-run").err
    for path, entry in (("instructions/inst_001.json", "inst_001"), (LAYOUT, "layout")):
        folder = path.partition("/")[0]
        rows = git(bo, "ls-tree", f"{BRANCH}:{folder}").splitlines(keepends=True)
        less = "".join(row for row in rows if entry not in row)
        made = subprocess.run(
            ["git", "-C", bo, "mktree"], input=less, text=True, capture_output=True, check=True
        )
        pushed(bo, grafted(bo, BRANCH, f"040000 tree {made.stdout.strip()}\t{folder}"))
        ran = run(ada, "sync")
        assert ran.code == 3 and f"damaged: {path}: it is " in ran.err
    assert head(ada) != head(hub)


def test_init_elsewhere_leaves_no_trace(pair, tmp_path):
    """`--store` names the line in a file: not before the line can be had."""
    hub, _, bo = pair
    made = pushed(bo, replaced(bo, "layout.json", b"{}\n", inside="document"))
    git(bo, "push", "-q", "origin", f"{made}:refs/heads/other")
    new = clone_of(tmp_path, hub, "new")
    for words in (["--store", "git:other"], ["--store", "git:other", "--dry-run"], ["--dry-run"]):
        ran = run(new, "init", *words)
        assert ran.code == 3 and "damaged: document/layout.json" in ran.err
    assert git(new, "status", "--porcelain") == ""


def test_keys_of_a_newer_version_are_welcome(pair):
    """What this version does not know of is kept; it is no damage."""
    hub, ada, bo = pair
    more = {"value": "x", "writers": [{**WRITER, "new": 1}], "new": 1}
    conflict = {**CONFLICT, "sides": [more, SIDE], "new": 1}
    more_of = replaced(bo, "c.json", json.dumps(conflict).encode(), inside="conflicts")
    git(bo, "update-ref", f"refs/heads/{BRANCH}", pushed(bo, more_of))
    layout = json.loads(git(bo, "show", f"{BRANCH}:{LAYOUT}"))
    text = json.dumps({**layout, "new": 1}).encode()
    pushed(bo, replaced(bo, "layout.json", text, inside="document"))
    assert tool(ada, "sync", code=1)["received"] == 2
    (found,) = tool(ada, "conflicts")["conflicts"]
    assert found["id"] == "c" and head(ada) == head(hub)
    tool(ada, "add", "Works on")


MESSAGES = {
    "no moment": "x\n\nSession: s\nPublished: zzzz",
    "a day": "x\n\nPublished: 2026-11-25",
    "the last day": "x\n\nPublished: 9999-12-31T23:59:59.999Z",
    "marks": "a\x01\nb\x01\n\x02c\x02",
    "nothing": "",
    "a trailer alone": "Published: 2026-01-01T00:00:00+05:00",
}


@pytest.mark.parametrize("case", MESSAGES)
def test_a_message_is_read_whatever_it_says(pair, case):
    """What somebody wrote by hand stays in the log, and stops no command."""
    hub, ada, bo = pair
    words = ("commit-tree", "-p", BRANCH, "-F", "-", f"{BRANCH}^{{tree}}")
    made = subprocess.run(
        ["git", "-C", bo, *words], input=MESSAGES[case], text=True, capture_output=True, check=True
    ).stdout.strip()
    odd(hub, ada, bo, made)


@pytest.mark.damaged("git calls a date before 1970 an overflow")
@pytest.mark.parametrize("date", ["99999999999999999 +0000", "-5 +0000", "1790000000 +9999"])
def test_a_date_is_read_whatever_it_is(pair, date):
    """A commit may name a year that no calendar has."""
    hub, ada, bo = pair
    who = f"Eve <e@x> {date}"
    tree, parent = (git(bo, "rev-parse", f"{BRANCH}{end}").strip() for end in ("^{tree}", ""))
    said = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nby hand\n"
    made = subprocess.run(
        ["git", "-C", bo, "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        input=said, text=True, capture_output=True, check=True,
    ).stdout.strip()  # fmt: skip
    odd(hub, ada, bo, made)


def odd(hub, ada, bo, made):
    """The version is taken in, and all that reads the log works on."""
    git(bo, "push", "-q", "origin", f"{made}:refs/heads/{BRANCH}")
    assert tool(ada, "sync", "--dry-run")["received"] == 1
    assert tool(ada, "sync")["received"] == 1
    tool(ada, "add", "Mine")
    assert tool(ada, "log")["entries"][1]["version"] == made
    assert run(ada, "doctor").code in (0, 1)
    tool(ada, "sync")
    tool(bo, "sync")
    assert head(ada) == head(bo) == head(hub)


def test_what_was_mended_stays_in_the_history(pair, tmp_path):
    """A broken version behind a sound one: commands that read old versions pass it over."""
    hub, _, bo = pair
    sound = replaced(
        bo, "inst_001.json", b'{"id": "inst_001", "text": "Mended"}', inside="instructions"
    )
    broken = pushed(bo, replaced(bo, "inst_001.json", b'{"id\xff', inside="instructions"))
    git(bo, "push", "-q", "origin", f"{broken}:refs/heads/broken")
    mended = git(bo, "commit-tree", "-p", broken, "-m", "Mend it", sound).strip()
    git(bo, "push", "-q", "--force", "origin", f"{mended}:refs/heads/{BRANCH}")
    new = clone_of(tmp_path, hub, "new")
    tool(new, "init")  # whose file is compared with every version
    assert texts(new)["inst_001"] == "Mended"
    for words in (["show", broken], ["undo", broken], ["undo", mended], ["diff", broken]):
        ran = run(new, *words)
        assert ran.code == 3 and f"{broken[:12]} is damaged: instructions/inst_001" in ran.err
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "copy")], check=True)
    git(new, "remote", "add", "copy", str(tmp_path / "copy"))
    assert len(tool(new, "sync", "copy", "--dry-run")["versions"]) == 3
    tool(new, "sync", "copy")
    tool(new, "edit", "inst_001", "--set", "text=Mine")
    tool(new, "sync", "origin")
    beside = git(bo, "commit-tree", "-p", broken, "-m", "beside", sound).strip()
    git(bo, "push", "-q", "--force", "origin", f"{beside}:refs/heads/{BRANCH}")
    ran = run(new, "sync", "origin")  # whose base is the broken one
    assert ran.code == 3 and f"{broken[:12]} is damaged: instructions/inst_001" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_what_this_program_makes_is_sound(tmp_path, seed):
    """Sessions, collisions, answers, undos and revocations of clones: nothing of it is refused."""
    crowd = Crowd(tmp_path, 3, seed)
    for _ in range(4):
        for clone in crowd.clones:
            for _ in range(3):
                crowd.act(clone)
        crowd.settle()
    for clone in crowd.clones:
        repo = open_repository(clone)
        for entry in repo.store.log():
            acceptance.must_be_sound(repo.store, entry.version, None)
        repo.close()


def test_a_history_that_is_a_list(pair):
    """The file's oldest form has no header: that is no damage."""
    hub, ada, bo = pair
    pushed(bo, replaced(bo, "header.json", b"[]\n", inside="document"))
    tool(ada, "sync")
    tool(ada, "add", "Works on")
    assert head(ada) != head(hub)
