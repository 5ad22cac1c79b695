"""How often `meaning` is right on labelled pairs of instructions, and how long it takes.

Each line of a FILE holds two records, `a` and `b`, and a `label`: "contradiction", "twin", or
anything else for neither. Flagged as a contradiction means: a finding with code parameter or
prohibition. Run in the repository: `python -m benchmarks.meaning FILE...`
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tractatus_merge.meaning.contradictions import Finding, compare, find_contradictions

KINDS = {"contradiction": ("parameter", "prohibition"), "twin": ("twin",)}


def main() -> None:
    """Measure and print."""
    for file in sys.argv[1:]:
        pairs = [json.loads(line) for line in Path(file).read_text("utf-8").splitlines() if line]
        print(f"{file}: {len(pairs)} pairs")
        found = [compare({**pair["a"], "id": "a"}, {**pair["b"], "id": "b"}) for pair in pairs]
        for label, codes in KINDS.items():
            score(label, codes, list(zip(pairs, found, strict=True)))
    for few in (20, 1):
        print(f"{few:2} against 2,000: {seconds(few) * 1000:6.1f} ms")


def score(
    label: str, codes: tuple[str, ...], results: list[tuple[dict[str, Any], list[Finding]]]
) -> None:
    """Print precision and recall for one label, then what was wrong."""
    hits, alarms, misses = [], [], []
    for pair, findings in results:
        flagged = [finding for finding in findings if finding.code in codes]
        if pair["label"] == label:
            (hits if flagged else misses).append((pair, flagged))
        elif flagged:
            alarms.append((pair, flagged))
    precision = share(len(hits), len(hits) + len(alarms))
    recall = share(len(hits), len(hits) + len(misses))
    print(f"  {label}: precision {precision}, recall {recall}")
    for name, wrong in (("false alarm", alarms), ("missed", misses)):
        for pair, flagged in wrong:
            about = f" ({pair['label']}) about {flagged[0].about!r}" if flagged else ""
            print(f"    {name}{about}\n      {told(pair['a'])}\n      {told(pair['b'])}")


def share(part: int, whole: int) -> str:
    """A quotient with what it is made from."""
    return f"{part / whole:.2f} ({part} of {whole})" if whole else "- (0 of 0)"


def told(record: dict[str, Any]) -> str:
    """A record in one line."""
    words = record.get("text") or record.get("title") or record.get("description") or ""
    return f"{str(words)[:160]!r} {record.get('parameters') or ''}"


VERBS = ("use", "commit", "edit", "log", "run", "deploy", "mock", "store")
KINDS_OF = ("session", "default", "staging", "build", "legacy", "public", "nightly", "shared")
THINGS = ("tokens", "exports", "databases", "files", "suites", "hooks", "clients", "caches", "maps")

WHY = (
    "It was agreed on in the review of March, and whoever changes the service tells the others.",
    "Otherwise the nightly job fails without a word, as it did twice last year.",
    "Customers have asked for it; the contract names it in section four.",
    "See the incident report: two hours were lost before anybody looked at the log.",
    "",
    "This keeps the bundle small and the pages fast on old telephones.",
    "The security team wants to be told when that is not possible.",
)


def record(number: int, turn: str = "") -> dict[str, Any]:
    """An instruction of ordinary size; many share a word, a parameter or a sentence with others."""
    mood = ("Never", "Always", "Do not", "Please")[number % 4]
    verb, thing = VERBS[number % 8], f"{KINDS_OF[number // 8 % 8]} {THINGS[number % 9]}"
    return {
        "id": f"inst_{number:04d}",
        "text": f"{mood} {verb} {thing} of part {number % 97}{turn}. {WHY[number % 7]}",
        "persistence": "HIGH",
        "explicitness": 0.9,
        "parameters": {}
        if number % 3
        else {"port": str(number % 50), "service": f"s{number % 41}"},
        "active": True,
    }


def seconds(few: int) -> float:
    """The best of three runs, each on texts that were never read before."""
    times = []
    for turn in range(3):
        salt = f"-{few}-{turn}"
        there = {f"{turn}-{n}": record(n, salt) for n in range(2000)}
        brought = {f"{turn}+{n}": record(n * 37, salt) for n in range(few)}
        begin = time.perf_counter()
        find_contradictions(brought, there)
        times.append(time.perf_counter() - begin)
    return min(times)


if __name__ == "__main__":
    main()
