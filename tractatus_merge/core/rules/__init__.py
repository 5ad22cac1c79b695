"""How one value merges: a rule is a function from a path and three values to what they become.

A rule never fails on data and never drops a change: where it cannot decide, both sides stay and the
place is contested. Which field has which rule is a policy's affair (`instructions`, `anyfile`).

- `base`: what a rule is, and what comes before every rule
- `generic`: rules for any value, and for objects field by field
- `scalars`: rules for plain values
- `lists`: rules for lists: sets, records by a key, sequences
- `elements`: which elements of three lists are one element, where no id says so
- `renumbering`: whether both sides gave the elements of a list new ids
- `orders`: one order out of three, with the moves of both sides
- `merged_text`: the text of a merged value, with the bytes of whoever wrote each part
- `line_ends`: the line ends of a text, and which of three stands
- `diff3`: three sequences laid side by side
- `texts`: the rule for long texts, line by line
- `explanation`: how a merge came to what it made, place by place
"""
