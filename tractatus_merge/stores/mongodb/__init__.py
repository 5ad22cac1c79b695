"""A line of governance in MongoDB, on any deployment: no transactions are needed.

Only `opening` may be imported without the extra `[mongodb]`; it loads the rest when a store is
opened. One line has one database. Immutable documents hold the history, and one conditional update
of one document moves the head: nothing is in the history but what the head leads to.

- `opening`: from a URL to a store
- `store`: the store
- `documents`: how records stand in documents, none of them near 16 MiB
- `chain`: which versions the head leads to; the sweep of those that it does not
- `swap`: the conditional update of the head, and what became of it when the answer is lost
- `rows`: the newest records as documents to query; never read as truth
- `server`: the client, its settings, and what its errors mean
"""
