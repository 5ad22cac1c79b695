"""An agent's run: its folder, its life, its journal, and how its work reaches the head.

A session works on its own copy, and nobody else writes there. What a merge makes of its work is
decided in `core.plans`; what an agent's hooks call is in `agents`.

- `lifecycle`: the life of a session as a table; pure
- `facts`: what a session's `session.json` says, as typed records
- `folder`: the folder of one session: facts, base, copy
- `base_file`: its base as a file, and where the records stand in it
- `seals`: what a merge brings, as the folder keeps it; pure
- `journal`: what happened in it, append-only
- `folders`: all folders at one look, without opening those that are known
- `lookup`: which sessions there are: by name, of this line, open; and a tag that is free
- `whose`: which session a command belongs to: by its agent's id, or by its process
- `start`: a session begun, or resumed
- `edit`: an instruction added or edited in a session's copy
- `one_command`: one command of a person as a session of its own
- `unpublished`: what other open sessions have written and not published
- `overlaps`: where a session has changed what another changes too
- `late_writes`: what programs wrote into a file that had just been replaced
- `waiting`: what is asked of a command that leads, and what it answers
- `follower`: an end that another command does, told by its own
- `contribution`: what a session brings to a merge, under its seal
- `adoption`: what becomes of it after that
- `publish`: refresh, merge and end: how the work reaches the head
- `leader`: who waits, merged behind a merge
- `untold`: what came of a merge whose telling was lost, read from the head
- `replay`: the plan of an answer or an undo, made again from the facts that the folder keeps
- `moving`: the sessions of a line that moved to another store
- `liveness`: whether an open session's agent is still there
- `sweep`: sessions finished whose agent is gone
- `live_metrics`: the numbers of a session that runs
- `troubles`: what is wrong with a session's folder, and stops nobody else
- `overview`: the sessions side by side
- `framework_files`: the numbers in the framework's own files
"""
