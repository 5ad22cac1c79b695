#!/usr/bin/env python3
"""The program as it is installed; the interpreter is written in when that is done."""

from tractatus_merge.__main__ import program

program()
