"""What stops a commit, and what is only said. It looks, and writes nothing.

What puts the gate into git's hooks is in `git.install`.

- `check`: the verdict on an index, a commit, or what would land
- `wholeness`: whether a file lacks what the files it was made from have; pure
- `concerns`: which open conflicts concern a commit
- `glance`: a quick first look, before anything is loaded
"""
