"""What the operating system gives: files, processes, text for a terminal.

Also the files of others that we change, so that every byte can be given back. Nothing of
instructions, sessions or merging is known here. Some of it runs on every tool call of an agent, and
imports nothing that a hook could wait for.

- `clock`: the time, as states and journals write it
- `plain_file`: the bytes of a plain file, and of nothing that would be waited for
- `files`: atomic replacement, late writers
- `locks`: the kernel's locks on files
- `jsonl`: one JSON object a line, read and written without the `json` package
- `processes`: which process this is, and whether another one lives
- `printable`: untrusted text, with everything spelled out that does not show
- `marked_sections`: our lines in files of others
- `ledger`: what was changed, noted so that every byte can be given back
"""
