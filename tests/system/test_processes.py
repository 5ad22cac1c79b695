"""Which processes are there, and which are not any more."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tractatus_merge.system.processes import facts_of, is_alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_process_that_has_ended_is_gone_though_nobody_waited_for_it():
    """Kill -9 an agent under a parent that does not care, as in many containers: it is a zombie."""
    with subprocess.Popen(["sleep", "1000"]) as child:
        facts = facts_of(child.pid)
        assert is_alive(facts) is True
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        os.kill(child.pid, 0)  # the kernel knows it still
        assert is_alive(facts) is False
        assert facts_of(child.pid) is None
    assert is_alive(facts) is False
