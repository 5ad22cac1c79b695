"""`init --store postgresql://`: what is written, what is refused, what a person is told."""

from __future__ import annotations

import pytest

from tests.stores.kinds import with_line
from tests.tool import run

SECRET = "hunter2"


@pytest.mark.services
def test_a_line_on_a_server_is_made_and_found_again(postgresql, tmp_path):
    """`init` names it in the settings; `start` and `end` in this folder and another share its head."""
    url = with_line(postgresql)
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        done = run(folder, "init", "--store", url)
        assert done.code == 0, done.err
        assert f'url = "{url}"' in (folder / ".claude/tractatus.toml").read_text()
        assert run(folder, "start", "--id", folder.name).code == 0
    assert run(one, "add", "Ask first", "--session", "one").code == 0
    assert run(one, "end", "--session", "one").code == 0
    assert "Ask first" in run(two, "list").out
    assert not (two / ".claude/history").exists()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "mongodb", "mysql"])
def test_a_password_is_refused_before_anything_is_written(scheme, tmp_path):
    """By `init`, and wherever the settings say it; no message repeats it."""
    url = f"{scheme}://jo:{SECRET}@127.0.0.1/db"
    done = run(tmp_path, "init", "--store", url)
    assert done.code == 2
    assert "password" in done.err
    assert SECRET not in done.out + done.err
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/tractatus.toml").write_text(f'[store]\nurl = "{url}"\n')
    for verb in ("status", "start", "doctor", "log", "init"):
        done = run(tmp_path, verb)
        assert SECRET not in done.out + done.err, verb
        assert done.code != 0
    assert sorted(path.name for path in (tmp_path / ".claude").iterdir()) == ["tractatus.toml"]
