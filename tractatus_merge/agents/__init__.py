"""How agents get in: hooks, status line, tools, and our entries in their settings.

A hook fails open and is over before anybody waits: what takes longer is done in the background.
What a session is, is in `sessions`. No agent settles a conflict.

- `catalogue`: the agents: where their settings are, and which events they have
- `protocol`: what an agent says on stdin, and what is said back
- `hook`: one event of an agent's session
- `context`: how full a session's context is, and what is told when that rises
- `models`: which model a client was started with
- `edits`: which files an agent's own tool has just written
- `hook_actions`: what hooks have done: begin, tell the news, finish
- `background`: work that outlives the hook, in a child
- `briefs`: what an agent is told at the start, in statements
- `news`: what it is told of what others published since
- `statusline`: pressure, and what is not merged, on one line
- `mcp`: the tools of the Model Context Protocol
- `guard`: the shell's question whether a repository is ours
- `settings`: our entries in an agent's settings
- `plugins`: whether our plugin is switched on
- `installer`: put in and taken out again
"""
