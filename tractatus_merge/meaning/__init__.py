"""Whether two instructions contradict each other, as far as rules can tell. Pure.

Nothing is settled here. It is a small grammar of English rules: what it does not know it leaves
out, because a false alarm costs more than a question that is not asked. What becomes of a finding
is in `core.model.findings`.

- `contradictions`: the findings: two instructions in, what is between them out
- `sieve`: which instructions need not be compared, seen in their texts
- `reader`: one instruction, read as far as it was asked for
- `demands`: what a text forbids and requires
- `clauses`: the grammar: verb, things, scope
- `sentences`: a text as sentences, words and parts
- `lexicon`: the words: forms, synonyms, places and times
- `names`: services and environments that a text names
- `ranges`: versions and numbers that a value allows
- `parameters`: when two parameters say the same, more, or something else
"""
