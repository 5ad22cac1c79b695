"""What a doctor of this clone is shown, and what is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tractatus_merge.agents.installer import AgentInstaller
from tractatus_merge.repository.line import Repository
from tractatus_merge.value import Value


class Finding(Value):
    """One thing that is wrong: `where`, and what to type next. A note is nobody's fault."""

    code: str
    where: str
    what: str
    fix: str
    note: bool = False
    mend: Callable[[], object] | None = None


class CheckContext(Value):
    """What is looked at."""

    repo: Repository
    settings: AgentInstaller
    environment: Mapping[str, str]
