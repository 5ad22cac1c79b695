"""One line of governance through a git remote: fetch, unite, push.

The network is used in `remote` alone. How two heads become one is decided in `core.plans.unite`.

- `exchange`: a sync: fetch, unite, push, and again where another was faster
- `which_remote`: which remote is meant
- `remote`: a branch at a remote, fetched and pushed with a lease
- `progress`: how far a fetch or a push is, for a person who waits
- `git_errors`: what git said when that failed
- `acceptance`: whether a version from elsewhere may become ours
- `soundness`: whether a record from elsewhere can be read; pure
- `shapes`: what conflicts, resolutions and layouts must look like; pure
- `outgoing`: what leaves this machine
- `last_seen`: what each remote had when it was last looked at
- `forge_page`: the page that a forge shows for the branch
"""
