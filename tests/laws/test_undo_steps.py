"""Steps back and forward over what one person did: each leads to what stood there."""

from __future__ import annotations

import random
from itertools import count

import pytest

from tests.laws.sessions import contents_of, incoming, state_of
from tractatus_merge.core.model.conflict import EDIT_RETIRE, MEANING
from tractatus_merge.core.model.open_conflicts import open_conflicts, resolutions
from tractatus_merge.core.model.resolutions import active_resolutions, possible_answers
from tractatus_merge.core.model.state import State
from tractatus_merge.core.plans.asked_undo import Undo
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.plans.merge import plan_merge
from tractatus_merge.core.plans.person_decision import Answer, Revocation
from tractatus_merge.core.plans.resolve import plan_resolve
from tractatus_merge.core.plans.revoke import plan_revoke
from tractatus_merge.core.plans.undo import plan_undo
from tractatus_merge.core.values.equality import MISSING, same
from tractatus_merge.core.values.places import get
from tractatus_merge.errors import UnknownResolution
from tractatus_merge.instructions.field_rules import HISTORY
from tractatus_merge.value import replace

RULES = ("Always use tabs.", "Never use tabs.", "Port 1 is used.", "Never log in.", "Be kind.")
FIELDS = (("text",), ("notes",), ("persistence",), ("parameters", "port"), ("active",))


def records():
    """Three instructions to begin with."""
    return {
        f"inst_00{n}": {
            "id": f"inst_00{n}", "text": text, "notes": "a", "active": True,
            "persistence": "HIGH", "parameters": {"port": str(n)},
        }
        for n, text in enumerate(RULES[:1] + RULES[2:4], 1)
    }  # fmt: skip


class Story:
    """One person's versions, each with what stood before it and after it."""

    def __init__(self, seed):
        self.random, self.numbers = random.Random(seed), count(1)
        self.states = [state_of(records())]
        self.done = []

    @property
    def head(self):
        """As it stands."""
        return self.states[-1]

    def keep(self, plan):
        """A plan's state as a version; None where it changed nothing."""
        if plan.entry is None:
            return None
        before, number = self.head, len(self.states)
        items = {key: plan.state.get(*key) for key in plan.state}
        self.states.append(State(items, f"v{number}", plan.entry.time))
        return Undo(replace(plan.entry, version=f"v{number}"), before, self.head)

    def who(self):
        """A new session, and when."""
        number = next(self.numbers)
        name = f"s{number:07}"
        at = f"2025-06-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
        return {"session": name, "tag": name, "author": "Jo <>", "at": at}

    def act(self):
        """Something that a person does, or none that is possible."""
        act = self.random.choice([self.edit, self.edit, self.add, self.answer, self.answer,
                                  self.revoke])  # fmt: skip
        undo = act(self.who())
        if undo is not None:
            self.done.append(undo)

    def edit(self, who):
        """A session that began some versions ago edits places of one instruction or two."""
        base = self.random.choice(self.states[-4:])
        did = []
        for _ in range(self.random.choice((1, 1, 2))):
            path = self.random.choice(FIELDS)
            value = self.random.choice(RULES[:2]) if path == ("text",) else self.value(path)
            name = self.random.choice(sorted(contents_of(base)))
            did.append(("set", name, path, value))
        return self.session(base, did, who)

    def value(self, path):
        """A value that fits the place."""
        if path == ("active",):
            return self.random.choice((True, False))
        if path == ("persistence",):
            return self.random.choice(("HIGH", "LOW", MISSING))
        return f"{self.random.randint(1, 5)}"

    def add(self, who):
        """A session adds an instruction; it may contradict another."""
        name = f"inst_{self.random.randint(50, 60):03}"
        return self.session(self.head, [("add", name, (), self.random.choice(RULES))], who)

    def session(self, base, did, who):
        """A session's end."""
        theirs = incoming(base, did, who["session"], at=who["at"])
        theirs = replace(theirs, tag=who["tag"], author=who["author"])
        return self.keep(plan_merge(self.head, theirs, HISTORY, who["at"]))

    def answer(self, who):
        """An answer of any kind to an open conflict."""
        found = open_conflicts(self.head)
        if not found:
            return None
        conflict = self.random.choice(found)
        take = self.random.choice(possible_answers(conflict))
        if conflict.kind not in (MEANING, EDIT_RETIRE) and self.random.random() < 0.2:
            take = "value"
        value = conflict.force.value
        if take.isdigit():
            value = conflict.all_sides[int(take) - 1].value
        elif take in ("base", "value"):
            value = conflict.force.base if take == "base" else "9"
        gone = value is MISSING
        answer = Answer(
            **who, conflict=conflict.id, terms=conflict.terms, value=None if gone else value,
            take=take, gone=gone, both=take == "both",
        )  # fmt: skip
        return self.keep(plan_resolve(self.head, answer, HISTORY, who["at"]))

    def revoke(self, who):
        """An answer taken back by its id."""
        told = active_resolutions(resolutions(self.head))
        if not told:
            return None
        revocation = Revocation(**who, resolution=self.random.choice(told)["id"])
        try:
            return self.keep(plan_revoke(self.head, revocation, HISTORY, who["at"]))
        except UnknownResolution:
            return None

    def step(self, undo, word):
        """A step over one version, back or forward."""
        who = self.who()
        by = Incoming(
            **who, base={}, copy={}, agent="person", base_version=self.head.version,
            seal=who["session"], note=f"Step over {undo.entry.version}", step={word: "x"},
        )  # fmt: skip
        made = self.keep(plan_undo(self.head, undo, by, HISTORY, who["at"]))
        assert made is not None, "a step is always entered"
        return made


def told(state):
    """What waits for an answer, by what it is about; the ids of reopened conflicts are new."""
    found = []
    for one in open_conflicts(state):
        sides = sorted(repr((side.base, side.value, side.proposal)) for side in one.sides)
        force = repr((one.force.base, one.force.value))
        found.append((one.instruction or "", one.path, one.kind, one.severity, force, sides))
    return sorted(found)


def of(names, state):
    """What the instructions of these names say."""
    return {name: content for name, content in contents_of(state).items() if name in names}


def assert_in_force(state, label):
    """What a conflict calls in force is what stands at its place."""
    for one in open_conflicts(state):
        if one.kind != MEANING:
            stands = get(HISTORY.content(state, one.instruction), one.path)
            assert same(stands, one.force.value), label


def walk(seed, acts=8):
    """Everything is done, undone and done again: what stands is compared at each step."""
    story = Story(seed)
    while len(story.done) < acts:
        story.act()
        assert_in_force(story.head, f"seed {seed}: {len(story.done)} done")
    back = []
    for undo in reversed(story.done):
        back.append((undo, story.step(undo, "undoes")))
        assert_in_force(story.head, f"seed {seed}: back to {undo.before.version}")
        names = contents_of(undo.before)
        label = f"seed {seed}: {undo.entry.version} {undo.entry.message}"
        assert of(names, story.head) == contents_of(undo.before), label
        remnants = contents_of(story.head).keys() - names.keys()
        active = [n for n in remnants if story.head.content(n).get("active") is not False]
        assert not active, label
        assert told(story.head) == told(undo.before), label
    for undo, step in reversed(back):
        story.step(step, "redoes")
        assert_in_force(story.head, f"seed {seed}: again to {undo.after.version}")
        label = f"seed {seed}: again {undo.entry.version} {undo.entry.message}"
        names = contents_of(undo.after)
        assert of(names, story.head) == contents_of(undo.after), label
        assert told(story.head) == told(undo.after), label


@pytest.mark.parametrize("seed", range(40))
def test_each_step_back_and_forward_leads_to_what_stood_there(seed):
    """Over edits, additions, retirements, answers of every kind and revocations of one's own."""
    walk(seed)


@pytest.mark.parametrize("seed", [24, 166, 178, 1029, 1037, 1145, 1190, 1207, 2317, 7124, 7268])
def test_so_does_each_step_over_a_longer_story(seed):
    """Answers that were revoked, given again and overtaken by edits; each of these failed once."""
    walk(seed, acts=14)
