"""What a publication adds to its session's summary."""

from __future__ import annotations

from tractatus_merge.core.model.state import State
from tractatus_merge.core.model.summaries import Publication, summary
from tractatus_merge.core.plans.incoming import Incoming
from tractatus_merge.core.values import json_text


def with_publication(state: State, incoming: Incoming, publication: Publication) -> str:
    """The session's summary text after one more publication."""
    found = summary(state, incoming.tag) or {
        "session": incoming.session,
        "tag": incoming.tag,
        "agent": incoming.agent,
        "author": incoming.author,
        "publications": [],
    }
    found["session"] = incoming.session
    found["publications"] = [*found["publications"], publication.to_json()]
    if incoming.metrics is not None:
        found["metrics"] = dict(incoming.metrics)
    return json_text.dump(found)
