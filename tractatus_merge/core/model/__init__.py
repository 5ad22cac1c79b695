"""What is shared: the state of one line of governance, and the records in it.

No head changes here. A conflict is a record like any other. How heads change is in `plans`; where a
state is kept, in `stores`.

- `ids`: the ids of instructions: new ones, and mentions of old ones
- `version_vector`: version vectors: who has published a record how often
- `record`: a record and its stamp: vector and checksum
- `state`: all collections of records under one version
- `needs`: what a history asks of the programs that work on it
- `moves`: a history that moved to another store: where to, and the old names of its versions
- `conflict`: a contested place: its sides and who wrote them
- `in_force`: which side is in force, and which wait, after somebody writes there
- `findings`: a contradiction between two instructions as a conflict
- `open_conflicts`: the open conflicts of a state, found and read
- `aliases`: what became of a conflict: its answer, or its id now
- `resolutions`: what people answered before, and what it suggests now
- `imported`: the commits of a history file that stand among the sessions
- `session_names`: what people call a session
- `summaries`: what the head remembers of every merged session, and who wrote what
"""
