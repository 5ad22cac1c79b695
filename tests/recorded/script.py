"""What is played: a chapter a function, each on a stage of its own.

Left out is what no recording can hold: the screens of `review` and `mergetool`, `review --web` and
`mcp`, which have tests of their own, and `demo`, of which README.md holds a run.
"""

from __future__ import annotations

import json

from tests.recorded.stage import VIEW, Stage

SLOPPY = '{"id": "inst_new", "text": "Two\\nlines", "active": true, "n": 1.0}'


def one_line(stage: Stage) -> None:
    """A history that git tracks, one session after the other, and every way to look at it."""
    stage.bakery()
    stage("init", "--dry-run", "--json")
    stage("init", "--json")
    stage("init")
    stage("list")
    stage("list", "--all", "--json")
    stage("show", "inst_001")
    stage("show", "inst_001", "--json")
    stage("view")
    stage("view", "--write", "--dry-run", "--json")
    stage("start", "--id", "alpha111", "--json")
    stage("start", "--json")
    fields = ("--set", "quadrant=TACTICAL", "--set", "explicitness=0.5", "--param", "oven=2")
    alpha = ("--session", "alpha111")
    stage("add", "Never open the oven early.", *fields, "--why", "it collapses", *alpha, "--json")
    stage("edit", "inst_001", "--set", "parameters.port=5434", "--why", "moved", *alpha)
    stage("retire", "inst_002", *alpha, "--json")
    stage("edit", "inst_002", "--set", "active=true", *alpha, "--dry-run")
    stage("status", *alpha)
    stage("status", *alpha, "--json")
    stage("diff", *alpha)
    stage("merge", *alpha, "--dry-run", "--json")
    stage("merge", *alpha, "--json")
    stage("edit", "inst_001", "--set", "text=The order database listens on 5434.", *alpha)
    stage("end", *alpha)
    stage("sessions")
    stage("sessions", "--all", "--json")
    stage("view", "--write")
    stage("add", "A person adds this at once.", "--why", "no session", "--json")
    stage("retire", "inst_003a")
    stage("log", "--json")
    stage("log", "-n", "2")
    log = stage("log", "inst_001", "--json").json["entries"]
    stage("blame", "inst_001")
    stage("blame", "inst_001", "--json")
    stage("show", log[0]["version"])
    stage("diff", log[-1]["version"], log[0]["version"], "--json")
    stage("diff", f"{log[-1]['version']}..", "--format", "markdown")
    stage("undo", "--dry-run", "--json")
    stage("undo", log[0]["version"], "inst_001", "text", "--why", "too short", "--json")
    stage("undo")
    stage("check", "--all", "--json")


def an_untracked_view(stage: Stage) -> None:
    """The view is written at once where git ignores it; two worktrees; what is left behind."""
    stage.bakery(tracked=False)
    stage("init", "--json")
    stage("add", "Bread is weighed in grams.", "--id", "inst_grams", "--json")
    stage.edit(f"repo/{VIEW}", "never SQLite", "never, ever SQLite")
    stage("status", "--json")
    stage("list", "--json")
    stage.git("worktree", "add", "-q", "../tree", "-b", "side")
    stage("view", "--write", cwd="tree")
    stage("start", "--id", "beta2222", "--agent", "codex", cwd="tree")
    stage("edit", "inst_grams", "--set", "persistence=LOW", "--session", "beta2222", cwd="tree")
    stage("abandon", "--session", "beta2222", "--json")
    stage("start", "--id", "gamma333", "--resume", "beta2222", "--json", cwd="tree")
    stage("refresh", "--session", "gamma333", "--json", cwd="tree")
    copy = "repo/.git/tractatus/sessions/gamma333/instruction-history.json"
    text = (stage.folder / copy).read_text("utf-8").rstrip()
    stage.put(copy, text.replace('"instructions": [', f'"instructions": [\n{SLOPPY},', 1))
    stage("diff", "--session", "gamma333", "--json", cwd="tree")
    stage("end", "--session", "gamma333", "--json", cwd="tree")
    stage("sessions", "--stale", "--json")
    stage("view", "--write", "--json", cwd="tree")
    stage("doctor", "--json")


def conflicts(stage: Stage) -> None:
    """Every kind of conflict, every kind of answer."""
    stage.bakery()
    stage("init")
    for name in ("alpha111", "beta2222", "gamma333"):
        stage("start", "--id", name)
    for name, port, quadrant in (
        ("alpha111", "5434", "STRATEGIC"),
        ("beta2222", "5435", "TACTICAL"),
    ):
        session = ("--session", name)
        stage(
            "edit",
            "inst_001",
            "--set",
            f"text=The text of {name}.",
            "--why",
            f"as {name}",
            *session,
        )
        stage(
            "edit", "inst_001", "--param", f"port={port}", "--set", f"quadrant={quadrant}", *session
        )
        stage("edit", "inst_001", "--set", f"notes=Noted by {name}.", *session)
        stage("add", f"Rule of {name}.", "--id", "inst_010", *session)
        stage("add", f"{name} has no id for it.", *session)
    stage("add", "Always use tabs in source files.", "--id", "inst_040", "--session", "alpha111")
    stage("add", "Never use tabs in source files.", "--id", "inst_041", "--session", "beta2222")
    stage("edit", "inst_002", "--set", "text=Cents are integers.", "--session", "alpha111")
    stage("retire", "inst_002", "--why", "obsolete", "--session", "beta2222")
    stage("end", "--session", "alpha111", "--json")
    stage("end", "--session", "beta2222", "--dry-run")
    stage("end", "--session", "beta2222", "--json")
    stage("status", "--json")
    stage("conflicts")
    stage("conflicts", "--format", "markdown")
    found = stage("conflicts", "--json").json["conflicts"]
    at = {f"{one['instruction']} {one['field']}": one["id"] for one in found}
    stage("review")
    stage("review", at["inst_001 text"], "--json")
    stage("show", at["inst_002 active"])
    stage("show", at["inst_001 text"], "--json")
    stage("check", "--all")
    stage("check", "--staged", "--json")
    stage(
        "resolve",
        at["inst_001 text"],
        "--take",
        "beta2222",
        "--why",
        "clearer",
        "--dry-run",
        "--json",
    )
    stage("resolve", at["inst_001 text"], "--take", "beta2222", "--why", "clearer", "--json")
    stage("resolve", at["inst_001 quadrant"], "--take", "base")
    stage("resolve", at["inst_001 parameters.port"], "--value", '"5436"', "--json")
    stage("resolve", at["inst_001 notes"], "--take", "2", "--seen", "x")
    stage("resolve", at["inst_001 notes"], "--take", "both", "--json")
    stage("resolve", "--all", "--where", "instruction=inst_002", "--take", "1", "--json")
    stage("conflicts", "--settled", "--json")
    stage("resolve", "--revoke", at["inst_001 text"], "--json")
    stage("log", "--json")
    stage("blame", "inst_001", "--json")
    stage("edit", "inst_001", "--set", "text=Gamma's, who comes late.", "--session", "gamma333")
    stage("refresh", "--session", "gamma333", "--dry-run", "--json")
    stage("refresh", "--session", "gamma333")
    stage("end", "--session", "gamma333", "--json")
    stage("resolve", "--all", "--take", "retire", "--json")
    stage("list", "--all", "--json")
    stage("undo", "--json")
    stage("check", "--sweep", "--json")


def git_itself(stage: Stage) -> None:  # noqa: PLR0915 (a script)
    """What stands in git's way and helps it: gate, audit, merge driver, textconv; and out again."""
    stage.bakery()
    stage.put("repo/.gitattributes", "*.png binary")
    # It names this machine's Python, which would change the ids of the commits.
    stage.put("repo/.gitignore", "/.claude/settings.local.json\n")
    stage("install", "--print")
    stage("install", "--dry-run", "--json")
    stage("init")
    stage("install", "--commit-trailer", "--json")
    stage("doctor")
    stage("doctor", "--json")
    stage.git("add", "--all")
    stage.git("commit", "-q", "-m", "Merge by records", says=True)
    stage.edit(f"repo/{VIEW}", '"version": "1.2",', '"version": "1.2"')
    stage.git("add", "--all")
    stage("check", "--staged")
    stage("check", "--staged", "--format", "github")
    stage.git("commit", "-q", "-m", "Break it", says=True)
    stage.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "Break it all the same")
    stage("check", "HEAD", "--json")
    stage("check", "HEAD")
    stage("check", "--range", "HEAD~1..HEAD", "--json")
    stage.git("reset", "-q", "--hard", "HEAD~1")
    stage.git("switch", "-q", "-c", "side")
    for branch in ("side", "main"):
        stage.git("switch", "-q", branch)
        text = (stage.folder / "repo" / VIEW).read_text("utf-8")
        stage.put(f"repo/{VIEW}", text.replace('"quadrant": "SYSTEM"', f'"quadrant": "{branch}"'))
        stage.git("commit", "-q", "--no-verify", "-a", "-m", f"Say {branch}")
    stage.git("merge", "-q", "side")
    stage.git("merge", "--abort")
    stage.git("reset", "-q", "--hard", "HEAD~1")
    stage.edit(f"repo/{VIEW}", '"persistence": "LOW"', '"persistence": "HIGH"')
    stage.git("commit", "-q", "--no-verify", "-a", "-m", "Another place")
    stage.git("merge", "-q", "side", "-m", "Both")
    stage("audit")
    stage.git("switch", "-q", "-c", "lossy")
    new = '"instructions": [\n    {"id": "inst_050", "text": "Soon lost.", "active": true},'
    stage.edit(f"repo/{VIEW}", '"instructions": [', new)
    stage.git("commit", "-q", "--no-verify", "-a", "-m", "Add one")
    stage.git("switch", "-q", "main")
    stage.edit(f"repo/{VIEW}", "port 5433", "port 5434")
    stage.git("commit", "-q", "--no-verify", "-a", "-m", "Change another")
    stage.git("merge", "-q", "-s", "ours", "-m", "Lose it", "lossy")
    stage("check", "--staged")
    stage.git("commit", "-q", "--no-verify", "-m", "Lose it all the same")
    stage("audit", "--json")
    stage("audit", VIEW, "--restore", "--dry-run")
    stage("audit", VIEW, "--restore", "inst_050", "--json")
    stage("diff", "HEAD~2", "HEAD")
    stage("diff", "HEAD~2..HEAD", "--json")
    stage("textconv", VIEW)
    stage("uninstall", "--dry-run", "--json")
    stage("uninstall", "--json")
    stage("doctor", "--fix", "--json")


def any_files(stage: Stage) -> None:
    """`merge-file` and `merge-driver` on files that need no history."""
    stage.bakery()
    base = '{"issues": [{"number": 1, "title": "a", "seen": 3}, {"number": 2, "title": "b"}]}\n'
    stage.put("repo/base.json", base)
    stage.put("repo/ours.json", base.replace('"a"', '"ours"').replace("3", "5"))
    theirs = base.replace('"a"', '"theirs"').replace("3", "4").replace('"b"}', '"b", "open": true}')
    stage.put("repo/theirs.json", theirs)
    files = ("base.json", "ours.json", "theirs.json")
    key = ("--key", "issues[*]=number")
    stage("merge-file", "-p", *files, *key)
    stage("merge-file", *files, *key, "--rule", "issues[*].seen=max", "--dry-run", "--json")
    stage("merge-file", *files, *key, "-o", "out.json", "--json")
    stage("merge-driver", *files, "7", "ours.json")
    stage("textconv", "ours.json")
    stage("mergetool", *files, "ours.json")
    for name, rows in (("base", "1 2"), ("ours", "1 2 3"), ("theirs", "0 1 2 4")):
        lines = "".join(f'{{"id": {row}, "from": "{name}"}}\n' for row in rows.split())
        stage.put(f"repo/{name}.jsonl", lines)
    stage("merge-file", "-p", "base.jsonl", "ours.jsonl", "theirs.jsonl")
    stage.put("repo/torn.json", "{")
    stage("merge-file", "base.json", "torn.json", "theirs.json")
    stage("merge-driver", "base.json", "torn.json", "theirs.json", "7", "torn.json")
    stage("audit", "base.json", "--json")


def two_clones(stage: Stage) -> None:
    """`sync` over a bare repository, with a conflict that both clones see."""
    stage.bakery("ada")
    stage.quietly("git", "clone", "-q", "--bare", "--template=", "ada", "hub", cwd=".")
    stage.quietly("git", "remote", "add", "origin", "../hub", cwd="ada")
    stage.quietly("git", "clone", "-q", "--template=", "hub", "bo", cwd=".")
    stage.named("bo")
    stage("sync", cwd="ada")
    stage("init", "--json", cwd="ada")
    stage("sync", "--dry-run", "--json", cwd="ada")
    stage("sync", "--json", cwd="ada")
    stage("status", cwd="bo")
    stage("sync", cwd="bo")
    stage("status", cwd="bo")
    stage("edit", "inst_001", "--set", "text=Ada's", cwd="ada")
    stage("add", "Ada adds one.", "--id", "inst_020", cwd="ada")
    stage("edit", "inst_001", "--set", "text=Bo's", "--why", "moved", cwd="bo")
    stage("add", "Bo adds one.", "--id", "inst_020", cwd="bo")
    stage("start", "--id", "beta2222", cwd="bo")
    stage("add", "Only Bo knows.", "--session", "beta2222", cwd="bo")
    stage("sync", "--json", cwd="ada")
    stage("sync", "--dry-run", cwd="bo")
    stage("status", "--json", cwd="bo")
    stage("end", "--session", "beta2222", "--sync", "--json", cwd="bo")
    stage("sync", cwd="ada")
    (conflict,) = stage("conflicts", "--json", cwd="ada").json["conflicts"]
    stage("show", conflict["id"], cwd="bo")
    stage("resolve", conflict["id"], "--take", "2", "--why", "it moved", cwd="bo")
    stage("sync", "--json", cwd="bo")
    stage("sync", "--json", cwd="ada")
    stage("list", "--all", "--json", cwd="ada")
    stage("log", "--json", cwd="ada")
    stage("sync", cwd="ada")
    stage("sync", "nowhere", cwd="ada")
    stage("doctor", "--json", cwd="ada")


def agents(stage: Stage) -> None:  # noqa: PLR0915 (a script)
    """Hooks, status line, numbers, names for tests."""
    stage.bakery()
    stage("init")
    transcript: list[str] = []
    agent = {"CLAUDECODE": "1", "CLAUDE_CODE_SESSION_ID": "s1", "CLAUDE_PROJECT_DIR": ""}

    def fire(event: str, **fields: object) -> None:
        said = {"session_id": "s1", "cwd": ".", "hook_event_name": event}
        said |= {"transcript_path": "../s1.jsonl", **fields}
        stage("hook", env=agent, stdin=json.dumps(said))

    def replies(tokens: int) -> None:
        usage = {"input_tokens": 3, "cache_read_input_tokens": tokens - 3, "output_tokens": 9}
        message = {"id": f"msg_{tokens}", "model": "claude-opus-4-6", "usage": usage}
        said = {"sessionId": "s1", "type": "assistant", "isSidechain": False, "message": message}
        transcript.append(json.dumps(said, separators=(",", ":")) + "\n")
        stage.put("s1.jsonl", "".join(transcript))

    fire("SessionStart", source="startup", model="claude-opus-4-6")
    stage("add", "An agent adds this.", env=agent)
    stage("status", env=agent)
    stage("resolve", "c1", "--take", "1", env=agent)
    fire("UserPromptSubmit", prompt="go on")
    replies(60_000)
    fire("PostToolUse", tool_name="Bash", tool_use_id="t", duration_ms=5)
    fire("PostToolUseFailure", tool_name="Bash", error="Exit code 1", is_interrupt=False)
    fire("Stop", stop_hook_active=False, last_assistant_message="done")
    stage("add", "Never use port 27017.", "--id", "inst_009")
    fire("UserPromptSubmit", prompt="and now")
    fire("UserPromptSubmit", prompt="again")
    replies(110_000)
    fire("SubagentStop", agent_id="a1", agent_type="Explore")
    fire("PreCompact", trigger="auto")
    fire("PostCompact", trigger="auto", compact_summary="...")
    fire("SessionStart", source="compact")
    used = {"input_tokens": 1000, "cache_read_input_tokens": 150_000}
    window = {"context_window_size": 200_000, "current_usage": used}
    said = json.dumps({"session_id": "s1", "cwd": ".", "context_window": window})
    stage("statusline", env=agent, stdin=said)
    stage("statusline", env=agent, stdin=said)
    stage("statusline", "--segment", env=agent, stdin=said)
    stage("statusline", env=agent, stdin="{}")
    fire("PostToolUse", tool_name="Edit")
    stage("metrics")
    stage("metrics", "--json")
    stage("metrics", "--csv", "--score", "g1")
    stage("export", "--session", "s1", "--dry-run", "--json")
    stage("export", "--session", "s1", "--json")
    fire("SessionEnd", reason="other")
    stage("sessions", "--all", "--json")
    fire("SessionStart", source="resume")
    fire("SessionEnd", reason="prompt_input_exit")
    fire("Nonsense")
    stage("hook", stdin="no JSON")
    stage("list", "--json")
    stage("metrics", "--since", "2025-11-10", "--json")


def names_and_agents(stage: Stage) -> None:
    """Names for concurrent tests; other agents' settings."""
    stage.bakery()
    stage("init")
    stage("start", "--id", "s0")
    stage("start", "--id", "s1")
    stage("env", "--session", "s0", "--format", "dotenv")
    stage("env", "--session", "s1")
    stage("env", "--session", "s1", "--json")
    stage("env", "--session", "s1", "--format", "fish")
    stage("run", "--session", "s1", "--", "sh", "-c", "env | grep ^TRACTATUS_ | sort; exit 7")
    stage("end", "--session", "s0")
    stage("start", "--id", "s2")
    stage("env", "--session", "s2", "--json")
    stage("install", "--agent", "none", "--json")
    stage("install", "--agent", "gemini", "--scope", "project", "--json")
    stage("uninstall", "--json")


def refusals(stage: Stage) -> None:
    """What cannot be done: the exit code, the sentence, the next command; and nothing is changed."""
    stage.bakery()
    stage("list")
    stage("frobnicate", says=False)  # click's words, which differ between its versions
    stage("list", "--frobnicate", says=False)
    stage("list", cwd="home")
    stage("-C", "nowhere", "list")
    stage("init", "--store", "svn:here")
    stage("init")
    stage("show", "inst_999")
    stage("edit", "inst_001")
    stage("edit", "inst_001", "--set", "text")
    stage("edit", "inst_001", "--set", "id=inst_2")
    stage("edit", "inst_999", "--set", "text=x")
    stage("add", "")
    stage("add", "Twice", "--id", "inst_001")
    stage("start", "--id", "../up")
    stage("start", "--id", "alpha111")
    stage("start", "--id", "alpha222")
    stage("status", "--session", "alpha")
    stage("end", "--session", "omega")
    stage("resolve")
    stage("resolve", "c1", "--take", "1")
    stage("undo", "v1")
    stage("diff", "nothing", "here")
    stage("log", "inst_999", "--json")
    stage("check", "nothing")
    stage("check", "--staged", "--range", "a..b")
    stage("audit", "no-such-file.json")
    stage("merge-file", "a", "b", "c")
    stage("metrics", "--since", "long ago")
    stage("install", "--agent", "hal")
    copy = "repo/.git/tractatus/sessions/alpha111/instruction-history.json"
    stage.put(copy, "{")
    stage("end", "--session", "alpha111")
    stage("end", "--session", "alpha111", "--json")
    stage.put("repo/.claude/tractatus.toml", "[store")
    stage("list", says=False)  # Python's words
    stage.put("repo/.claude/tractatus.toml", "")
    stage("end", "--session", "alpha222")
    stage("add", "late", "--session", "alpha222")
    stage.git("update-ref", "refs/heads/tractatus/history", "main")
    stage("list")
    stage("add", "x", "--json")


CHAPTERS = (
    one_line,
    an_untracked_view,
    conflicts,
    git_itself,
    any_files,
    two_clones,
    agents,
    names_and_agents,
    refusals,
)
