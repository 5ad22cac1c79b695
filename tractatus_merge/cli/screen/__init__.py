"""The review at a terminal: one question a screen, one key an answer.

What is asked, and what an answer leads to, is in `review.questions`.

- `deck`: the conflicts of one review, in order, with what was answered
- `question_lines`: a question as lines of a screen
- `last_screen`: what was answered, when nothing is left to ask
- `typed_line`: a line that is typed at the foot of the screen
- `conversation`: draw, read a key, do what it means
"""
