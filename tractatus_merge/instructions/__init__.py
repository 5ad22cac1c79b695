"""The history of instructions: its file, its fields, and the policy by which they merge. Pure.

How the rules work is in `core.rules`; whether two instructions contradict each other, in `meaning`;
the file in the work tree, in `view`.

- `field_rules`: the table: which field merges by which rule
- `retirement`: what it means that an instruction is retired
- `edit_against_retire`: the rule for an edit that meets a retirement
- `judged_meaning`: who judges whether instructions contradict each other
- `severity`: how grave a conflict is
- `schema`: the fields of an instruction, and what readers rely on in each
- `misspelling`: fields that nobody meant
- `vocabulary`: the framework's words for a new instruction
- `history_file`: the file in each of its forms: read, and written back with the bytes that stay
- `record_list`: where the list and its records stand in the text
- `rope`: a long text in pieces, most of which stand in an older one
- `runs`: records that stand side by side in two versions, and say the same
- `row_index`: where the records of a written file stand, told so that it need not be parsed
- `rounded_numbers`: the file without what a program in JavaScript rounded in it
- `header`: all of the file that is no instruction
- `counters`: what in the header follows from the instructions
- `order`: in which order the instructions stand
- `conversion`: from the file to the shared state, and back
- `commits`: a commit's version of the file as the next version of the shared state
- `rebase`: a session's copy moved to a newer head
- `governance_rules`: the framework's collection in MongoDB: instructions as its rules, and back
- `file_merge`: three versions of the file merged as files, for git
"""
