"""The default store: a branch of the repository the user is in, one file per record.

A merge is a true merge commit: parent 1 the old head, parent 2 the session's own commit, whose
parent is its base. `git log -p`, `git blame` and `git log --graph` of the branch are the audit
trail.

Objects and ref are synced to disk. A page for people who look at the branch on a forge stands
beside the records: it is written anew with each version, and never read back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from tractatus_merge.core.model import needs
from tractatus_merge.core.model.state import DOCUMENT, FORMAT, Entry, Key, State, Version
from tractatus_merge.errors import DamagedFormat, Missing, StoreError
from tractatus_merge.git.graph import group, is_ancestor, roots
from tractatus_merge.git.log import (
    LOG,
    about,
    entries_of,
    is_published,
    message_of,
    seconds_of,
    time_of,
)
from tractatus_merge.git.paths import file_of
from tractatus_merge.git.plumbing import FILE, Plumbing, Tree
from tractatus_merge.git.ref import Ref
from tractatus_merge.git.text_cache import TextCache, texts_file
from tractatus_merge.git.tree import (
    NEWEST,
    PAGE,
    Folder,
    is_history,
    layout_of,
    must_be_ours,
    write_version,
)
from tractatus_merge.git.trees import Trees
from tractatus_merge.git.trust import Trust
from tractatus_merge.git.version_files import Files, Texts, changed_files, news_of
from tractatus_merge.stores.facts import Facts, on_disk
from tractatus_merge.system import plain_file
from tractatus_merge.value import replace

_SOUND = 1.0
"""Seconds for which a tip whose objects were all there is not looked through again."""
_TREES = 64
"""Of so many versions it is remembered which text each record has: an import makes hundreds."""
_KEPT = 1 << 14
"""So many texts are remembered by their ids: an object never changes."""
_FORMAT = DOCUMENT, FORMAT


class GitStore:
    """One line of governance, kept on one branch. See `stores.base.Store` for the contract.

    `page` renders a state for people who look at the branch on a forge; `verify` raises Missing
    for a version, beside a known one, that others damaged; `judge` refuses a state that no other
    clone would take.
    """

    def __init__(
        self,
        git: Plumbing,
        branch: str,
        *,
        page: Callable[[State], str] | None = None,
        verify: Callable[[GitStore, Version, Version | None], None] | None = None,
        judge: Callable[[State], None] | None = None,
    ) -> None:
        self.git = git
        self._page, self._verify, self._judge = page, verify, judge
        self.follow(branch)

    def follow(self, branch: str) -> None:
        """Keep the line on this branch from now on."""
        self.branch = branch
        self._ref = Ref(self.git, branch)
        self._trees: dict[Version, Files] = {}
        self._read = Trees(self.git)
        self._commits: dict[Version, bytes] = {}
        self._texts: dict[str, str] = {}
        self._cache = TextCache(texts_file(self.git.places.common_dir, branch))
        self._loaded = State()
        self._folders: dict[Folder, int] = {}
        self._behind: dict[Version, set[Version]] = {}
        self._beside: dict[Version, list[Version]] = {}
        self._made: Tree | None = None  # of a version that is known to be made as we make them
        self._sound: tuple[Version, float] = ("", 0.0)
        self._trust = Trust(self.git.places.common_dir, branch)

    @property
    def moved(self) -> bool:
        """Whether the branch was moved by this store."""
        return self._ref.moved

    def close(self) -> None:
        """End the git process that reads."""
        self.git.close()

    def head(self) -> Version | None:
        """See Store. A tip whose objects are gone is stepped back from along the reflog.

        What could not be written is told as that, and never taken for something that is missing.
        """
        self.git.flush()
        oid = self._ref.tip()
        if oid is None:
            return None
        if self._sound[0] == oid and time.monotonic() - self._sound[1] < _SOUND:
            return oid
        stands = self.must_be_history(oid)
        trusted = self._trust.version()
        if oid != trusted or not stands:
            if not self._whole(oid, trusted):
                return self._step_back(oid)
            self._trust.seen(oid, lambda version: self._whole(version, trusted), self._is_ours)
        self._sound = (oid, time.monotonic())
        return oid

    def must_be_history(self, version: Version) -> bool:
        """StoreError for a version that holds something else: it is somebody's work.

        False where its objects are gone.
        """
        try:
            top = self._read.anew([f"{version}^{{tree}}"])[f"{version}^{{tree}}"]
            commit = self._commit(version)
            ours = is_history(top, self._read.tree, published=is_published(commit))
        except Missing:  # it is stepped back from
            return False
        if not ours and not self._is_for_newer(version):
            raise StoreError(
                f"the branch '{self.branch}' holds other files: it is no instruction history.",
                hint="tractatus-merge init --store git:ANOTHER-NAME",
            )
        return True

    def _is_for_newer(self, version: Version) -> bool:
        """Whether a version says that it needs more than this program knows: it may look so."""
        try:
            return bool(needs.needs_of(self.load(version)).unmet(writing=True))
        except (Missing, DamagedFormat):
            return False

    def load(self, version: Version) -> State:
        """See Store. Texts are read when they are looked at; the last state is known still."""
        if self._loaded.version != version:
            commit, files = self._commit(version), self._files(version)
            known: dict[Key, str | None] = {}
            if _FORMAT in files and self.layout(version) > 1:
                known = {_FORMAT: needs.without_layout(*self.texts([files[_FORMAT]]))}
            self._loaded = State(
                Texts(self.texts, files, known, self._cache), version, time_of(commit)
            )
        return self._loaded

    def layout(self, version: Version) -> int:
        """How a version's files are laid out (see `tree`); the newest is NEWEST."""
        return layout_of(self._read.top(version))

    def _commit(self, version: Version) -> bytes:
        """The text of a version's commit; what was read before is known still."""
        if version in self._commits:
            return self._commits[version]
        found = self.git.read(version)
        if found is None or found.kind != "commit":
            why = f"version {version} is not in this repository"
            raise Missing(f"{why} (a shallow clone?).", hint="git fetch --unshallow")
        if len(self._commits) >= _TREES:
            self._commits.clear()
        self._commits[version] = found.content
        return found.content

    def _files(self, version: Version) -> Files:
        """The blob of each record of a version."""
        if version not in self._trees:
            if len(self._trees) >= _TREES:
                self._trees.clear()
            self._trees[version] = Files(self._read.top(version), self._read)
        return self._trees[version]

    def news(self, version: Version, known: Version | None) -> dict[Key, bytes]:
        """The records that a version has and a known one has not, as their bytes.

        Missing, naming the file, where a version is not made as this store makes them.
        """
        self._commit(version)
        top, there = self._read.top(version), self._read.top(known) if known else []
        self._must_be_ours(top)
        new = changed_files(top, there, self._read)
        read: dict[Key, bytes] = {}
        for key, item in zip(new, self.git.read_all(list(new.values())), strict=True):
            if item is None or item.kind != "blob":
                raise Missing(f"{file_of(key)}: its text is missing.", hint="git fsck")
            read[key] = item.content
        return read

    def _must_be_ours(self, top: Tree) -> None:
        """Missing for a tree that is not made as this store makes them."""
        if self._made is None:
            version = self._trust.ours()
            self._made = self._read.top(version) if version and self.has(version) else ()
        must_be_ours(top, self._read.tree, self._folders, self._made)

    def _is_ours(self, version: Version) -> bool:
        """Whether a version, which is there, is made as this store makes them."""
        try:
            self._must_be_ours(self._read.top(version))
        except Missing:
            return False
        return True

    def same(self, one: Version, other: Version) -> bool:
        """Whether two versions have the same records."""
        pairs = ((one, other), (other, one))
        top = self._read.top
        return not any(changed_files(top(this), top(that), self._read) for this, that in pairs)

    def texts(self, oids: Sequence[str]) -> list[str]:
        """The texts of some records; what was read a moment ago is known still."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._texts]
        if len(self._texts) + len(wanted) > _KEPT:
            self._texts.clear()
            wanted = list(dict.fromkeys(oids))
        for oid, item in zip(wanted, self.git.read_all(wanted), strict=True):
            if item is None:
                raise Missing(f"the object {oid} is missing.", hint="git fsck")
            self._texts[oid] = item.content.decode("utf-8", "replace").removesuffix("\n")
        return [self._texts[oid] for oid in oids]

    def commit(
        self, expected: Version | None, state: State, entry: Entry, *, layout: int = 1
    ) -> Version | None:
        """See Store; `layout` as in `prepare`."""
        version = self.prepare(expected, state, entry, layout=layout)
        if not self._ref.swap(expected, version):
            return None
        if not self._is_there(expected, [version]):
            # pruned at the very moment: the caller still holds it all
            again = self.head() == expected
            return self.commit(expected, state, entry, layout=layout) if again else None
        return version

    def settle(self, expected: Version | None, versions: Sequence[Version]) -> bool:
        """See Grouped. What a prune took at that very moment is not there: it is a lost race."""
        if not self._ref.swap(expected, versions[-1]):
            return False
        if self._is_there(expected, versions):
            return True
        self.head()  # steps back to what is whole
        return False

    def forward(self, expected: Version | None, version: Version) -> bool:
        """Make a version that is there already the head; False if it is no longer `expected`."""
        self.git.sync_reachable(version, expected)
        return self._ref.swap(expected, version)

    def prepare(
        self, expected: Version | None, state: State, entry: Entry, *, layout: int = 1
    ) -> Version:
        """Write a version that nobody sees yet; its parent is `expected`, or the entry's are.

        Its layout is that of the newest parent, or `layout` where that is newer.
        """
        self.git.expect_writes()
        self._ref.expect_swap()
        if self._judge:
            self._judge(state)
        parents = list(entry.parents) or ([expected] if expected else [])
        laid = {at: self.layout(at) for at in {*parents, *([expected] if expected else [])}}
        layout = max(layout, *laid.values()) if laid else NEWEST
        changed = dict(state.changed)
        if layout > 1 and (_FORMAT in changed or not expected or laid[expected] < layout):
            changed[_FORMAT] = needs.with_layout(state.get(*_FORMAT))
        base = self._known_base(entry, expected)
        own = dict(entry.own.changed) if entry.own and base else {}
        texts = dict.fromkeys(t for t in (*changed.values(), *own.values()) if t is not None)
        page = [self._page(state).encode()] if self._page else []
        blobs = self.git.write("blob", [*(f"{text}\n".encode() for text in texts), *page])
        pages = [(FILE, blobs.pop(), PAGE)] if page else []
        oids: dict[str | None, str | None] = {None: None, **dict(zip(texts, blobs, strict=True))}
        news = {key: oids[text] for key, text in changed.items()}
        tree = self._written(expected, news, layout, pages)
        if base is not None:
            mine = {key: oids[text] for key, text in own.items() if text is not None}
            own_tree = self._written(base, mine, self.layout(base), self._pages(base))
            parents.append(self._write(own_tree, [base], entry, own=True))
        version = self._write(tree, parents, entry)
        self._beside[version] = parents[1:]
        if expected:
            self._behind[version] = self._behind.setdefault(expected, set())
        return version

    def _written(
        self, known: Version | None, news: Mapping[Key, str | None], layout: int, pages: Tree
    ) -> str:
        """Write the tree of a version that is a known one but for some records."""
        top = self._read.top(known) if known else []
        try:
            fits = layout_of(top) == layout and bool(top)
            if fits:
                self._must_be_ours(top)
        except Missing:  # others put something into it
            fits = False
        if not fits:
            top, news = [], self._with(known, news)
        rows = write_version(self.git, self._read.tree, top, news, layout)
        return self.git.write_trees([[*rows, *pages]])[0]

    def _with(self, known: Version | None, news: Mapping[Key, str | None]) -> dict[Key, str]:
        """The blob of each record of a known version, with some others."""
        files = {**self._files(known), **news} if known else news
        return {key: oid for key, oid in files.items() if oid is not None}

    def _known_base(self, entry: Entry, head: Version | None) -> Version | None:
        """A session's base, if what it wrote can be a commit of its own: the head follows it.

        A head that was set back behind the base has not what the base has: git must not say so.
        """
        if not (entry.own and entry.base and head):
            return None
        behind = self._behind.setdefault(head, set())
        if entry.base not in behind and not is_ancestor(self.git, entry.base, head):
            return None
        behind.add(entry.base)
        return entry.base

    def _pages(self, version: Version) -> Tree:
        """The page of a version, where it has one, as a row of its tree."""
        rows = self._read.top(version)
        return [(FILE, oid, name) for mode, oid, name in rows if mode.startswith("100")]

    def _write(self, tree: str, parents: list[str], entry: Entry, *, own: bool = False) -> str:
        message = f"Session {entry.session}: its own changes" if own else entry.message
        seconds, text = seconds_of(entry.time), message_of(message, entry)
        version = self.git.commit_tree(tree, parents, text, who=entry.author, seconds=seconds)
        self._read.keep_top(version, tree)
        return version

    def log(
        self,
        collection: str | None = None,
        name: str | None = None,
        *,
        since: Version | None = None,
    ) -> Iterator[Entry]:
        """See Store: one entry a merge, and a session's own commit has none.

        A union's entry has what it changed itself: the rest stands in the entries that it brought.
        """
        if self._ref.tip() is None:
            return
        less = [f"^{since}"] if since else []
        words = [*LOG, self._ref.name, *less, *about(collection, name)]
        own: set[Version] = set()
        for entry in entries_of(self.git.stream(*words)):
            if entry.version in own:
                continue
            if entry.session:
                own.update(entry.parents[1:])
            elif len(entry.parents) > 1:
                entry = replace(entry, changes=self._changed_itself(entry))  # noqa: PLW2901
            if _FORMAT in entry.changes and not self._format_changed(entry):
                changes = tuple(key for key in entry.changes if key != _FORMAT)
                entry = replace(entry, changes=changes)  # noqa: PLW2901
            if collection is None or any(
                kind == collection and name in (None, key) for kind, key in entry.changes
            ):
                yield entry

    def _changed_itself(self, union: Entry) -> tuple[Key, ...]:
        """What a union has otherwise than both its parents."""
        files, theirs = (self._files(version) for version in (union.version, union.parents[1]))
        return tuple(key for key in union.changes if files.get(key) != theirs.get(key))

    def _format_changed(self, entry: Entry) -> bool:
        """Whether a version has another format than its parent, but for what a layout asks for."""
        versions = [at for at in (entry.version, *entry.parents[:1]) if self.has(at)]
        now, *before = (self.load(version).get(*_FORMAT) for version in versions)
        return now != (before[0] if before else None)

    def remotes(self) -> list[tuple[str, Version]]:
        """Remote-tracking branches of this line: (ref, version)."""
        refs = f"refs/remotes/*/{self.branch}"
        told = self.git.must("for-each-ref", "--format=%(refname) %(objectname)", refs)
        return [(line.split()[0], line.split()[1]) for line in told.decode().splitlines()]

    def verify(self, version: Version) -> None:
        """See Verified. What the head has as well is known to be sound."""
        if self._verify is not None:
            self._verify(self, version, self.head())

    def adopt(self, version: Version) -> bool:
        """Make a version that another clone published the head; False if there is one already."""
        self._commit(version)
        return self.forward(None, version)

    def is_cut(self, *versions: Version) -> bool:
        """Whether versions older than some (the head) are missing, for the clone is shallow."""
        cut, tips = self._shallow(), versions or (self.head(),)
        return bool(cut) and any(cut & set(roots(self.git, tip)) for tip in tips if tip)

    def has(self, version: Version) -> bool:
        """Whether a version is (still) there."""
        try:
            return self.git.read(version) is not None
        except Missing:  # a part of it is
            return False

    def in_head(self, version: Version) -> bool:
        """See Rewound."""
        head = self.head()
        return head is not None and is_ancestor(self.git, version, head)

    def facts(self) -> Facts:
        """See Examined."""
        program, common = self.git.must("version"), self.git.places.common_dir
        folders = common / "objects", common / "refs" / "heads"
        return on_disk(program.decode().strip(), "a commit a version", common, *folders)

    def _is_there(self, known: Version | None, versions: Sequence[Version]) -> bool:
        """Whether all is there that some versions have, each after the one before it.

        Not what a known one has, upon which they were written here a moment ago.
        """
        wanted: set[str] = set()

        def trees(names: Collection[str]) -> dict[str, Tree]:
            wanted.update(names)
            return {name: self._read.tree(name) for name in names}

        for version in versions:
            before = self._read.top(known) if known else []
            commits = (version, *self._beside[version])
            wanted.update(commits)
            tops = trees([f"{commit}^{{tree}}" for commit in commits])
            wanted.update(news_of([(top, before) for top in tops.values()], trees))
            known = version
        return self.git.all_there(sorted(wanted))

    def _whole(self, version: Version, known: Version | None = None) -> bool:
        """Whether every object of a version, and of the session's own commit in it, is there.

        What a known version has as well, which was found whole before, is not looked at.
        """
        try:
            there = self._read.top(known) if known and self.has(known) else []
            cut = self._shallow()
            commits = group(self.git, version, self._ref.before(version), cut)
            commits += [own for one in commits if one not in cut for own in self._parents(one)[1:]]
            tops = self._read.anew([f"{commit}^{{tree}}" for commit in commits])
            blobs = set(news_of([(top, there) for top in tops.values()], self._read.anew))
        except Missing:  # be it that the known version is no longer whole
            return known is not None and self._whole(version)
        return self.git.all_there(sorted(blobs))

    def _step_back(self, broken: Version) -> Version:
        """Move the head from a broken tip to the newest whole version before it."""
        self._trust.forget()
        for version in self._before(broken):
            if version != broken and self._whole(version):
                if not self._ref.swap(broken, version):
                    return self.head() or version  # another was faster: to here, or beyond
                words = ("--stale-fix", "--expire=never", "--expire-unreachable=never")
                self.git.run("reflog", "expire", *words, self._ref.name)  # else git gc stumbles
                return version
        raise StoreError(
            f"objects of {self.branch} are missing, and so are those of every version before.",
            hint="git fsck --full",
        )

    def _before(self, broken: Version) -> Iterator[Version]:
        """Versions before a broken tip: as the reflog has them, then along first parents."""
        yield from self._ref.tips()
        while self.has(broken) and (parents := self._parents(broken)):
            broken = parents[0]
            yield broken

    def _parents(self, version: Version) -> list[Version]:
        head = self._commit(version).partition(b"\n\n")[0]
        return [oid.decode() for oid in re.findall(rb"^parent (\w+)$", head, re.MULTILINE)]

    def _shallow(self) -> set[Version]:
        """The versions whose parents a shallow clone left behind."""
        try:
            return set(plain_file.read_text(self.git.places.common_dir / "shallow").split())
        except FileNotFoundError:
            return set()
