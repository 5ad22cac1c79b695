"""What a person decides, published as a session of its own: an answer, or its revocation.

What a decision makes of the head, `resolve` and `revoke` say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tractatus_merge.core.model import summaries
from tractatus_merge.core.model.state import SESSIONS, Entry, Key, State
from tractatus_merge.core.values.equality import Json
from tractatus_merge.value import Value

if TYPE_CHECKING:
    from tractatus_merge.core.model.conflict import Writer
    from tractatus_merge.core.plans.outcome import Outcome, Plan


class Decision(Value, kw_only=True):
    """Who decided, when and why. `session` is also the seal of its only publication.

    `undoes` and `redoes` are the seal of the person's own publication that it steps back over, or
    forward again.
    """

    session: str
    tag: str
    author: str
    at: str
    why: str = ""
    by: str = "person"
    undoes: str = ""
    redoes: str = ""

    @property
    def step(self) -> dict[str, str]:
        """The step as a publication keeps it; nothing where it is none."""
        said = {summaries.UNDOES: self.undoes, summaries.REDOES: self.redoes}
        return {word: seal for word, seal in said.items() if seal}

    @property
    def writer(self) -> Writer:
        """Who wrote what the decision writes."""
        from tractatus_merge.core.model.conflict import Writer  # who decides anew has it

        return Writer(self.at, self.session, self.author, self.why)

    def is_in(self, head: State) -> bool:
        """Whether the head has the decision already."""
        return any(done.seal == self.session for done in summaries.publications(head, self.tag))

    def signature(self, moment: str) -> dict[str, Json]:
        """The part of a resolution record that names who decided, and when it was published."""
        return {
            "why": self.why,
            "session": self.session,
            "author": self.author,
            **({"by": self.by} if self.by != "person" else {}),
            "at": self.at,
            "published": moment,
        }

    def summary(self, head: State, edits: Iterable[Mapping[str, Json]], moment: str) -> str:
        """The summary text of the decision's session."""
        # a session's facts are decisions too: who only reads them publishes nothing
        from tractatus_merge.core.plans import publications
        from tractatus_merge.core.plans.incoming import Incoming

        done = summaries.Publication(
            1, moment, head.version, self.session, {}, tuple(edits), self.step
        )
        by = Incoming(self.session, self.tag, self.author, self.at, {}, {}, agent=self.by)
        return publications.with_publication(head, by, done)

    def after(
        self,
        head: State,
        changed: Mapping[Key, str | None],
        edits: Iterable[Mapping[str, Json]],
        moment: str,
    ) -> State:
        """The head with the changes and with the decision's summary."""
        return head.with_({**changed, (SESSIONS, self.tag): self.summary(head, edits, moment)})

    def plan(
        self,
        head: State,
        changed: Mapping[Key, str | None],
        edits: Iterable[Mapping[str, Json]],
        moment: str,
        *,
        message: str,
        outcome: Outcome,
    ) -> Plan:
        """The head with the changes and with the decision's summary, as one version.

        Args:
            head: what the decision is published on.
            changed: the records as they become; None takes one away.
            edits: the places written, as `summaries.edit` makes them.
            moment: when it is published, not before the head.
            message: the log's line.
            outcome: what to tell; the entry names its conflicts.
        """
        from tractatus_merge.core.plans.outcome import Plan  # who only reads decisions has none

        changed = {**changed, (SESSIONS, self.tag): self.summary(head, edits, moment)}
        entry = Entry(
            message=message,
            session=self.session,
            tag=self.tag,
            agent=self.by,
            author=self.author,
            time=moment,
            base=head.version,
            conflicts=outcome.conflicts,
            changes=tuple(changed),
        )
        return Plan(head.with_(changed), entry, outcome)


class Answer(Decision):
    """A person's answer to a conflict. `value` None with `gone` means: no value there.

    `both` keeps the value in force and makes an instruction of each waiting side; `take` "retire"
    keeps it too, and retires the instruction.
    """

    conflict: str
    terms: str
    value: Json
    take: str = "value"
    gone: bool = False
    both: bool = False


class Revocation(Decision):
    """Who revokes which resolution, in which session, when, and why."""

    resolution: str
