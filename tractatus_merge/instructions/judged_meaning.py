"""Who judges whether instructions contradict each other: the policy's word on meaning.

How it is judged is in `meaning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tractatus_merge.core.model.findings import Contents, Finding


def find_contradictions(brought: Contents, there: Contents) -> list[Finding]:
    """`meaning.find_contradictions`, imported only where there is something to compare: 5 ms."""
    if not brought or not there:
        return []
    from tractatus_merge.meaning.contradictions import find_contradictions as find

    return find(brought, there)
