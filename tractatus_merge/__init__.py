"""A git-style mergeable state store for the Tractatus framework's session state.

Each room knows only rooms that stand before it in this list; `tests/test_architecture.py` holds
them to it. The docstring of a folder is its map: what lives there, in the order to read it.

- `errors`: every error of the program, on one page, with its exit code
- `value`: what frozen values are made of
- `system`: files, processes and text for terminals: what the operating system gives
- `core`: what a merge is: values, rules, shared state, plans; pure
- `instructions`: the history of instructions: its file, its policy; pure
- `anyfile`: files of records of any kind, and their merge; pure
- `metrics`: the numbers of one session
- `stores`: where shared state is kept: the protocol, and the stores that need no program
- `meaning`: instructions that contradict each other; pure
- `repository`: one line of governance, opened: the loop that moves its head
- `log`: reading the log: versions, blame, lineage
- `sessions`: an agent's run, from its start to its publication
- `view`: the history file in the work tree
- `review`: questions to people, their answers, undo
- `git`: all that only git has: the store, the gate, sync, audit, installation
- `factory`: the one place that knows which stores there are
- `agents`: how agents get in: hooks, status line, tools
- `isolation`: names that keep concurrent test runs apart
- `web`: the review page
- `doctor`: what is wrong here, and the next command
- `cli`: the door for people: the command line
- `__main__`: the entry point
"""

__version__ = "0.2.0"
