#!/usr/bin/env bash
# The floor under `end`: the git plumbing it must do, and nothing else, under a lock.
# usage: bare_end.sh REPOSITORY ID   (REPOSITORY/bare/ID.json and ID.session.json are prepared)
set -euo pipefail
cd "$1"
ref=refs/heads/bare
git() { command git -c core.fsync=loose-object,reference "$@"; }
exec 9>.git/bare.lock
flock 9
head=$(git rev-parse "$ref")
git ls-tree -r "$head" | cut -d' ' -f3 | cut -f1 | git cat-file --batch >/dev/null
mapfile -t blobs < <(printf '%s\n' "bare/$2.json" "bare/$2.session.json" | git hash-object -w --no-filters --stdin-paths)
instructions=$({ git ls-tree "$head:instructions"; printf '100644 blob %s\t%s.json\n' "${blobs[0]}" "$2"; } | git mktree)
sessions=$({ git ls-tree "$head:sessions"; printf '100644 blob %s\t%s.json\n' "${blobs[1]}" "$2"; } | git mktree)
own=$(printf '040000 tree %s\tinstructions\n' "$instructions" | git mktree)
tree=$(printf '040000 tree %s\tinstructions\n040000 tree %s\tsessions\n' "$instructions" "$sessions" | git mktree)
session=$(git commit-tree "$own" -p "$head" -m own)
new=$(git commit-tree "$tree" -p "$head" -p "$session" -m merge)
git update-ref "$ref" "$new" "$head"
git cat-file -e "$new^{tree}"
git ls-files --stage -- .claude/instruction-history.json >/dev/null
