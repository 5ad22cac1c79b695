"""The framework's own pressure scores, g1 and g2: five weighted factors of one session.

Source: `ContextPressureMonitor.service.js`, its public form (g1) and that of 2025-10-12 (g2). The
score that is shown unless another is asked for is the plain share of the context: `Metrics.ratio`.
"""

from __future__ import annotations

from tractatus_merge.metrics.levels import BUDGET
from tractatus_merge.value import Value


class Factors(Value):
    """What the framework's monitor is told of a session.

    `tokens` is a share of the budget up to 2, else a count. `depth` is that of the task, `errors`
    those of the last ten minutes, `instructions` those that the caller names.
    """

    tokens: float = 0
    messages: int = 0
    depth: int = 0
    errors: int = 0
    instructions: int = 0
    compactions: int = 0
    budget: int = BUDGET


class _Generation(Value):
    """Weights of tokens, conversation, task, errors, instructions; what counts as a long talk."""

    weights: tuple[float, float, float, float, float]
    conversation: int
    compacted: tuple[float, float, float, float]


GENERATIONS = {
    "g1": _Generation((0.35, 0.25, 0.15, 0.15, 0.10), 100, (1, 1, 1, 1)),
    "g2": _Generation((0.30, 0.40, 0.15, 0.10, 0.05), 40, (1, 1.5, 3, 5)),
}


def score(generation: str, told: Factors) -> float:
    """The score of a generation (`g1`, `g2`), 0 to 1."""
    how = GENERATIONS[generation]
    tokens = told.tokens if told.tokens <= 2 else told.tokens / told.budget
    longer = how.compacted[min(told.compactions, 3)]
    parts = (
        tokens,
        told.messages / how.conversation * longer,
        _complexity(told.depth) / 5,
        told.errors / 3,
        told.instructions / 10,
    )
    return sum(how.weights[place] * min(1.0, max(0.0, part)) for place, part in enumerate(parts))


def _complexity(depth: int) -> float:
    """How complex a task of so many steps is; one of which nothing is said counts as one."""
    return depth * (0.8 if depth > 2 else 0.5 if depth == 2 else 0.3) or 1.0
