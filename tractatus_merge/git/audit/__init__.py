"""What the past of a file of records lost, commit by commit. It needs no store and no session.

Nothing is written but what `restore` puts back. What is lost is judged by `losses`, from records
alone.

- `report`: the audit: every merge and every write judged
- `walk`: its versions, each read and parsed once
- `record_versions`: one version as records by name; pure
- `losses`: what a merge or a write lost; pure
- `restore`: lost records put back into a file's text; pure
"""
