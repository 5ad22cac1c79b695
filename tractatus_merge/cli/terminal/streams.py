"""The standard streams: what becomes of a verb whose words cannot be written, whoever prints them.

- The reader of stdout has left: the verb ends with 141, as a shell says of SIGPIPE.
- stdout cannot be written, as on a full disk: the verb fails, and says so.
- stderr cannot be written: what is said there is lost, and nothing else changes.
- A parent made a stream non-blocking: it is waited for.

A part that was not written is never taken for the whole, as Python does under PYTHONUNBUFFERED.
"""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from typing import Any, TextIO

from tractatus_merge.errors import NotPrinted

BROKEN_PIPE = 141
"""The exit code of a program that SIGPIPE ended, as a shell has it."""


def guard() -> None:
    """Have both streams keep these rules; what stands in for one that is closed is left alone."""
    out, err = sys.stdout, sys.stderr
    if out is sys.__stdout__ and isinstance(out, io.TextIOWrapper):
        sys.stdout = _guarded(out, _end)
    if err is sys.__stderr__ and isinstance(err, io.TextIOWrapper):
        sys.stderr = _guarded(err, lambda _: None)


def _end(error: OSError) -> None:
    if isinstance(error, BrokenPipeError):
        raise SystemExit(BROKEN_PIPE)
    raise NotPrinted(error.strerror or str(error))


def _guarded(stream: io.TextIOWrapper, lost: Callable[[OSError], None]) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Stream(stream.fileno(), lost)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


class _Stream(io.FileIO):
    """A standard stream; what cannot be written goes nowhere from then on, once `lost` is told."""

    def __init__(self, number: int, lost: Callable[[OSError], None]) -> None:
        super().__init__(number, "w", closefd=False)
        self._lost = lost

    def write(self, data: Any, /) -> int:
        """Write a part of the data, at least some of it; how much it was."""
        try:
            while (written := super().write(data)) is None:
                select.select([], [self], [])
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            self._lost(error)
            return memoryview(data).nbytes
        return written
