"""Every way in which a head changes: merge, resolve, revoke, undo, unite.

A plan is decided here, not performed: it is a function of a head, of what is asked, and of the time
and ids that it is given; the same inputs give the same plan. The loop that commits plans is in
`repository`.

- `document_type`: what a kind of document tells the plans: its rules, and where its records are
- `incoming`: what a session brings: base, copy, and who did what, when and why
- `seen`: what a session knew of conflicts and answers, where its base version is gone
- `outcome`: what a plan did, in ids and in words
- `renames`: a session's records, under the ids that the head has them by
- `merge_record`: one record of a session meets the head's
- `merge_contradictions`: contradictions that a merge brings about
- `open_contradictions`: open contradictions that a change closes, or keeps true
- `merge`: a session's work into the head
- `person_decision`: what a person decides, published as a session of its own
- `resolve`: a person's answer to a conflict
- `revoke`: an answer taken back
- `restated`: conflicts at places that a decision about something else writes
- `asked_undo`: what a person wants undone
- `undo`: a version, or a part of it, undone
- `undo_decision`: an answer undone, or its revocation
- `put_back`: open conflicts as they stood before a version
- `publications`: what a publication adds to a session's summary
- `unite_head`: one of two heads: what it says of a record, and what is open there
- `collisions`: two heads gave one id to two records: which gives way
- `unite_place`: one contested place in two heads
- `unite_record`: one record in two heads
- `unite_contradictions`: contradictions where two heads meet
- `unite_unknown`: what only later programs know, where two heads meet
- `unite`: two heads of one line become one
"""
