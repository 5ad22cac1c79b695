"""The review at a terminal: one question a screen, one key an answer.

What is asked, and what an answer leads to, is in `review.questions`.

- `deck`: the conflicts of one review, in order, with what was answered
- `question_lines`: a question as lines of a screen
- `conversation`: draw, read a key, do what it means
"""
