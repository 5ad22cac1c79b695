"""What a merge is. Pure: no clock, no files, no randomness, no third-party package.

Time and ids come in as arguments, values are frozen, and a change makes a new value. What a field
of an instruction means is not known here: a policy (`instructions`) says which rule merges it.

- `values`: JSON values, the places in them, their text
- `rules`: how one value merges
- `model`: what is shared: records, vectors, conflicts, resolutions, the state
- `plans`: every way in which a head changes
"""
