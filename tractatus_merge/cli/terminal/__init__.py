"""Words in and words out: what people type, and how things are said on a terminal.

Nothing is decided here. Untrusted text is made harmless on its way out, in one place.

- `arguments`: options and values as people type them
- `output`: data to stdout, talk to stderr
- `colour`: text in colours, and lines broken to fit
- `pager`: long texts in the person's pager
- `outcomes`: what came of a verb, as lines and as JSON
- `audit_lines`: what an audit says
"""
