"""What is wrong in this clone, each with the next command to type, and mended where it can be.

The verb is in `cli.commands.doctor`. A check looks; only what a finding says is ever mended.

- `diagnosis`: what a check is shown, and what it finds
- `checks`: the checks of clone, view, sessions and gate
- `store_checks`: what `doctor --store` looks at: a line each
- `agent_checks`: the checks of agents' settings
- `git_checks`: the checks of git's hooks, and of who else moves the history's branch
"""
