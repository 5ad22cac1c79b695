"""What is put into a clone, and taken out again: hooks, merge driver, mergetool, textconv.

Every byte is given back. What is put into agents' settings is in `agents.installer`; how changes
are noted and given back, in `system.ledger`.

- `installer`: install and uninstall, step by step
- `hook_texts`: what is put into hooks
- `sync_hook_texts`: what is put into hooks that share the history
- `hook_managers`: hook managers, and the lines that a person gives them
- `git_config`: the settings and attributes that name our programs, and the file they stand in
- `trial`: a merge driver tried in a repository that is thrown away
- `remnants`: what an install left that no ledger tells of
"""
