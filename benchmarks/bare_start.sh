#!/usr/bin/env bash
# The floor under `start`: what it must read of git and keep in the session's folder, and nothing else.
# usage: bare_start.sh REPOSITORY ID
set -euo pipefail
cd "$1"
head=$(git rev-parse refs/heads/bare)
git ls-tree -r "$head" | cut -d' ' -f3 | cut -f1 | git cat-file --batch >/dev/null
folder=.git/bare/$2
mkdir -p "$folder/new"
cp .claude/instruction-history.json "$folder/new/base.json"
cp .claude/instruction-history.json "$folder/new/copy.json"
printf '{"session": "%s", "base": "%s"}\n' "$2" "$head" >"$folder/new/session.json"
sync "$folder"/new/*.json "$folder/new"
mv "$folder/new" "$folder/now"
sync "$folder"
