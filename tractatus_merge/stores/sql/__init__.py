"""A line of governance in a database, through SQLAlchemy Core: what can be asked in SQL.

Only `opening` may be imported without the extras `[sql]` and `[postgresql]`; it loads the rest
when a store is opened.
The history is `versions` and `changes`, and one row names the head. All other tables say again, as
rows to query, what the newest version holds: nothing here reads them.

- `opening`: from a URL to a store
- `store`: the store; knows no engine
- `tables`: the history's own tables
- `newest`: the newest state as rows
- `schema`: the schema's number, the views for people, the upgrades
- `sqlite`: what only SQLite does: connecting, locking, what its errors mean
- `postgresql`: the same of PostgreSQL
"""
