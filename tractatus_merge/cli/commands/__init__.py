"""The verbs. Each module is named after its verb, or after the first of a few that belong together.

Loaded one by one, when a verb is asked for. What several verbs need is in `cli.common` and
`cli.terminal`.

- `status`: status
- `lists`: list
- `conflicts`: conflicts
- `start`: start
- `edit`: add, edit, retire
- `end`: end
- `log`: log, blame
- `show`: show
- `diff`: diff
- `sessions`: sessions, refresh, merge, abandon
- `review`: review
- `resolve`: resolve
- `undo`: undo, redo
- `sync`: sync
- `metrics`: metrics, export
- `check`: check
- `audit`: audit
- `init`: init, demo
- `import_`: import
- `migrate`: migrate
- `rules`: what `export` and `import` do with `--rules`
- `view`: view
- `demo`: what `demo` plays
- `install`: install, uninstall
- `doctor`: doctor
- `config`: config list, get, set
- `completion`: completion
- `help`: help
- `run`: run, env
- `merge_file`: merge-file
- `mergetool`: mergetool
- `merge_driver`: merge-driver, textconv: for git, hidden from help
- `agents`: hook, statusline, mcp: for agents, hidden from help
"""
