#!/usr/bin/env bash
# The floor under `add`: the session's copy replaced by one with a rule more, a line in its journal.
# usage: bare_add.sh REPOSITORY ID   (after bare_start.sh; REPOSITORY/bare/ID.json is prepared)
set -euo pipefail
cd "$1/.git/bare/$2/now"
git rev-parse refs/heads/bare >/dev/null
{ head -n -2 copy.json; printf ',\n'; cat "$1/bare/$2.json"; printf '\n]}\n'; } >staged.json
sync staged.json
mv staged.json copy.json
printf '{"event": "add"}\n' >>journal.jsonl
sync journal.jsonl .
