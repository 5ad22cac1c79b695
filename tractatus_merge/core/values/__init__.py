"""JSON values, the places in them, and their text. Nothing merges here.

- `numbers`: a JSON number by its exact value: equal, ordered, canonical
- `equality`: what a JSON value is, and when two are the same
- `places`: a place in a value: read it, write it, list all of them
- `rounding`: numbers that a program rounded which only meant to keep them, put right again
- `paths`: places as people type them
- `json_reader`: JSON text, read strictly; a fault has its offset
- `json_text`: JSON text, written as the framework's scripts do, and changed with as few bytes as
  can be
"""
