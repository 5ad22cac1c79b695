"""Names for concurrent tests: databases, ports and folders that no two runs share.

What a session is, is in `sessions`; the verbs `env` and `run` are in `cli.commands.run`.

- `names`: the environment of one session, or of one run
- `slots`: small numbers that live sessions hold, no two the same
- `pytest_plugin`: the names as fixtures of pytest
"""
