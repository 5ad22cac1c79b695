"""The view: the history file in the work tree, written from the head, and read back.

What other programs wrote into it is merged as an edit. The form of the file is in
`instructions.history_file`. A session's own copy is no view: it is in `sessions`.

- `notes`: what a worktree remembers of its view
- `file`: when the view may be written, and what is written
- `foreign_edits`: whether other programs wrote into it
- `intake`: what they wrote, merged by version vectors
"""
