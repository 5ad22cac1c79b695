"""A tiny harness: clones of one line that each take sessions in, and unite. A log in memory."""

from __future__ import annotations

from functools import reduce

from tests.laws.sessions import incoming, merged, state_of
from tests.laws.strategies import RECORDS
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.core.plans.unite import plan_unite
from tractatus_merge.instructions.field_rules import HISTORY


def items_of(state):
    """Every text of a state, by collection and id."""
    return {key: state.get(*key) for key in state}


def united(base, ours, theirs, *, remote=False):
    """The state that two states become."""
    state = plan_unite(base, ours, theirs, HISTORY, remote=remote).state
    return State(items_of(state), f"({ours.version}|{theirs.version})", max(ours.time, theirs.time))


class Line:
    """All versions of one line of governance, in all its clones."""

    def __init__(self, root=None):
        self.states, self.parents, self.sessions, self.clock = {}, {}, {}, 0
        self.root = self._keep(root or state_of(RECORDS), ())

    def _keep(self, state, parents):
        version = f"v{len(self.states)}"
        self.states[version] = State(items_of(state), version, state.time)
        self.parents[version] = tuple(parents)
        return version

    def now(self):
        """A later time at each look."""
        self.clock += 1
        return f"2025-06-01T00:00:00.{self.clock:03d}Z"

    def session(self, head, done, who, base=None):
        """The head after a session's end; its base is the head, or an older version."""
        theirs = incoming(self.states[base or head], done, who)
        version = self._keep(merged(self.states[head], theirs, self.now()), [head])
        self.sessions[version] = theirs
        return version

    def replayed(self, ours, theirs):
        """The head if the sessions that ended in the other clone had ended in ours, after all."""
        for version in sorted(self.seen(theirs) - self.seen(ours), key=lambda v: int(v[1:])):
            state = merged(self.states[ours], self.sessions[version], self.now())
            ours = self._keep(state, [ours])
        return ours

    def answer(self, head, conflict, who, value=None, gone=False, **more):
        """The head after a person's answer."""
        now = self.now()
        answer = Answer(
            conflict.id,
            conflict.terms,
            value,
            session=who,
            tag=(who * 8)[:8],
            author=f"{who} <>",
            at=now,
            gone=gone,
            **more,
        )
        plan = plan_resolve(self.states[head], answer, HISTORY, now)
        return self._keep(State(items_of(plan.state), None, now), [head])

    def revoke(self, head, who):
        """The head after a person revoked the last answer."""
        state, now = self.states[head], self.now()
        told = active_resolutions(resolutions(state))[0]
        revocation = Revocation(
            told["id"], session=who, tag=(who * 8)[:8], author=f"{who} <>", at=now
        )
        plan = plan_revoke(state, revocation, HISTORY, now)
        return self._keep(State(items_of(plan.state), None, now), [head])

    def unite(self, ours, theirs, *, remote=False):
        """The head after our clone fetched another's head: as git does, forward where that is all."""
        if theirs in self.seen(ours):
            return ours
        if ours in self.seen(theirs):
            return theirs
        state = united(
            self.base(ours, theirs), self.states[ours], self.states[theirs], remote=remote
        )
        return self._keep(state, [ours, theirs])

    def seen(self, version):
        """A version and all before it."""
        return {version}.union(*(self.seen(parent) for parent in self.parents[version]))

    def base(self, one, other):
        """The newest common version; several are united, as git's recursive merge does."""
        both = self.seen(one) & self.seen(other)
        best = sorted(v for v in both if not any(v in self.seen(w) - {w} for w in both))
        return reduce(lambda a, b: united(self.base(a.version, b.version), a, b),
                      [self.states[v] for v in best]) if best else None  # fmt: skip

    def conflicts(self, head):
        """The open conflicts of a head."""
        return open_conflicts(self.states[head])
