"""The levels of pressure, the checkpoints, and the budget they are a share of: plain tables.

Looked at on every event of an agent, so nothing is imported here.
Source: the framework's `ContextPressureMonitor` (levels) and `session-init` (checkpoints).
"""

LEVELS = (
    ("DANGEROUS", 0.85),
    ("CRITICAL", 0.70),
    ("HIGH", 0.50),
    ("ELEVATED", 0.30),
    ("NORMAL", 0.0),
)
"""Name and least share of the budget, inclusive; the highest first."""

ADVICE = {
    "HIGH": "the framework recommends a handoff or a fresh context, and verifying before acting",
    "CRITICAL": "the framework recommends preparing the handoff now, and verifying every action",
    "DANGEROUS": "the framework asks for a person before work goes on",
}
"""What a level recommends, from HIGH on."""

CHECKPOINTS = (25, 50, 75)
"""Percentages of the budget at which a session has a checkpoint, once each."""

BUDGET = 200_000
"""The framework's own: tokens of a context window of a model without a name."""


def level_of(ratio: float) -> str:
    """The level of a share of the budget."""
    for name, least in LEVELS:
        if ratio >= least:
            return name
    return LEVELS[-1][0]


def passed_checkpoints(tokens: int, budget: int) -> list[int]:
    """The checkpoints (percentages) that so many tokens have passed; none of a budget of 0."""
    return [mark for mark in CHECKPOINTS if budget and tokens * 100 >= mark * budget]
