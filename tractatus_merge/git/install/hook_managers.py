"""The lines that a person gives a hook manager. Its files are never touched: they are its owner's.

Which manager is in use, and whether it has our lines: `git.effective_hooks`.
"""

from __future__ import annotations

from tractatus_merge.git.effective_hooks import GATED
from tractatus_merge.git.install.hook_texts import PORTABLE


def lines_for(manager: str) -> list[str]:
    """The lines that a person adds to a hook manager's own file."""
    check = PORTABLE.line("check", "--staged")
    return {
        "pre-commit": [
            "in .pre-commit-config.yaml, under repos:",
            "-   repo: local",
            "    hooks:",
            "    -   id: tractatus-merge",
            "        name: tractatus-merge (governance instructions)",
            f"        entry: {check}",
            "        language: system",
            "        files: (^|/)\\.claude/",
            "        always_run: true",
            "        require_serial: true",
            "        stages: [pre-commit, pre-merge-commit]",
        ],
        "lefthook": [
            "in lefthook's file, under pre-commit: and under pre-merge-commit:",
            "  commands:",
            "    tractatus-merge:",
            f"      run: {check}",
        ],
        "husky": ["in .husky/pre-commit and .husky/pre-merge-commit:", check],
        "simple-git-hooks": [
            'in "simple-git-hooks" of package.json, or in its own file:',
            *(f'"{name}": "{check}",' for name in GATED),
        ],
        "hk": [
            'in hk.pkl, in the steps of ["pre-commit"]:',
            '["tractatus-merge"] {',
            f'    check = "{check}"',
            "}",
        ],
    }[manager] + [f"then: {started_by(manager)}"]


def started_by(manager: str) -> str:
    """The command that puts what a manager's file says into a clone's hooks."""
    return {
        "pre-commit": "pre-commit install -t pre-commit -t pre-merge-commit   (or prek)",
        "lefthook": "lefthook install",
        "husky": "npx husky",
        "simple-git-hooks": "npx simple-git-hooks",
        "hk": "hk install",
    }[manager]
