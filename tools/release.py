"""Make a release, up to its upload: checked, built twice, installed, run.

python tools/release.py            in a clean tree whose HEAD has the tag; the files go into dist/
python tools/release.py --check    only say what stands in the way of a release

The version stands in `tractatus_merge/__init__.py` alone; what repeats it is compared with that.
Nothing leaves the machine: the last lines are the commands that publish.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
ASKED = ("git", "sh")
"""The only programs on PATH while it is installed and run: no compiler, no other Python."""
KEPT = ("PIP_", "UV_", "SSL_", "HTTP_", "HTTPS_", "NO_PROXY", "LANG")
"""How packages are reached: the rest of the environment is left behind."""


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """What a command prints; where it fails, what it said ends this program."""
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nfailed: {' '.join(map(str, words))}")
    return done.stdout


def version(root: Path) -> str:
    """The version, from the one place where it stands."""
    text = (root / "tractatus_merge" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(\d+\.\d+\.\d+)"$', text, re.MULTILINE)
    if found is None:
        sys.exit('tractatus_merge/__init__.py: no line __version__ = "N.N.N"')
    return found[1]


def obstacles(root: Path) -> Iterator[str]:
    """What stands in the way of a release, each with what to do about it."""
    now = version(root)
    if changed := run("git", "status", "--porcelain", cwd=root):
        yield f"the tree is not clean: commit or remove\n{changed.rstrip()}"
    sections = re.findall(r"^## (\S+)", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    if sections[:1] != [now]:
        yield f"CHANGELOG.md begins with {sections[:1]}, not with {now}: make changelog"
    if left := sorted(path.name for path in (root / "changelog.d").glob("[0-9]*.md")):
        yield f"changelog.d/ still has {len(left)} fragments ({left[0]}, …): make changelog"
    for path, pattern in {
        "plugin/.claude-plugin/plugin.json": r'"version": "([^"]*)"',
        ".pre-commit-hooks.yaml": r"rev: v(\S+)",
        "docs/how-to/check-in-ci.md": r"uses: OWNER/REPOSITORY@v(\S+)",
        "docs/how-to/install-the-gate.md": r"rev: v(\S+)",
    }.items():
        named = set(re.findall(pattern, (root / path).read_text("utf-8")))
        if named != {now}:
            yield f"{path} names {', '.join(sorted(named)) or 'no version'}: write {now}"
    tags = run("git", "tag", "--points-at", "HEAD", cwd=root).split()
    if f"v{now}" not in tags:
        yield f"HEAD has no tag v{now}: git tag --annotate v{now} --message 'Version {now}'"


def build(root: Path, to: Path) -> list[Path]:
    """The sdist, and the wheel made from it, of what HEAD holds; in a folder of their own."""
    to.mkdir(parents=True)
    archive = to / "tree.tar"
    run("git", "archive", f"--output={archive}", "HEAD", cwd=root)
    with tarfile.open(archive) as packed:
        packed.extractall(to / "tree", filter="data")
    time = run("git", "log", "-1", "--format=%ct", "HEAD", cwd=root).strip()
    env = os.environ | {"SOURCE_DATE_EPOCH": time}
    words = (sys.executable, "-m", "build", "--no-isolation", "--outdir", to / "dist", to / "tree")
    run(*words, cwd=to, env=env)
    return sorted((to / "dist").iterdir())


def different(one: Sequence[Path], other: Sequence[Path]) -> list[str]:
    """The names of files that are not the same in both builds."""
    first, second = ({path.name: path.read_bytes() for path in made} for made in (one, other))
    return sorted(n for n in first.keys() | second.keys() if first.get(n) != second.get(n))


def pythons() -> dict[str, Path]:
    """The interpreters that are found here, of those that are supported, by version."""
    found = {f"3.{sys.version_info.minor}": Path(sys.executable)}
    for name in PYTHONS:
        shim = shutil.which(f"python{name}")
        if name in found or shim is None:
            continue
        # pyenv's shim of a version that is not switched on only says so.
        beside = Path(shim).parent.parent / "versions"
        for path in (Path(shim), *sorted(beside.glob(f"{name}.*/bin/python"))):
            words = (path, "-c", "import ensurepip, venv")
            if subprocess.run(words, capture_output=True, check=False).returncode == 0:
                found.setdefault(name, path)
    return {name: found[name] for name in PYTHONS if name in found}


def installers(
    python: Path, home: Path, file: Path
) -> dict[str, tuple[list[list[str | Path]], Path]]:
    """Each way to install a file: its commands, and the folder of the programs afterwards."""
    pip: list[str | Path] = [home / "venv/bin/python", "-m", "pip", "--quiet", "install"]
    return {
        "pip": (
            [
                [python, "-m", "venv", home / "venv"],
                [*pip, "--only-binary=:all:", file],
            ],
            home / "venv/bin",
        ),
        "pipx": (
            [[sys.executable, "-m", "pipx", "install", "--quiet", "--python", python, file]],
            home / ".local/bin",
        ),
        "uv": (
            [[sys.executable, "-m", "uv", "tool", "install", "--quiet", "--python", python, file]],
            home / ".local/bin",
        ),
    }


def tried(name: str, python: Path, file: Path) -> str:
    """The version that the installed program names, once its demo has run from a bare root."""
    with tempfile.TemporaryDirectory(prefix="tractatus-release-") as place:
        home = Path(place)
        (home / "bin").mkdir()
        for program in ASKED:
            (home / "bin" / program).symlink_to(shutil.which(program) or sys.exit(f"no {program}"))
        env = {key: value for key, value in os.environ.items() if key.startswith(KEPT)}
        env |= {"HOME": place, "PATH": f"{home}/bin", "TMPDIR": place, "UV_SYSTEM_CERTS": "1"}
        commands, programs = installers(python, home, file)[name]
        for words in commands:
            run(*words, cwd=home, env=env)
        program = programs / "tractatus-merge"
        env["PATH"] = f"{programs}:{home}/bin"
        said = run(program, "demo", cwd=home, env=env)
        if "kept" not in said:
            sys.exit(f"the demo of {file.name} says nothing:\n{said}")
        root = program.resolve().parent.parent
        for path in (path for path in (ROOT / "share").rglob("*") if path.is_file()):
            if not (root / path.relative_to(ROOT)).is_file():
                sys.exit(f"{file.name} does not bring {path.relative_to(ROOT)}")
        return run(program, "--version", cwd=home, env=env).split()[-1]


def main(words: Sequence[str]) -> int:
    """Make the release, or with `--check` only look; the exit code."""
    if words and list(words) != ["--check"]:
        sys.exit("usage: python tools/release.py [--check]")
    now, found = version(ROOT), list(obstacles(ROOT))
    for number, what in enumerate(found, 1):
        print(f"{number}. {what}")
    if found or words:
        print("no release yet" if found else f"{now} can be released: make release")
        return 1 if found else 0
    with tempfile.TemporaryDirectory(prefix="tractatus-build-") as place:
        made, again = (build(ROOT, Path(place, name)) for name in ("one", "another/folder"))
        if names := different(made, again):
            sys.exit(f"two builds of one commit differ: {', '.join(names)}")
        run(sys.executable, "-m", "twine", "check", "--strict", *made, cwd=ROOT)
        print("built twice, byte for byte the same; twine finds nothing")
        (ROOT / "dist").mkdir(exist_ok=True)
        files = [Path(shutil.copy(path, ROOT / "dist")) for path in made]
    wheel = next(path for path in files if path.suffix == ".whl")
    here = pythons()
    for python, path in here.items():
        for name in ("pip", "pipx", "uv"):
            if tried(name, path, wheel) != now:
                sys.exit(f"{wheel.name} is not {now}")
            print(f"installed by {name} under Python {python}, and its demo run")
    oldest = next(iter(here))
    tried("pip", here[oldest], next(path for path in files if path != wheel))
    print(f"installed by pip from the sdist under Python {oldest}, and its demo run")
    for python in set(PYTHONS) - set(here):
        print(f"NOT tried under Python {python}: it is not here")
    print("Publish it:")
    print(f"  git push origin v{now}")
    print(f"  {sys.executable} -m twine upload {' '.join(f'dist/{path.name}' for path in files)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
