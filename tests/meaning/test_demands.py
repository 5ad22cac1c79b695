"""What texts demand."""

from __future__ import annotations

import pytest

from tractatus_merge.meaning.demands import demands

SAID = """
Never commit secrets in tests -> -commit secret @test
Use tabs, not spaces -> +use tab; -use spac
Use tabs not spaces -> +use tab; -use spac
Use tabs and not spaces -> +use tab; -use spac
Use tabs, not necessarily everywhere -> +use tab
Never use npm, use pnpm -> -use npm; +use pnpm
Prefer pnpm over npm -> +use pnpm; -use npm
Avoid npm in favor of pnpm -> -use npm; +use pnpm
Use pnpm in favor of npm ->
Never use npm instead of pnpm ->
Ask first rather than committing secrets -> +ask first; -commit secret
Do not use npm or yarn; always use `pnpm` -> -use npm; -use yarn; +use pnpm
Never fabricate reports, cite sources, or make claims -> -fabricat report; -cit sourc; -add claim
Never fabricate reports, cite sources -> -fabricat report; +cit sourc
Never fabricate reports, and cite sources -> -fabricat report
Never fabricate reports and cite sources -> -fabricat report
Use npm and commit locks -> +use npm; +commit lock
Never use npm or commit locks -> -use npm; -commit lock
Edit and format files -> +edit fil; +format fil
Never edit or delete migrations -> -edit migration; -delete migration
Use npm or yarn ->
Never use the ->
In tests: it ->
Use npm, yarn, or bun ->
Use npm, yarn and bun -> +use npm; +use yarn; +use bun
Default exports are forbidden -> -use default export
Default exports are strictly forbidden in tests -> -use default export @test
Default exports are no longer used -> -use default export
Committing secrets is not allowed -> -commit secret
Types are always required -> +use typ
Secrets must never be committed to git -> -commit secret ~git
Secrets must be committed to git -> +commit secret ~git
Secrets may be committed -> +secret may be committed
Builds must be run -> +run build
Mocking is not allowed -> -mock *
Never use mocks -> -use mock; -mock *
Use mocks -> +use mock
Never edit ->
Never edit, use npm -> +use npm
Never edit, move or delete files -> -edit fil; -mov fil; -delete fil
Never squash -> -squash *
Squash after review -> +squash squash ~after,review
Never commit it ->
Don't edit files -> -edit fil
You can't edit files -> -edit fil
You cannot edit files -> -edit fil
Please edit files -> +edit fil
It edits files ->
We must edit files -> +edit fil
Workers must edit files -> +edit fil =worker
Workers should avoid files -> -use fil =worker
Avoid editing files -> -edit fil
Avoid files -> -use fil
Must not avoid files -> -avoid fil
Stop using npm -> -use npm
Stop servers -> +stop server
Do not forget to run tests -> +run test
Do not hesitate to run tests -> +run test
Do not necessarily run tests ->
Never only run tests ->
You do not have to run tests ->
No comments -> -use comment; -add comment
No need for comments ->
The team uses npm -> +use npm
The order database is PostgreSQL -> +use postgresql =databas,order
When writing files, use npm -> +use npm @fil,writing
When writing files use npm -> +use npm @fil,writing
In tests never use npm -> -use npm @test
Use npm, except in tests -> +use npm @except,test
Use npm because tests fail -> +use npm
Use npm for tests -> +use npm ~test
Never push directly to main -> -push main
Push to main in emergencies -> +push main @emergency
Rely on npm -> +use npm
Never manually edit files -> -edit fil @manually
Edit strictly typed files -> +edit typed fil
Edit badly typed files -> +edit badly typed fil @badly
Edit `any` file -> +edit any fil
Edit any file -> +edit fil
Use "any" -> +use any
Never use `foo(a, b)` -> -use foo a b
Use `load()` -> +use load
Run `npm test` -> +run npm test; +use npm
Run `npm` -> +run npm; +use npm
Run npm test -> +run npm test
Format `npm test` -> +format npm test
Test using mocks or stubs, via make -> +use mak
Test using mocks -> +test mock; +use mock
Never use npm, e.g. in tests -> -use npm @test
Never use npm, the one -> -use npm; -use one
Redis listens on port 6379 -> +redi listen @6379,port; +use port 6379
Never use port 6379 -> -use port 6379
Never bind port 6379 -> -use port 6379
Never use npm unless asked -> -use npm
Never use npm without explicit user permission -> -use npm
Never use npm unless tests fail -> -use npm @fail,test,unless
Never `git commit` files -> -commit fil
Do not git add/commit -> -commit *
Never push main/develop/production -> -push main; -push develop; -push production
Edit src/app/main.py -> +edit src/app/main.py
Use npm (never yarn, ever) -> +use npm; -use yarn
Use npm (or yarn, bun) -> +use npm
Manager: `npm` -> +manager manager; +use npm
Manager: npm -> +manager manager; +use npm
Note: avoid npm -> +not not; -use npm
Use [npm](https://npm.example/never/use) -> +use npm
**NEVER** use ***npm*** -> -use npm
❌ Never use npm -> -use npm
Use npm — never yarn -> +use npm; -use yarn
Use npm, but never yarn files -> +use npm; -yarn fil
Only use npm, only -> +use npm
It was agreed, fooize npm ->
It was agreed; fooize npm -> +fooiz npm
It was agreed, edit files -> +edit fil
It was agreed, we must fooize npm -> +fooiz npm
In tests, fooize npm -> +fooiz npm @test
In tests ->
Use npm, and edit files -> +use npm; +edit fil
Use npm, not editing files -> +use npm; -edit fil
Use npm, never edit files -> +use npm; -edit fil
Use npm, in tests, edit files -> +use npm @test; +edit fil
Use npm, only in tests -> +use npm @test
Use npm, tests must be run -> +use npm; +run test
Use npm or yarn and bun ->
Use npm, or yarn, bun ->
Use npm and never edit files -> +use npm; -edit fil
Use npm and -> +use npm
Never use npm and do not edit files -> -use npm; -edit fil
Use npm and always edit files -> +use npm; +edit fil
Use npm, not -> +use npm
Avoid npm, not yarn -> -use npm
Avoid farming files -> -farm fil
Never use npm, just yarn -> -use npm; +use yarn
Never edit files, move logs, nor delete tests -> -edit fil; -mov log; -delete test
Before release run tests -> +run test ~befor,releas
When the build fails use npm -> +use npm @build,fail
Quickly edit files -> +edit fil @quickly
Workers should only use npm -> +use npm =worker
Never use npm nor yarn -> -use npm; -use yarn
Always fooize build files -> +fooiz build fil
Always fooize just npm -> +fooiz npm
Always reply -> +reply reply
Squash and ->
Squash and rebase -> +squash squash; +rebas rebas
Please squash -> +squash squash
Workers must edit and format files -> +edit fil =worker; +format fil =worker
Workers must not edit or format files in tests -> -edit fil @test =worker; -format fil @test =worker
Workers must never edit nor format files -> -edit fil =worker; -format fil =worker
Run checks instead of trusting tests over night -> +run check; -trust test ~night,over
Avoid npm in favor of pnpm or yarn -> -use npm
Workers must use npm instead of yarn -> +use npm =worker; -use yarn =worker
Types or comments are required ->
Never fabricate reports, cite sources; use npm or yarn -> -fabricat report; +cit sourc
Use npm in tests, never edit files -> +use npm @test; -edit fil
Use npm, not yarn in tests -> +use npm; -use yarn @test
Redis listens on `port 6379` -> +redi listen @6379,port; +use port 6379
Use `npm test` -> +use npm test; +use npm
When tests are running use npm -> +use npm @running,test
Use npm, then edit files -> +use npm; +edit fil
Use npm, and, edit files -> +use npm; +edit fil
In tests, when slow, use npm -> +use npm @slow,test
In tests: npm -> +use npm @test
Don\u2019t edit files -> -edit fil
Never use **un**safe code -> -use unsaf cod
Use `a[b]` -> +use a[b]
Use npm - never yarn -> +use npm; -use yarn
Use npm -- never yarn -> +use npm; -use yarn
Use npm \u2013 never yarn -> +use npm; -use yarn
--- ->
Never use npm or avoid yarn -> -use npm; -use yarn
Use npm (the best), edit files -> +use npm; +edit fil
No committing -> -use committing; -add committing; -commit *
"""


def told(text):
    """The demands of a text, each as one word."""
    return [
        f"{ {True: '-', False: '+'}[demand.forbids]}{demand.verb} {' '.join(demand.thing) or '*'}"
        + "".join(
            f" {mark}{','.join(sorted(part))}"
            for mark, part in (
                ("@", demand.scope.limits), ("~", demand.scope.purpose), ("=", demand.subject),
            )
            if part
        )
        for demand in demands(text)
    ]  # fmt: skip


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_demands(line):
    """-: forbidden, +: required, @: limits, ~: purpose, =: subject, *: whatever it may be."""
    text, _, expected = line.partition(" ->")
    assert sorted(told(text)) == sorted(filter(None, expected.strip().split("; ")))


def test_sentences():
    """Each demand knows its sentence; a question demands nothing; e.g. ends none."""
    text = "Never use npm, e.g. in tests. Use yarn!\nDo we never use bun? Use pnpm"
    assert [(demand.spelling, demand.sentence) for demand in demands(text)] == [
        ("npm", "Never use npm, e.g. in tests."), ("yarn", "Use yarn!"), ("pnpm", "Use pnpm"),
    ]  # fmt: skip
    both = demands("Never squash. No committing in tests")
    assert [(demand.verb, demand.sentence) for demand in both] == [
        ("squash", "Never squash."), ("add", "No committing in tests"), ("use", "No committing in tests"),
        ("commit", "No committing in tests"),
    ]  # fmt: skip


def test_spelling():
    """Verb and thing as the sentence puts them; `use` goes without saying."""
    spellings = ["commit `Secret` keys", "utilize npm", "squash", "`rebase`"]
    found = [demands(f"Never {words}")[0].spelling for words in spellings]
    assert found == ["commit secret keys", "npm", "squash", "rebase"]


def test_what_goes_on_for_long_is_no_rule():
    """600 letters are read, 601 are not."""
    rule = "Never use npm" + " really" * 83 + " so ok"
    assert len(rule) == 600
    assert demands(rule)
    assert demands(rule + "x") == []


@pytest.mark.parametrize("dash", ["\u2013", "\u2014"])
def test_a_dash_parts_a_sentence_wherever_it_stands(dash):
    """With spaces around it or none, as a comma does."""

    def said(text):
        return {(one.forbids, one.verb, one.thing) for one in demands(text)}

    assert said(f"Use npm{dash}never yarn") == said("Use npm, never yarn")
    assert said(f"Use npm {dash} never yarn") == said("Use npm, never yarn")
