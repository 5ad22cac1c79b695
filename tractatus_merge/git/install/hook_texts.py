"""What is put into hooks: texts, made from a program and paths.

Nothing is written here. Every word that is not ours is quoted for `sh`; no data is in a command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from shlex import join, quote

from tractatus_merge.git.configured_hooks import GATE
from tractatus_merge.git.effective_hooks import GATED
from tractatus_merge.git.in_force import IN_FORCE
from tractatus_merge.value import Value

TOLD = {"post-commit": ("HEAD^", "HEAD"), "post-merge": ("ORIG_HEAD", "ORIG_HEAD..HEAD")}
"""The hooks that tell afterwards what no hook could stop: since what, and what is judged then."""
DATED = ("prepare-commit-msg", "commit-msg")
"""The hooks that add the trailer: the second where the message was written in an editor."""
ASIDE = ".before-tractatus"
"""What is added to the name of a hook that is kept beside ours."""
HOOKS = {
    GATE: GATED,
    **{f"tractatus-{name}": (name,) for name in TOLD},
    "tractatus-trailer": DATED,
    "tractatus-sync": ("pre-push",),
    "tractatus-rebased": ("post-rewrite",),
}
"""The names and events of hooks in git's configuration."""
_GLOBS = "GIT_LITERAL_PATHSPECS=0 GIT_GLOB_PATHSPECS=0 GIT_NOGLOB_PATHSPECS=0"


class Program(Value):
    """How a hook runs this program: its words, and the files without which it cannot run."""

    words: tuple[str, ...]
    needs: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> Program:
        """This interpreter and this package, by their absolute paths.

        Hooks run with odd PATHs; -P, because they run in the work tree, whose files are no modules.
        """
        main = Path(__file__).absolute().parents[2] / "__main__.py"
        return cls((sys.executable, "-P", "-m", "tractatus_merge"), (sys.executable, str(main)))

    @property
    def is_there(self) -> str:
        """The shell's question whether it can run."""
        tests = [f"test -e {quote(need)}" for need in self.needs]
        return " && ".join(tests) or f"command -v {quote(self.words[0])} >/dev/null 2>&1"

    def line(self, *words: str) -> str:
        """A command of it, for `sh`."""
        return join((*self.words, *words))


PORTABLE = Program(("tractatus-merge",))
"""By its name: for files that other machines read too."""


def gate(program: Program, governed: Iterable[str]) -> str:
    """The gate: one `git diff` decides whether a governed file is staged; only then Python starts.

    A merge is always judged: what it takes from HEAD alone may be what the other side has lost.
    `governed` are pathspecs. The exit code of the check becomes the hook's, if it is not 0.
    """
    gone = "tractatus-merge: governed files are staged, and the program that checks them is gone."
    ways = "tractatus-merge install, tractatus-merge uninstall, or git commit --no-verify"
    return f"""\
tractatus_merging() {{
    test -e "${{GIT_DIR-.git}}/MERGE_HEAD" && return
    case "$(export -p)" in *GITHEAD_*) ;; *) return 1 ;; esac
}}
if tractatus_merging || ! {_GLOBS} \\
    git diff --cached --quiet --no-ext-diff -- {join(governed)}
then
    if {program.is_there}; then
        {program.line("check", "--staged")} </dev/null || exit $?
    else
        echo {quote(gone)} >&2
        echo {quote(f"  next: {ways}")} >&2
        exit 2
    fi
fi
"""


def told(program: Program, governed: Iterable[str], event: str) -> str:
    """What was committed without a gate: replayed, reverted, fast-forwarded. It stops nothing.

    Git runs no other hook there; a commit of code starts no Python here either.
    """
    since, judged = TOLD[event]
    words = ("check", "--range", judged) if ".." in judged else ("check", judged)
    return f"""\
{_GLOBS} \\
git diff --quiet --no-ext-diff {quote(since)} HEAD -- {join(governed)} 2>/dev/null || {{
    if {program.is_there}; then
        {program.line(*words)} </dev/null || :
    fi
}}
"""


def awaited(branch: str) -> str:
    """After a commit: how many conflicts are new since that was told last. It stops nothing.

    Some processes of git where conflicts have come or gone, two where not; no Python.
    """
    ref = quote(f"refs/heads/{branch}:conflicts")
    return f"""\
if tractatus_now=$(git rev-parse -q --verify {ref}); then
    tractatus_told=$(git rev-parse --git-common-dir)/tractatus/told-conflicts
    tractatus_old=
    test ! -f "$tractatus_told" || read -r tractatus_old <"$tractatus_told" || :
    if test "$tractatus_now" != "$tractatus_old"; then
        test -n "$tractatus_old" && git cat-file -e "$tractatus_old" 2>/dev/null ||
            tractatus_old=$(git hash-object -t tree --stdin </dev/null)
        tractatus_new=$(git diff-tree -r --name-only --diff-filter=A \\
            "$tractatus_old" "$tractatus_now" | wc -l)
        case $((tractatus_new)) in
        0) ;;
        1) echo "tractatus: 1 new conflict: tractatus-merge review" >&2 ;;
        *) echo "tractatus: $((tractatus_new)) new conflicts: tractatus-merge review" >&2 ;;
        esac
        {{ echo "$tractatus_now" >"$tractatus_told"; }} 2>/dev/null || :
    fi
fi
"""


def dated(branch: str) -> str:
    """The trailer: which version of the instructions was in force. It never stops a commit.

    Not in merges, squashes and what is replayed; not into a message that says nothing yet.
    """
    ref = quote(f"refs/heads/{branch}")
    return f"""\
if tractatus_dir=$(git rev-parse --git-dir) &&
    test "${{2-}}" != merge && test "${{2-}}" != squash &&
    test ! -e "$tractatus_dir/MERGE_HEAD" && test ! -e "$tractatus_dir/CHERRY_PICK_HEAD" &&
    test ! -e "$tractatus_dir/REVERT_HEAD" && test ! -e "$tractatus_dir/rebase-merge" &&
    test ! -e "$tractatus_dir/rebase-apply" &&
    tractatus_version=$(git rev-parse --short -q --verify {ref}) &&
    test -n "$(sed '/^. -* >8 -*$/,$d' "$1" | git stripspace --strip-comments)"
then
    git interpret-trailers --in-place --if-exists doNothing \\
        --trailer "{IN_FORCE}: $tractatus_version" "$1" || :
fi
"""


def chained(name: str) -> str:
    """Run the hook that stood here before, with our arguments and stdin; its exit code is ours."""
    beside = f'"${{0%/*}}"/{quote(name)}'
    return f'if test -x {beside}; then exec {beside} "$@"; fi\n'


def inline(body: str) -> str:
    """A hook as one value of git's configuration; git adds the arguments."""
    return f"sh -c {quote(body)} tractatus-merge"
