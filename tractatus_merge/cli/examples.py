"""Examples for each verb: help, man pages and the reference show them. Lines of words, no code.

The words are a command; what follows the `#` says what it does.
"""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "status": ("status    # this session: its changes, and what waits",),
    "list": (
        "list    # what is in force",
        "list --all    # what was retired, too",
        "list --at HEAD~3    # what was in force when that commit was made",
    ),
    "add": (
        'add "Ask before a price goes up."',
        'add "Redis has port 6380" --param port=6380 --why "6379 is taken"',
    ),
    "edit": (
        'edit inst_001 --param port=27018 --why "27017 is taken"',
        "edit inst_001 --set persistence=LOW --dry-run    # say it, write nothing",
    ),
    "retire": ('retire inst_001 --why "the old till is gone"',),
    "end": ("end    # publish what this session wrote", "end --session alpha"),
    "sync": ("sync    # fetch, merge and push the history", "sync --dry-run"),
    "review": ("review    # one question a screen", "review --web    # on a page in the browser"),
    "conflicts": ("conflicts    # what waits for a person", "conflicts --settled"),
    "resolve": (
        'resolve c1a2b3c4d --take 2 --why "27018 is open"',
        "resolve --all --where severity=MINOR --take 1",
        "resolve --revoke r1a2b3c4d    # open again what it settled",
    ),
    "undo": ("undo    # your own last version", "undo 1a2b3c4 inst_001 text    # of one, a part"),
    "redo": ("redo    # forward again, after an undo",),
    "show": ("show inst_001", "show 1a2b3c4    # how that version came to be"),
    "log": (
        "log -n 20    # who decided what, when and why",
        "log inst_001 -p",
        "log --since yesterday --author jo --graph",
    ),
    "diff": (
        "diff    # what this session changed",
        "diff HEAD~3    # what changed since that commit was made",
        "diff 1a2b3c4 5d6e7f8",
    ),
    "blame": ("blame inst_001    # who wrote each field, and why",),
    "sessions": ("sessions", "sessions --all    # those that are over, too"),
    "metrics": ("metrics    # each session's numbers",),
    "check": (
        "check    # what is staged, else the last commit",
        "check --range origin/main..HEAD    # what would land",
        "check --all    # each instruction against all others",
    ),
    "audit": ("audit    # what was lost in the file's past",),
    "doctor": ("doctor    # what is wrong here", "doctor --fix"),
    "init": ("init    # take in the history file", "init --store sqlite:"),
    "import": ("import    # each commit of the file becomes a version",),
    "migrate": ("migrate git:tractatus/history sqlite:",),
    "install": ("install    # the gate, the merge driver, the agents' hooks", "install --dry-run"),
    "uninstall": ("uninstall    # take out all that install put in",),
    "config": (
        "config list    # every setting, its value, and what it means",
        "config get view.write",
        "config set check.block CRITICAL",
    ),
    "completion": (
        'completion bash    # ~/.bashrc: eval "$(tractatus-merge completion bash)"',
        'completion zsh    # ~/.zshrc: eval "$(tractatus-merge completion zsh)"',
        "completion fish    # in config.fish: tractatus-merge completion fish | source",
    ),
    "demo": ("demo    # see it work, in a folder of its own",),
    "start": ("start    # a session with its own copy", "start --session alpha"),
    "refresh": ("refresh    # take in what others published",),
    "merge": ("merge    # publish, and go on", "merge --dry-run"),
    "abandon": ("abandon --session alpha    # publish nothing of it",),
    "view": ("view    # the history file as it would be", "view --write"),
    "export": ("export --rules rules.jsonl    # the instructions, for the rule database",),
    "env": ('env    # in a shell: eval "$(tractatus-merge env)"',),
    "run": ("run -- npm test    # with names that no other session has",),
    "merge-file": (
        "merge-file base.json ours.json theirs.json",
        "merge-file base.jsonl ours.jsonl theirs.jsonl --key '[*]=id' -p",
    ),
    "help": ("help log",),
}


def words_of(example: str) -> str:
    """The command of an example, without what it does."""
    return example.split("    # ", 1)[0]
