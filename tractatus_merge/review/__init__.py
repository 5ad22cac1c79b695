"""What is put to people, and what they answer: the same for the terminal and the page.

Nothing is printed or drawn here; the terminal's screens are in `cli.screen`, the pages in `web`.
What an answer makes of the head is decided in `core.plans`.

- `questions`: a conflict as a question, with every answer and what it leads to
- `edited`: what an edit changed that met a retirement
- `excerpts`: what changed in a long text, without the rest
- `structures`: what differs between two objects or lists, place by place
- `render`: conflicts and changes as text
- `contests`: what waits after the merge of any file, as text and data
- `file_answers`: a merged file with a person's answers put in
- `markdown`: a difference as a comment on a pull request
- `lookup`: conflicts and resolutions, found by what people type
- `answer`: a person's answer, performed
- `outcomes`: what came of a merge, in words and as JSON
- `undo`: a version undone, for a person
"""
