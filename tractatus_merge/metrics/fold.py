"""One session's numbers, folded from its journal. Two sessions' numbers cannot be added up.

A pressure of several sessions does not exist: `Totals` has sums of counters, and for everything
else one value per session. Source: section 3.3 of the seed paper, whose blended numbers were true
of nobody.

| event of the journal | what it says |
| --- | --- |
| start, resume | the session's copy was made; it was gone on with |
| prompt, reply | a message of the person; a finished turn of the agent |
| tool, failure | a call of a tool; one that failed. `subagent`: not the session's own |
| api-error | the model's service failed |
| subagent | a subagent has finished |
| compacting, compacted | the context is about to be folded; it was |
| context | the status line's word on `tokens`, `window` and `model`, when they changed |
| checkpoint | a milestone (`percentage`) was passed, at so many `tokens` of a `budget` |
| end | the agent said that the session is over |

Each may say how full the context was: `tokens`, null where that was not known, of which `model`,
and of what `window`; and `once`, what tells it from others of its kind: where two hooks heard of
it, it counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tractatus_merge.metrics.levels import level_of, passed_checkpoints
from tractatus_merge.metrics.pressure import Factors, score
from tractatus_merge.metrics.windows import proven, window_of
from tractatus_merge.value import Value

_ACTIVITY = frozenset({"prompt", "reply", "tool", "failure"})
_TURNS = frozenset({"prompt", "reply"})
"""What is told from others of its kind by its turn; the others by ids that are a turn's own."""
_FAILURES = frozenset({"failure", "api-error"})
_MOST = 10**12
"""Tokens that no context holds: a number beyond it is none."""
_RECENT = 600
"""Seconds for which the framework's monitor remembers an error."""


class Checkpoint(Value):
    """A milestone of the context that a session has passed."""

    percentage: int
    tokens: int
    at: str


class Metrics(Value):
    """The numbers of one session, and of no other.

    `context` and `peak` are tokens in its context (None: not known); `budget` is its window (0: not
    known, and then there is no pressure and no level).
    `recent_errors` are those of its last ten minutes.
    """

    session: str
    prompts: int = 0
    replies: int = 0
    tool_calls: int = 0
    subagent_tool_calls: int = 0
    tool_errors: int = 0
    api_errors: int = 0
    subagents: int = 0
    compactions: int = 0
    context: int | None = None
    peak: int | None = None
    budget: int = 0
    model: str = ""
    started: str = ""
    last: str = ""
    checkpoints: tuple[Checkpoint, ...] = ()
    recent_errors: int = 0

    @property
    def messages(self) -> int:
        """What was said in the session: prompts and replies."""
        return self.prompts + self.replies

    @property
    def ratio(self) -> float | None:
        """The share of the budget that is in the context."""
        return None if self.context is None or not self.budget else self.context / self.budget

    @property
    def pressure_score(self) -> float | None:
        """The ratio in percent, with one decimal, as the seed paper gives it."""
        return None if self.ratio is None else round(self.ratio * 100, 1)

    @property
    def level(self) -> str | None:
        """The level of the ratio."""
        return None if self.ratio is None else level_of(self.ratio)

    def score(self, which: str) -> float | None:
        """A score, 0 to 1: the `ratio`, or the framework's `g1` or `g2`; None where unknown."""
        if which == "ratio" or self.ratio is None:
            return self.ratio
        factors = Factors(
            min(self.ratio, 2),
            self.messages,
            errors=self.recent_errors,
            compactions=self.compactions,
        )
        return score(which, factors)

    @property
    def seconds(self) -> float | None:
        """From the first event to the last."""
        return _between(self.started, self.last)


class Totals(Value):
    """Sums of what can be summed over sessions."""

    sessions: int = 0
    prompts: int = 0
    replies: int = 0
    tool_calls: int = 0
    subagent_tool_calls: int = 0
    tool_errors: int = 0
    api_errors: int = 0
    subagents: int = 0
    compactions: int = 0
    checkpoints: int = 0


COUNTERS = (
    "prompts",
    "replies",
    "tool_calls",
    "subagent_tool_calls",
    "tool_errors",
    "api_errors",
    "subagents",
    "compactions",
)


def totals(found: Iterable[Metrics]) -> Totals:
    """The sums of the counters of several sessions; their contexts are nobody's sum."""
    rows = list(found)
    sums = {name: sum(getattr(row, name) for row in rows) for name in COUNTERS}
    return Totals(len(rows), **sums, checkpoints=sum(len(row.checkpoints) for row in rows))


def fold(
    session: str,
    events: Iterable[Mapping[str, Any]],
    budget: int | None = None,
    *,
    environment: Mapping[str, str],
) -> Metrics:
    """The numbers that a session's journal comes to, event by event.

    `budget` is the configured one; else the window counts that was said last, else the model's in
    such an `environment`, as long as they hold what was measured. Events that are not of the table
    above, and values that are not what they should be, change nothing.
    """
    seen = _Fold()
    for event in events:
        seen.take(event)
    marks = sorted(seen.checkpoints.values(), key=lambda mark: mark.percentage)
    window = seen.window or window_of(seen.model, "", environment)
    return Metrics(
        session,
        **seen.counts,
        context=seen.context,
        peak=seen.peak,
        budget=budget or proven(seen.most, window, seen.model),
        model=seen.model,
        started=seen.started,
        last=seen.last,
        checkpoints=tuple(marks),
        recent_errors=sum((_between(at, seen.last) or 0) <= _RECENT for at in seen.errors),
    )


@dataclass(slots=True)
class _Fold:
    """What is known after some of the events."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    context: int | None = None
    peak: int | None = None
    most: int = 0
    window: int = 0
    model: str = ""
    started: str = ""
    last: str = ""
    folded: bool = False
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def take(self, event: Mapping[str, Any]) -> None:
        kind, at = str(event.get("event")), event.get("at")
        if isinstance(at, str) and at:
            self.started, self.last = self.started or at, at
        own = not event.get("subagent")
        if isinstance(once := event.get("once"), str) and once:
            if (kind, once) in self.seen:
                return  # two hooks heard of one event
            self.seen.add((kind, once))
        if kind == "prompt":
            self.seen = {found for found in self.seen if found[0] in _TURNS}
        if kind in _ACTIVITY and own:
            self.folded = False
        for name in _counted(kind, own=own):
            self.counts[name] += 1
        if kind in _FAILURES and own:
            self.errors.append(str(at or ""))
        if kind == "compacted":
            self.counts["compactions"] += not self.folded
            self.folded, self.context = True, None
        if kind == "checkpoint":
            self._mark(event, str(at or ""))
        else:
            self._measure(event)

    def _measure(self, event: Mapping[str, Any]) -> None:
        model = event.get("model")
        if isinstance(model, str) and model and model != self.model:
            self.model, self.most = model, 0
        if "tokens" in event:
            self.context = _count(event["tokens"])
            if self.context is not None:
                self.peak = max(self.peak or 0, self.context)
                self.most = max(self.most, self.context)
        window = _count(event.get("window"))
        self.window = self.window if window is None else window

    def _mark(self, event: Mapping[str, Any], at: str) -> None:
        mark, tokens = _count(event.get("percentage")), _count(event.get("tokens"))
        if mark is not None and tokens is not None and mark not in self.checkpoints:
            self.checkpoints[mark] = Checkpoint(mark, tokens, at)


def _counted(kind: str, *, own: bool) -> tuple[str, ...]:
    """The counters that an event moves."""
    calls = "tool_calls" if own else "subagent_tool_calls"
    table = {
        "prompt": ("prompts",),
        "reply": ("replies",),
        "tool": (calls,),
        "failure": (calls, "tool_errors") if own else (calls,),
        "api-error": ("api_errors",),
        "subagent": ("subagents",),
    }
    return table.get(kind, ())


def _between(start: str, end: str) -> float | None:
    """Seconds from one moment to another; None where one is none."""
    try:
        moments = [datetime.fromisoformat(text) for text in (start, end)]
        return (moments[1] - moments[0]).total_seconds()
    except (ValueError, TypeError):
        return None


def _count(value: object) -> int | None:
    """A number of tokens, or None for what is none."""
    return value if type(value) is int and 0 <= value <= _MOST else None


def due_checkpoints(metrics: Metrics) -> list[int]:
    """The checkpoints that the session has passed and that did not fire yet."""
    done = {mark.percentage for mark in metrics.checkpoints}
    reached = max(metrics.context or 0, metrics.peak or 0)
    return [mark for mark in passed_checkpoints(reached, metrics.budget) if mark not in done]
