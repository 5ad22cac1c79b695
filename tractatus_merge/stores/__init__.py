"""Where shared state is kept: the protocol, and the stores that need no other program.

A store keeps versions and moves one head by compare-and-swap; nothing merges here. The default
store is a branch of a git repository: `git.store`. Which store a line has is known to `factory`
alone.

- `base`: the protocol
- `facts`: what a store says of itself to a doctor
- `file`: a folder with a file for each version: needs neither git nor a server
- `version_file`: the bytes of such a file
- `newest`: the name of the newest version in it, for hooks too
- `sql`: stores in a database that speaks SQL; the extras `[sql]` and `[postgresql]`
- `mongodb`: the store in MongoDB; the extra `[mongodb]`
- `address`: the URL of one on a server: it holds no password
- `copying`: the versions of one store made versions of another one
- `memory`: the naive twin that tests compare every other store with
"""
