"""How a version came to be: found in the log, told place by place. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping

from tractatus_merge.core.model import ids, moves
from tractatus_merge.core.model.open_conflicts import open_conflicts
from tractatus_merge.core.model.record import Record
from tractatus_merge.core.model.state import INSTRUCTIONS, SESSIONS, Entry, State
from tractatus_merge.core.model.summaries import publications
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.rules.base import Merge
from tractatus_merge.core.rules.explanation import Step, explain
from tractatus_merge.core.values.equality import MISSING, Json
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.repository.line import Repository


def find_version(repo: Repository, name: str) -> Entry | None:
    """The version of that id, or the only one whose id begins so (four digits at least).

    By its id in the store from which the history moved, too.
    """
    if len(name) < 4 or not set(name.lower()) <= set("0123456789abcdef"):
        return None
    log, older = list(repo.store.log()), moves.names(repo.head(), alike=True)
    wanted = {new for old, new in older.items() if old.startswith(name.lower())}
    found = [
        entry for entry in log if entry.version.startswith(name.lower()) or entry.version in wanted
    ]
    return found[0] if len(found) == 1 else None


def publication(repo: Repository, seal: str, tag: str | None = None) -> Entry | None:
    """The version that published what has the seal: of one session, where its tag is given."""
    for entry in repo.store.log(SESSIONS, tag):
        if seal in seals(repo, entry):
            return entry
    return None


def seals(repo: Repository, entry: Entry) -> list[str]:
    """The seals of what a version published: of one publication, but for a union's."""
    after, *before = (repo.store.load(version) for version in (entry.version, *entry.parents))
    tags = [name for kind, name in entry.changes if kind == SESSIONS]
    known = {done.seal for state in before for tag in tags for done in publications(state, tag)}
    found = [done.seal for tag in tags for done in publications(after, tag)]
    return [seal for seal in found if seal not in known]


def story(repo: Repository, entry: Entry) -> list[Step]:
    """How the version came to what it is, place by place; nothing for the first one."""
    if not entry.parents:
        return []
    before, after = (repo.older(version) for version in (entry.parents[0], entry.version))
    own = repo.older(entry.parents[1]) if len(entry.parents) > 1 else after
    base = repo.older(entry.base) if entry.base else before
    names = [name for kind, name in entry.changes if kind == INSTRUCTIONS]
    return _steps(names, (base, before, own, after))


def preview(
    incoming: Incoming, head: State, after: State, renames: Mapping[str, str]
) -> list[Step]:
    """How a merge would come to what it makes of the head."""
    steps = []
    for name in (*incoming.added(), *incoming.edited()):
        base, new = incoming.base.get(name), renames.get(name, name)
        theirs = ids.renamed_where_written(
            incoming.copy[name].content, base.content if base else None, renames
        )
        merge = Merge(_content(base), _content(head.record(new)), theirs)
        steps += _explained(new, merge, after)
    return steps


def _steps(names: list[str], states: tuple[State, State, State, State]) -> list[Step]:
    base, before, own, after = states
    steps = []
    for name in names:
        merge = Merge(*(_content(state.record(name)) for state in (base, before, own)))
        if merge.theirs is not MISSING:
            steps += _explained(name, merge, after)
        elif merge.ours is not MISSING and after.record(name) is None:  # an imported commit did it
            steps.append(Step(name, (), "taken", merge.ours, MISSING, MISSING))
    return steps


def _explained(name: str, merge: Merge, after: State) -> list[Step]:
    contested = [c.path for c in open_conflicts(after) if c.instruction == name]
    value = _content(after.record(name))
    return explain(name, HISTORY.policy.rule, merge, value, contested)


def _content(record: Record | None) -> Json:
    return record.content if record else MISSING
