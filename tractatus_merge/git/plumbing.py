"""Git's plumbing: commands and object texts, no policy. Git is started directly.

Never the index, the work tree, HEAD or the configuration. The environment that a surrounding git
hook sets (`GIT_DIR`, `GIT_INDEX_FILE`, ...) is used once, to find the repository, then put aside.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

from tractatus_merge.errors import Missing, NotARepository, StoreError
from tractatus_merge.git import processes
from tractatus_merge.git.object_files import ObjectFiles
from tractatus_merge.value import Value

DURABLE = (
    "-c", "core.fsync=loose-object,pack,pack-metadata,reference", "-c", "core.fsyncMethod=fsync",
)  # fmt: skip
"""Words before a command that writes: files are synced before they take their names."""

FILE, FOLDER = "100644", "040000"
"""The modes of a record's file and of a collection's folder: no program, no link, no other
repository."""

_PIECE = 1 << 16
"""So many bytes are read at once of what a command prints."""

_DAMAGED = r"corrupt|inflate|unable to unpack|hash mismatch|garbage at end|object file .* is empty"
"""What git says of an object that is not whole, when it ends over it."""

Tree = Sequence[tuple[str, str, str]]
"""The mode, object and name of each entry of a tree."""


class Result(Value):
    """What a finished git process gave back."""

    status: int
    out: bytes
    err: str


class Found(NamedTuple):
    """One object: its id, type and content."""

    oid: str
    kind: str
    content: bytes


class Places(Value):
    """Where a repository's parts are; `top` is None in a bare one. All absolute."""

    git_dir: Path
    common_dir: Path
    top: Path | None

    @property
    def linked(self) -> bool:
        """Whether this is a linked worktree."""
        return self.git_dir != self.common_dir


_MADE = 1024
"""So many trees are kept in mind; an import writes tens of thousands."""


class Plumbing:
    """One repository's git, for one thread."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._env = processes.of_repository(str(places.common_dir))
        self._reader: Popen[bytes] | None = None
        self.made: dict[str, bytes] = {}
        """The trees that were written here of late; whether they are on the disk is not known."""
        self._early = processes.Early()
        self._objects = ObjectFiles(places.common_dir / "objects", self._config)

    def run(self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Result:
        """Run one git command in the repository (its common directory) and wait for it."""
        self._objects.flush()
        process = self._start(self.places.common_dir, words, {**self._env, **(env or {})})
        return finish(process, stdin)

    def expect(self, *words: str) -> None:
        """Start a git command that `run` is asked for soon, beside what is done meanwhile."""
        self._early.begin(str(self.places.common_dir), words, self._env)

    def _start(self, folder: Path, words: Sequence[str], env: Mapping[str, str]) -> Popen[bytes]:
        early = self._early.taken(str(folder), words, env)
        return early or processes.start(str(folder), words, env)

    @property
    def home(self) -> Path:
        """Where the addresses of remotes are meant from: the main worktree, else the repository.

        A submodule's repository names its worktree; that of `--separate-git-dir` is known in it.
        """
        common = self.places.common_dir
        if self.places.top and not self.places.linked:
            return self.places.top
        named = self.run("config", "--get", "core.worktree").out
        top = (common / os.fsdecode(named).removesuffix("\n")).resolve()
        if named and top.is_dir():
            return top
        return common.parent if common.name == ".git" else common

    def start_at_home(self, *words: str, env: Mapping[str, str]) -> Popen[bytes]:
        """Start one git command where the addresses of remotes are meant from."""
        self._objects.flush()
        return self._start(self.home, words, {**self._env, **env})

    def in_worktree(self, *words: str, index: str | None = None) -> Result:
        """Run one git command that looks at this worktree (and only looks).

        `index` is the index that a surrounding `git commit` works on, where it is another.
        """
        self._objects.flush()
        return finish(self._start(self._top, words, self._of_worktree(words, index)))

    def expect_in_worktree(self, *words: str) -> None:
        """Start a git command that `in_worktree` is asked for soon."""
        self._early.begin(str(self._top), words, self._of_worktree(words, None))

    @property
    def _top(self) -> Path:
        return self.places.top or self.places.git_dir

    def _of_worktree(self, words: Sequence[str], index: str | None) -> dict[str, str]:
        env = {**processes.QUIET, "GIT_DIR": str(self.places.git_dir)}
        literal = "0" if words[0] == "check-ignore" else "1"  # which knows no pathspec magic
        env |= {"GIT_LITERAL_PATHSPECS": literal, "GIT_OPTIONAL_LOCKS": "0"}
        env |= {"GIT_INDEX_FILE": str(self._top / index)} if index else {}
        return env | {"GIT_WORK_TREE": str(self._top)}

    def must(self, *words: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run a git command that has to succeed, durably; StoreError with git's words if not."""
        result = self.run(*DURABLE, *words, stdin=stdin, env=env)
        if result.status != 0:
            raise _failed(words, result)
        return result.out

    def stream(self, *words: str) -> Iterator[bytes]:
        """What a git command that has to succeed prints, piece by piece as it comes.

        It is ended when nobody reads on. StoreError with git's words if it fails.
        """
        self._objects.flush()
        process = self._start(self.places.common_dir, words, self._env)
        assert process.stdin and process.stdout
        process.stdin.close()
        process.stdin = None  # else `communicate` would flush it
        ended = False
        try:
            while piece := os.read(process.stdout.fileno(), _PIECE):
                yield piece
            ended = True
        finally:
            if not ended:
                process.kill()
            result = _waited(process)
        if result.status != 0:
            raise _failed(words, result)

    def read(self, name: str) -> Found | None:
        """An object by id, ref, or `id^{tree}`; None if it is not there."""
        return next(self.read_all([name]))

    def read_all(self, names: Sequence[str]) -> Iterator[Found | None]:
        """Many objects."""
        answers = self._asked("contents", names)
        return iter([self._found(words, name) for name, words in zip(names, answers, strict=True)])

    def _asked(self, question: str, names: Sequence[str]) -> Iterator[list[str]]:
        """The first line of each answer, as words; some hundred are asked at once.

        StoreError where git ends before it has answered.
        """
        if self._objects.waits_for(names):
            self._objects.flush()
        process = self._batch()
        assert process.stdin and process.stdout
        for start in range(0, len(names), 300):
            some = names[start : start + 300]
            asked = "".join([*(f"{question} {name}\n" for name in some), "flush\n"])
            with contextlib.suppress(BrokenPipeError):  # then it has no answer, either
                process.stdin.write(asked.encode("utf-8", "surrogateescape"))
                process.stdin.flush()
            for name in some:
                line = process.stdout.readline()
                if not line.endswith(b"\n"):
                    raise self._gone(name)
                yield line.decode("utf-8", "replace").split()

    def _found(self, words: list[str], name: str) -> Found | None:
        """The object of which the answer's first line is read."""
        if len(words) != 3 or not words[2].isdigit():
            return None
        assert self._reader and self._reader.stdout
        content = self._reader.stdout.read(int(words[2]))
        if self._reader.stdout.read(1) != b"\n":
            raise self._gone(name)
        return Found(words[0], words[1], content)

    def _gone(self, name: str) -> StoreError:
        """That git ended while it read something, with its words."""
        assert self._reader
        reader, self._reader = self._reader, None
        result = _waited(reader)
        error = _error(_said(result), f"git could not read '{name}'", "git fsck")
        if re.search(_DAMAGED, result.err):
            return Missing(error.sentence, hint=error.hint)
        return error

    def blobs(self, names: Sequence[str]) -> list[str | None]:
        """The ids of the blobs that names such as `COMMIT:PATH` mean; None where there is none."""
        answers = self._asked("info", names)
        return [words[0] if len(words) == 3 and words[1] == "blob" else None for words in answers]

    def all_there(self, oids: Sequence[str]) -> bool:
        """Whether all these objects are in the object store, or (in a partial clone) promised."""
        if self._partial():
            return True
        return not [words for words in self._asked("info", oids) if words[-1:] == ["missing"]]

    def _partial(self) -> bool:
        """Whether objects may be left with a remote: merely to look for one would fetch it."""
        packs = self.places.common_dir / "objects" / "pack"
        return any(packs.glob("*.promisor"))

    def _batch(self) -> Popen[bytes]:
        if self._reader is not None and self._reader.poll() is not None:
            _waited(self._reader)
            self._reader = None
        if self._reader is None:
            self._reader = self._start(self.places.common_dir, processes.READER, self._env)
        return self._reader

    def close(self) -> None:
        """End the process that reads, and those that were started early and never asked."""
        if self._reader is not None:
            _waited(self._reader)
        self._reader = None
        self._early.end()

    def write(self, kind: str, contents: Sequence[bytes]) -> list[str]:
        """Put objects of one kind into the object store; their ids in the same order.

        They are on the disk after `sync`, also those that were there before.
        """
        oids = [self._objects.put(kind, content) for content in contents]
        if kind == "tree":
            if len(self.made) > _MADE:
                self.made.clear()
            self.made.update(zip(oids, contents, strict=True))
        return oids

    def expect_writes(self) -> None:
        """Have git look, beside what is done meanwhile, for what a first write asks of it."""
        if not self._objects.is_ready:
            self.expect(*processes.FORMAT)

    def _config(self) -> tuple[str, str]:
        """What the object store's files depend on; a person's own format of objects is none."""
        fields = self.run(*processes.FORMAT).out.decode("utf-8", "replace")
        known = {"extensions.objectformat": "", "core.sharedrepository": ""}
        pairs = fields.split("\0")
        for scope, setting in zip(pairs[::2], pairs[1::2], strict=False):
            name, equals, value = setting.partition("\n")
            if scope == "local" or name != "extensions.objectformat":
                known[name] = value if equals else "true"
        return known["extensions.objectformat"].lower(), known["core.sharedrepository"]

    def write_trees(self, trees: Sequence[Tree]) -> list[str]:
        """Put trees into the object store; their ids in the same order."""
        return self.write("tree", [_tree_content(tree) for tree in trees])

    def flush(self) -> None:
        """Write what waits, each whole before it has its name; StoreError if that fails."""
        self._objects.flush()

    def sync(self) -> None:
        """Bring all that was written here to the disk, names and folders: now a ref may move."""
        self._objects.sync()

    def sync_reachable(self, version: str, known: str | None) -> None:
        """Bring to the disk what a version has and a known one has not, whoever wrote it."""
        less = [f"^{known}"] if known else []
        words = ("rev-list", "--objects", "--no-object-names", "--missing=allow-any")
        for oid in self.must(*words, version, *less, "--").decode().split():
            self._objects.note(oid)
        self.sync()

    def commit_tree(
        self, tree: str, parents: Iterable[str], message: str, *, who: str, seconds: int
    ) -> str:
        """Write a commit of one author, who is the committer too, at a time in UTC.

        Its bytes are made here, so that they depend on no configuration, locale or environment.
        """
        name, _, mail = who.rpartition(" <") if " <" in who else (who, "", "")
        stamp = f"{_plain(name) or 'unknown'} <{_plain(mail)}> {seconds} +0000"
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {stamp}", f"committer {stamp}", "", message]
        content = "\n".join(lines).encode("utf-8", "backslashreplace")
        return self.write("commit", [content])[0]


def _tree_content(tree: Tree) -> bytes:
    """A raw tree object, in git's order: a folder stands where its name with a slash would."""
    rows: list[tuple[bytes, bytes]] = []
    for mode, oid, name in tree:
        said = name.encode("utf-8", "surrogateescape")
        row = mode.lstrip("0").encode() + b" " + said + b"\0" + bytes.fromhex(oid)
        rows.append((said + b"/" if mode == FOLDER else said, row))
    return b"".join(row for _, row in sorted(rows))


def tree_entries(content: bytes, oid_bytes: int) -> Iterator[tuple[str, str, str]]:
    """The (mode, object id, name) of a raw tree object; modes with six digits.

    Missing for what is no tree up to its end.
    """
    entry = re.compile(rb"([^ \0]*) ([^\0]*)\0(.{%d})" % oid_bytes, re.DOTALL)
    found = entry.findall(content)
    if len(content) != sum(len(mode) + len(name) + 2 + oid_bytes for mode, name, _ in found):
        raise Missing("a tree is damaged.", hint="git fsck")
    for mode, name, oid in found:
        known = _MODES.get(mode) or mode.decode().zfill(6)
        yield known, oid.hex(), name.decode("utf-8", "surrogateescape")


_MODES = {b"100644": FILE, b"40000": FOLDER}
"""As nearly all entries have them, of which there may be many."""


def discover(folder: Path) -> Places:
    """Find the repository a folder is in, as git does; NotARepository if there is none.

    What a surrounding git hook said about it in the environment is believed, then put aside.
    """
    if not folder.is_dir():
        raise NotARepository(str(folder))
    result = finish(processes.start(str(folder), processes.PLACES, processes.QUIET))
    if result.status != 0 and "not a git repository" in result.err:
        raise NotARepository(str(folder))
    if result.status != 0:
        raise _error(result.err, "git cannot open the repository", "git status")
    for name in processes.SURROUNDING:
        os.environ.pop(name, None)
    if result.out.startswith(b"--"):  # an older git gives back the words that it does not know
        said = f"unknown option {os.fsdecode(result.out.splitlines()[0])}"
        raise _error(said, "git cannot open the repository", "git version")
    git_dir, common_dir, inside, up = os.fsdecode(result.out).split("\n")[:4]
    top = (folder / up).resolve() if inside == "true" else None
    return Places(Path(git_dir).resolve(), Path(common_dir).resolve(), top)


def finish(process: Popen[bytes], stdin: bytes = b"") -> Result:
    """Wait for a git process that was started; StoreError if it was killed: that is no answer."""
    result = _waited(process, stdin)
    if result.status < 0:
        assert isinstance(process.args, tuple)
        raise _failed(process.args[1:], result)
    return result


def _waited(process: Popen[bytes], stdin: bytes = b"") -> Result:
    out, err = process.communicate(stdin)
    return Result(process.returncode, out, err.decode("utf-8", "replace"))


def _failed(words: Sequence[str], result: Result) -> StoreError:
    """That a git command failed, with git's words."""
    verb = next(word for word in words if word != "-c" and "=" not in word)
    return _error(_said(result), f"git {verb} failed", "git fsck")


def _said(result: Result) -> str:
    """Why git failed, in its words if it had any."""
    number = result.status
    how = f"exit {number}" if number >= 0 else f"it was killed by signal {-number}"
    return result.err.strip() or how


def _error(said: str, what: str, hint: str) -> StoreError:
    """What git said, as people can use it; what did not work and what to type, if it is unknown."""
    from tractatus_merge.git import failures  # mostly all is well

    why, then = failures.told(said, what, hint)
    return StoreError(why, hint=then)


def _plain(words: str) -> str:
    """A name or address as a commit can hold it."""
    return " ".join("".join(" " if c in "<>" or c < " " else c for c in words).split())
