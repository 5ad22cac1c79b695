"""Words in and words out: what people type, and how things are said on a terminal.

Nothing is decided here. Untrusted text is made harmless on its way out, in one place.

- `arguments`: options and values as people type them
- `moments`: times as people read and type them
- `streams`: what becomes of a verb whose words cannot be written
- `output`: data to stdout, talk to stderr
- `colour`: text in colours, and lines broken to fit
- `guesses`: what a person may have meant by a name that nothing has
- `pager`: long texts in the person's pager
- `log_lines`: versions as decisions, a line for each thing that one changed
- `answer_lines`: an answer to a conflict: who chose what, and why
- `graph`: which version was made from which, drawn beside them
- `short_lines`: what is told on one line
- `audit_lines`: what an audit says
"""
