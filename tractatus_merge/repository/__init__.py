"""One line of governance, opened: the head, the loop that moves it, where everything is.

Every change of shared state goes through the one loop of `line`: read, plan, commit, and on a lost
race again. What a session is, is not known here, nor how the history is stored.

- `settings_text`: the text of a settings file with one setting more
- `settings`: what `.claude/tractatus.toml` says
- `checkout`: what the work tree's version control knows of the view: a protocol
- `workspace`: where the repository, the `.claude` folder and the line are
- `loop`: the one loop that moves a head: compare-and-swap, and again with back-off
- `lock`: what stands in front of that loop, so that writers line up: a courtesy
- `redis_lock`: the same for several machines: a lease in Redis
- `moving`: a whole history moved to another store
- `notify`: a program of the person's own is told of new conflicts
- `line`: the repository, opened: its head, its older versions, its publications
"""
