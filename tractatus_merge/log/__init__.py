"""Reading the log: how versions came to be, who wrote what, which version a record was made from.

Nothing is changed here. What a version contains is in `core.model.state`.

- `versions`: how a version came to be, place by place
- `decisions`: a version read as a decision: what it changed, why, and what it answered
- `blame`: who wrote each field as it stands
- `steps`: which of a person's versions `undo` and `redo` go over next
- `lineage`: which version a record in a file was made from
"""
