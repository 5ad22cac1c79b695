"""Which process a session belongs to, and whether it is still there.

A pid alone says nothing: it is used again. With its start time, the boot, the pid namespace and
the host it names one process for ever. Where that cannot be looked up, nothing is claimed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

_WRAPPERS = frozenset({
    *("sh", "bash", "dash", "zsh", "fish", "ksh", "ash", "busybox", "env", "timeout", "nice"),
    *("ionice", "setsid", "stdbuf", "xargs", "sudo", "su", "git", "uv", "uvx", "pipx"),
    *("tractatus-merge", "git-tractatus", "pre-commit"),
})  # fmt: skip
"""What stands between an agent and the command it runs."""
_AGENTS = frozenset({"claude", "codex", "gemini", "cursor-agent"})
"""What agents that start processes are called."""
_SERVICES = frozenset({"app-server", "daemon", "exec-server", "mcp-server", "remote-control"})
"""Words by which an agent's program is a service: it lives on when a session is over."""
_DEPTH = 20

Facts = dict[str, Any]
"""`pid`, `started`, `boot`, `namespace`, `host`: one process for ever.

`service` is true where it serves many sessions: that it lives says nothing of one of them.
"""


def agent_process(parent: int) -> Facts | None:
    """The process that a hook works for: the first from `parent` up that is no shell or wrapper."""
    return _first(parent, lambda name: name not in _WRAPPERS)


def known_agent() -> Facts | None:
    """The nearest ancestor that is an agent by its name; a script that an agent runs is none."""
    return _first(os.getppid(), lambda name: name in _AGENTS)


def ancestors(pid: int) -> Iterator[tuple[str, Facts]]:
    """A process and those above it, the nearest first: each program's name, and its facts."""
    where = _where()
    for _ in range(_DEPTH):
        found = _stat(pid)
        if found is None or pid <= 1:
            return
        yield found[0], {"pid": pid, "started": found[2], **where}
        pid = found[1]


def _first(pid: int, fits: Callable[[str], bool]) -> Facts | None:
    found = next((facts for name, facts in ancestors(pid) if fits(name)), None)
    if found is not None and not _SERVICES.isdisjoint(_words(found["pid"])[1:4]):
        found["service"] = True
    return found


def facts_of(pid: int) -> Facts | None:
    """What names the process for ever; None where it cannot be looked up."""
    found = _stat(pid)
    return {"pid": pid, "started": found[2], **_where()} if found and found[2] else None


def arguments(pid: int) -> list[str]:
    """The words that the process was started with; none where they cannot be looked up."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123
            return file.read().decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return []


def is_alive(facts: Facts) -> bool | None:
    """Whether the process is there; None where that cannot be known, or says nothing."""
    here = _where()
    if facts.get("host") != here["host"]:
        return None
    if facts.get("boot") != here["boot"]:
        return False
    if facts.get("namespace") != here["namespace"] or not isinstance(facts.get("pid"), int):
        return None
    try:
        os.kill(facts["pid"], 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # somebody else's: there
    found = _stat(facts["pid"])
    if found is None and not _is_zombie(facts["pid"]):  # its parent has not asked for its end
        return None
    same = found is not None and found[2] == facts.get("started")
    return None if same and facts.get("service") else same


def _where() -> Facts:
    from socket import gethostname  # who only looks notes no process

    return {"boot": _boot(), "namespace": _namespace(), "host": gethostname()}


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return _said("sysctl", "-n", "kern.bootsessionuuid")


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")  # noqa: PTH115 (a name, not a path)
    except OSError:
        return ""


def _stat(pid: int) -> tuple[str, int, str] | None:
    """A process's program, its parent, and when it started: "" of one that has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            text = file.read()
    except OSError:
        return None if os.path.isdir("/proc/self") else _asked(pid)  # noqa: PTH112
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    # A zombie has ended, though nobody has waited for it: in a container perhaps nobody ever does.
    return name, int(fields[1]), "" if fields[0] in "ZX" else fields[19]


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return False


def _words(pid: int) -> list[str]:
    """The words of a process's command line; nothing where they cannot be read."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read().split("\0")
    except OSError:
        return _said("ps", "-o", "args=", "-p", str(pid)).split()


def _asked(pid: int) -> tuple[str, int, str] | None:
    """The same from `ps`, where there is no /proc."""
    said = _said("ps", "-o", "ppid=,lstart=,comm=", "-p", str(pid)).split(maxsplit=6)
    if len(said) < 7:
        return None
    return said[6].rpartition("/")[2].lstrip("-"), int(said[0]), " ".join(said[1:6])


def _said(*words: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
