"""All that only git has: the store on a branch, and what guards, shares, audits and installs.

No other room imports the store but `factory`. Each wing is there by a permission of its own: what
is not installed or not asked for does nothing.

- `processes`: git as a process: started, some of them before their answer is needed
- `plumbing`: one repository's git: commands, and the texts of its objects
- `failures`: what git said when it could do nothing, and what to type then
- `object_files`: what is written, brought to the disk before a ref names it
- `discovery`: the repository and a session's folder, found without starting git
- `ref`: one branch, moved by compare-and-swap
- `paths`: which file of a version is which record's
- `version_files`: the records of a version, read where they are looked at
- `tree`: a version's tree: a folder a collection, a file a record
- `trees`: the trees of a repository, each read once
- `text_cache`: the texts of a long line in one file
- `log`: log entries as git has them
- `graph`: how versions descend from each other
- `trust`: which version need not be looked through again
- `store`: the default store: a branch
- `checkout`: what git's work tree knows of the view
- `worktrees`: the worktrees of a repository
- `removals`: instructions that a commit not of ours took out of the history
- `access`: what only git can do, asked for in one place
- `relayout`: a line of an older layout turned into the newest one
- `snapshots`: what stands in the index or in a commit, as bytes
- `governed_files`: which files are governed
- `configured_hooks`: the hooks that git runs by its configuration, from 2.54 on
- `effective_hooks`: whether the hooks that git runs hold the gate, whoever wrote them
- `in_force`: what was in force: in a version, at a time, or when a commit was made
- `path_log`: the commits of one path, and its contents
- `past`: the versions of the history file that commits have, and who wrote what in each
- `adoption`: such a past made the first versions of a store
- `line_merge`: git's own merge of three files by lines
- `gate`: what stops a commit
- `sync`: one line of governance through a remote
- `audit`: what a file's past has lost
- `install`: what is put into a clone, and taken out again
"""
