"""The numbers of one session. Pure, but for reading an agent's transcript.

The numbers of two sessions are never added up. Where a session's journal is, and who asks, is in
`sessions`.

- `levels`: levels of pressure, checkpoints, the budget: plain tables
- `windows`: how many tokens a model's context may hold: the clients' own rules
- `pressure`: the framework's own scores
- `fold`: a journal folded into numbers
- `transcripts`: how full the context is, from the end of a transcript
"""
