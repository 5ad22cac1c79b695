"""What the past of a file of records lost, commit by commit. It needs no store and no session.

Nothing is written but what `restore` puts back. What is lost is judged by `losses` and
`overwrites`, from records alone.

- `report`: the audit: every merge and every write judged
- `writes`: what a commit that is no merge lost, and whether its author meant it
- `walk`: its versions, each read and parsed once
- `record_versions`: one version as records by name; pure
- `version_reader`: the versions one after the other, and of each only what is new; pure
- `shapes`: where the records of a file stand; pure
- `losses`: what a merge lost; pure
- `overwrites`: what a write lost that was made from an older copy, or that left few records; pure
- `restore`: lost records put back into a file's text; pure
"""
