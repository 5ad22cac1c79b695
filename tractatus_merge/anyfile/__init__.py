"""Files of records of any kind, JSON or JSONL: how they merge. Pure: bytes in, bytes out.

No store and no session is known here. Records that nobody changed are never parsed and keep their
bytes. The history of instructions has a merge of its own, in `instructions`.

- `tables`: rules by path, as people write them in options and settings
- `ready_made`: tables for files that many have, by name
- `rows`: a file cut into records, as bytes
- `loose_rows`: names for the rows that have no key of their own
- `row_layout`: the white space around the records of a list, merged
- `row_merge`: a list of records merged row by row
- `merge`: three versions of a file merged into one
- `textconv`: a file as lines for `git diff`
"""
