"""Whether one instruction contradicts another."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from tractatus_merge.meaning.contradictions import Finding, compare, find_contradictions


def rule(text="", parameters=None, name="b", **fields):
    """A record."""
    return {"id": name, "text": text, "parameters": parameters or {}, **fields}


def found(one, other):
    """The findings of two texts or records, the same both ways."""
    one, other = (rule(r) if isinstance(r, str) else r for r in (one, other))
    one, other = {**one, "id": "a"}, {**other, "id": "b"}
    there, back = compare(one, other), compare(other, one)
    assert there == back
    return there


def codes(one, other):
    """The codes of the findings."""
    return [finding.code for finding in found(one, other)]


def by_parameters(ours, theirs, text="", other=None):
    """The keys on which two rules' parameters contradict each other."""
    findings = found(rule(text, ours), rule(text if other is None else other, theirs))
    return [finding.about for finding in findings if finding.code == "parameter"]


def test_a_finding_says_who_disagrees_on_what():
    """Ids sorted, each side's value in their order, the parameter's name."""
    one = rule("Postgres listens on 5433", {"port": "5433"}, "inst_9")
    other = rule("Postgres listens on 5434", {"port": 5434}, "inst_10")
    assert compare(one, other) == [
        Finding("parameter", "MINOR", ("inst_10", "inst_9"), "port", (5434, "5433"))
    ]


def test_records_without_an_id():
    """A finding names them by nothing, and is the same whichever comes first."""
    one, other = {"text": "Never use npm"}, {"text": "Use npm"}
    (finding,) = compare(one, other)
    assert finding.ids == ("", "")
    assert compare(other, one) == [finding]


def test_a_prohibition_says_the_sentences():
    """Each side's sentence in the order of the ids, and the thing."""
    ban, wish = rule("Be kind. Never use npm.", name="x"), rule("Always use npm", name="c")
    assert compare(ban, wish) == [
        Finding("prohibition", "MINOR", ("c", "x"), "npm", ("Always use npm", "Never use npm."))
    ]
    (finding,) = compare(rule("Use npm", name="a"), rule("Never commit npm. Avoid npm", name="b"))
    assert finding.says == ("Use npm", "Avoid npm")


def test_a_twin_says_the_texts():
    """A note, with both texts."""
    one, other = (
        rule("Use the staging oven for tests", name="a"),
        rule("Use the staging oven for tests!"),
    )
    assert compare(one, other) == [
        Finding("twin", "NOTE", ("a", "b"), "text", (one["text"], other["text"]))
    ]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("27017", 27017), (" Main ", "main"), (1.0, 1), ("true", True), ("1e3", 1000), (None, 5),
        ([1, 2], [2, 1]), (["a", "B"], ["b"]), (["a"], "A"), ({"x": 1, "y": 2}, {"x": "1"}), ([], ["a"]),
        ("one two three four five six seven", "something else altogether"),
    ],
)  # fmt: skip
def test_values_that_agree(ours, theirs):
    """Equal after normalising, nothing said, more of the same, or so long that it explains."""
    assert by_parameters({"indent": ours}, {"indent": theirs}) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("27017", 27018), ("main", "trunk"), ("3.10", "3.1"), (True, 1), ("x", 1), ("01", 1), ("one two", "three"),
        ({"x": 1, "y": 2}, {"x": 1, "z": 2}), ("nan", 1), (True, False), (0, False),
        (["a", "b"], ["b", "c"]), (["a"], "b"), ({"x": 1}, "x"),
        ("one two three four five six", "something else"),
    ],
)  # fmt: skip
def test_values_that_differ(ours, theirs):
    """Another value, a text that is no number, lists and objects of which neither has all."""
    assert by_parameters({"indent": ours}, {"indent": theirs}, "Indent Python so") == ["indent"]


@pytest.mark.parametrize("key", ["service", "database", "environment", "project", "component"])
def test_discriminators_tell_apart(key):
    """Where both have one and it differs nothing contradicts; it never contradicts itself."""
    one, other = {"port": 1, key: "a"}, {"port": 2, key: "b"}
    assert by_parameters(one, other, "Redis listens here") == []
    assert codes(rule("Never use npm", {key: "a"}), rule("Use npm", {key: "B"})) == []
    assert codes(rule("Never use npm", {key: "a"}), rule("Use npm", {key: " A"})) == ["prohibition"]
    assert by_parameters(one, {**other, key: "A"}, "Redis listens here") == ["port"]


@pytest.mark.parametrize(
    ("key", "contradicts"),
    [("service", True), ("database", True), ("project", True), ("environment", False), ("component", False)],
)  # fmt: skip
def test_a_discriminator_on_one_side(key, contradicts):
    """What one says of an environment or component only may be an exception to the other."""
    there = by_parameters({"port": 1, key: "redis"}, {"port": 2}, "Redis listens here")
    assert there == ["port"] * contradicts


@pytest.mark.parametrize(
    "key", ["notes", "updated_at", "createdBy", "Reason", "example", "session_id"]
)
def test_what_explains_never_contradicts(key):
    """Neither under a name that explains, in whatever spelling."""
    assert by_parameters({key: "a"}, {key: "b"}, "One rule") == []


@pytest.mark.parametrize("key", ["port", "framework", "max_length", "dbHost", "timeout"])
@pytest.mark.parametrize(
    ("one", "other", "contradicts"),
    [
        ("Redis answers here", "The web server answers there", True),
        ("Redis is quick", "The web server waits", False),
        ("Redis is quick", "Use it", True),
        ("Use it", "Redis is quick", True),
        ("Caches are quick", "The cache waits", True),
    ],
)
def test_what_each_thing_has_its_own_of(key, one, other, contradicts):
    """A word in common is needed, unless a text names no subject."""
    assert by_parameters({key: "5"}, {key: "6"}, one, other) == [key] * contradicts


def test_the_parameter_itself_is_no_common_subject():
    """Neither its name nor its values; an owner's name is one."""
    assert by_parameters(
        {"port": 1}, {"port": 2}, "Redis has port 1", "Nginx has port 2, not 1"
    ) == ["port"]
    assert by_parameters({"port": 11}, {"port": 22}, "Redis port 11", "Nginx port 22") == []
    assert (
        by_parameters({"port": "blue"}, {"port": "red"}, "Redis blue", "Nginx red, not blue") == []
    )
    assert by_parameters({"port": 1, "service": "redis"}, {"port": 2}, "Quick", "Redis waits") == [
        "port"
    ]
    for one, other in (({"service": "redis"}, {}), ({}, {"service": "redis"})):
        assert by_parameters({"port": 1, **one}, {"port": 2, **other}, "Quick", "Nginx waits") == []
    both = {"service": "cache"}
    assert by_parameters({"port": 1, **both}, {"port": 2, **both}, "Redis", "Nginx") == ["port"]
    both = {"project": "cache"}
    assert by_parameters({"port": 1, **both}, {"port": 2, **both}, "Redis", "Nginx") == []


@pytest.mark.parametrize("key", ["pattern", "filePath", "type", "tracking_file", "command"])
def test_loose_names_need_one_subject(key):
    """Most words of the shorter text must be in the other."""
    mail, phone = "Validate mail addresses", "Validate phone numbers"
    assert by_parameters({key: "x"}, {key: "y"}, mail, phone) == []
    assert by_parameters({key: "x"}, {key: "y"}, mail, "Validate addresses of customers") == [key]
    assert by_parameters({key: "x"}, {key: "y"}, mail, "") == []
    assert by_parameters({key: "x"}, {key: "y"}, "Validate mail", "Validate phone") == []


def test_lists_need_one_subject():
    """Two rules each list what enforces them."""
    assert (
        by_parameters({"hooks": ["a"]}, {"hooks": ["b"]}, "Kill processes", "Cite your sources")
        == []
    )
    assert (
        by_parameters({"hooks": ["a"]}, {"hooks": "b"}, "Kill processes", "Cite your sources") == []
    )
    assert by_parameters({"hooks": ["a"]}, {"hooks": ["b"]}, "Kill old processes") == ["hooks"]
    assert by_parameters({"hooks": "a"}, {"hooks": ["b"]}, "Kill them", "Cite your sources") == []


def test_other_names_are_their_own_subject():
    """`indent` or `module_type`, unless both texts say where, and not the same."""
    assert by_parameters({"module_type": "esm"}, {"module_type": "cjs"}, "A", "B") == [
        "module_type"
    ]
    python, yaml = "Use 4 spaces in Python", "Use 2 spaces in YAML"
    assert by_parameters({"indent": 4}, {"indent": 2}, python, yaml) == []
    assert by_parameters({"indent": 4}, {"indent": 2}, python, "Use 2 spaces") == ["indent"]
    assert by_parameters({"indent": 4}, {"indent": 2}, python, "Use 2 spaces in Python") == [
        "indent"
    ]
    bare = "Use 2 in every indent"
    assert by_parameters({"indent": 4}, {"indent": 2}, python, bare) == ["indent"]
    assert by_parameters({"indent": 2}, {"indent": 4}, bare, python) == ["indent"]


def test_a_parameter_that_its_own_text_forbids():
    """It names what is not to be: two rules may agree."""
    ban = rule("Never use port 27017", {"port": "27017"})
    assert codes(ban, rule("Never use port 27018", {"port": 27018})) == []
    assert codes(ban, rule("Use port 27018", {"port": 27018})) == []
    assert codes(rule("Use port 27018", {"port": 27018}), ban) == []


CONTRADICT = """
Never use npm | Use npm
Never use npm | Always use npm for installing packages
Do not use default exports. | Prefer default exports over named ones
Use tabs for indentation | Use spaces for indentation, not tabs
Always write tests before code | Do not write tests before the code
Never commit directly to main. Use feature branches. | Small fixes: commit to main
Avoid using the `any` type | Use the `any` type
No comments in code | Add comments in code
Never use port 27017 | MongoDB runs on port 27017
never use 27017 | always run tests on port 27017
Use classes | Avoid classes; prefer functions
We don't use semicolons | Always use semicolons
You can't mock the database in tests | Mock the database in tests
Do not add docstrings to functions | All functions must have docstrings
Mocks must not be used | Use mocks
Emojis are forbidden in commit messages | Use emojis in commit messages
Using mocks is prohibited | Mocks are required
The project uses pnpm, do not use npm | We use npm
Never use print statements | Debug using print statements
Run `npm test` before committing | Never use `npm`, always `pnpm`
Never auto-commit changes | Auto-commit changes
Use inheritance | Use composition instead of inheritance
You must always use absolute imports | Never use absolute imports; use relative ones
Stop using moment.js | Stick with moment.js
Never make API calls in tests | Make API calls in integration tests
Never `git commit` unless I tell you to | Always commit your changes
Do not write tests unless explicitly asked. | Write tests for new functions
Package manager: `npm` (never yarn or bun) | Use Bun as the package manager
NEVER use mocks in unit tests | Always mock external APIs in unit tests
Never edit or delete migrations | Delete migrations
Never log tokens, passwords, or keys | Log passwords
Do not forget to run the linter | Never run the linter
Use PostgreSQL, never SQLite | Use SQLite
Don't use npm or yarn, only pnpm | Never use pnpm
Prefer types over interfaces | Prefer interfaces over types
Workers must not use npm | Use npm
Never use npm | Workers must use npm
Workers must not use npm | Workers must use npm
Never use mocks in tests | Use mocks in tests
Never use mocks for tests | Use mocks for tests and builds
Never use npm, but use npm in tests. Never use yarn | Use yarn
Never use yarn. Never use npm, but use npm in tests | Use yarn
Never use npm. Never use yarn | Never use npm. Use yarn
Never use yarn. Never use npm | Never use npm. Use yarn
Never add a dependency | Add dependencies
Never edit the user\u2019s files | Edit the user\u2019s files
Never use unsafe code | Use **un**safe code
"""

AGREE = """
Never commit secrets | Use secrets from the vault
Never use mocks in integration tests | Use mocks in unit tests
Never use npm, use pnpm | Use pnpm
Never use npm | Never use npm or yarn
Never use console.log in production | Use console.log in tests
Avoid using let unless needed | Use let in loops
Do not use React class components | Use React components
Do not use exports | Use named-exports
Never push to main | Push to feature branches
Use pnpm instead of npm | Use pnpm
Do not edit generated files | Edit config files
Use port 9000 for the web app | Never use port 27017
Never run migrations in production without a backup | Run migrations in production
Never manually edit package.json | Edit package.json
Do not write comments that restate code | Write comments that explain why
Don't forget to run tests | Always run tests
Never skip tests | Run tests
Don't use npm or yarn, only pnpm | Install packages using pnpm
Do you never use npm? | Use npm
Do not hesitate to use npm | Use npm
Use either npm or yarn | Never use npm
NEVER fabricate reports, cite sources, or make claims | Make sources
Never log tokens. Log errors. | Log errors
Never use default exports except for pages | Use default exports for pages
You need not use types | Use types
Not only use tests, use linters | Use tests
Backend must not use React | Frontend must use React
Never use mocks. In unit tests use mocks. | Use mocks
Never use mocks | Use mocks for the network, but never use mocks
Do not use it | Use npm
Never commit `.env` files | Always commit `uv.lock`
Never commit unless asked | Always commit `uv.lock` to git
Do not use any | Use npm
Never use npm to publish | Use npm
Use maps; avoid sets | Set the timeout
Never use npm instead of yarn | Use npm
Never push code and log errors | Log errors
Never use mocks because tests need data | Use data
Import the parser | Never use port 3000 for exports
Never use npm | Use npm in tests
Never use React | Use React Query
Never use the query cache | Use the cache
Never push npm | Use npm
"""


@pytest.mark.parametrize("line", CONTRADICT.strip().splitlines())
def test_what_is_forbidden_and_required(line):
    """One prohibition, whichever comes first."""
    assert codes(*line.split(" | ")) == ["prohibition"]


@pytest.mark.parametrize("line", AGREE.strip().splitlines())
def test_what_only_looks_forbidden_and_required(line):
    """No contradiction: another place, thing, verb or subject, an exception, the same will."""
    assert set(codes(*line.split(" | "))) <= {"twin"}


@pytest.mark.parametrize(
    ("text", "parameters", "contradicts"),
    [
        ("Never use port 27017", {"port": 27017}, True),
        ("Never use 27017", {"port": "27017"}, True),
        ("Never use port 270", {"port": 27017}, False),
        ("Never use SQLite", {"engine": "sqlite"}, True),
        ("Never use SQLite in production", {"engine": "sqlite"}, False),
        ("Never log SQLite", {"engine": "sqlite"}, False),
        ("Workers must not use SQLite", {"engine": "sqlite"}, False),
        ("Never use SQLite", {"forbidden_engine": "sqlite"}, False),
        ("Never use SQLite", {"reason": "sqlite"}, False),
        ("Never use SQLite", {"engine": ["sqlite"]}, False),
        ("Never use 12", {"retries": 12}, False),
        ("Never use 123", {"retries": 123}, False),
        ("Never use retry 123", {"retry": 123}, True),
        ("Never use go", {"language": "go"}, False),
        ("Never use bun", {"language": "bun"}, True),
        ("Never use port", {"port": ""}, False),
        ("Never use true", {"strict": True}, False),
        ("Use Postgres, never use SQLite", {"engine": "postgres"}, False),
    ],
)
def test_a_parameter_that_another_text_forbids(text, parameters, contradicts):
    """The value as a whole, with its name beside it or not, and nothing else."""
    findings = found(text, rule("Where the orders are kept", parameters))
    assert [finding.code for finding in findings] == ["prohibition"] * contradicts
    for finding in findings:
        key, value = next(iter(parameters.items()))
        assert finding.says[1] == f"{key}: {value}"


def test_a_parameter_of_the_subject_that_a_text_names():
    """What workers are forbidden is forbidden to a rule that speaks of a worker."""
    ban = "Workers must not use SQLite"
    assert codes(ban, rule("Who bakes", {"engine": "sqlite"})) == []
    assert codes(ban, rule("worker", {"engine": "sqlite"})) == ["prohibition"]
    assert codes(ban, rule("The worker", {"engine": "sqlite"})) == ["prohibition"]


def test_a_pair_has_one_prohibition():
    """The first by its words, however many there are; parameters come before it."""
    one = rule(
        "Never use npm. Never use Docker. Never use port 5433", {"indent": 4, "quotes": "single"}
    )
    other = rule("Use npm. Use Docker", {"port": 5433, "indent": 2, "quotes": "double"})
    findings = found(one, other)
    assert [(f.code, f.about) for f in findings] == [
        ("parameter", "indent"), ("parameter", "quotes"), ("prohibition", "docker"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        ("a b c d e f g h", "A, b; c d e f g H!", True),
        ("aa bb cc dd ee ff gg hh", "aa bb cc dd ee ff gg", True),
        ("aa bb cc dd ee ff gg hh ii jj", "aa bb cc dd ee ff gg", False),
        ("aa bb cc dd ee ff gg", "aa bb cc dd ee ff gg 8", False),
        ("aa bb cc dd ee ff gg", "aa bb cc dd ee ff gg not", False),
        ("aa bb cc dd ee ff gg no", "aa bb cc dd ee ff gg not", True),
        ("", "", False),
        ("not aa bb cc dd ee ff 8", "not aa bb cc dd ee ff 8 gg", True),
        ("aa bb cc dd ee ff gg hh", "aa bb cc dd ee ff gg hh not really", False),
        ("aa bb cc dd ee ff gg hh", "aa bb cc dd ee ff gg hh quite really", True),
    ],
)
def test_twins(one, other, twins):
    """More than seven of ten words in common, and neither a number nor a "not" apart."""
    assert codes(one, other) == ["twin"] * twins


def test_twins_have_equal_parameters():
    """After normalising, and none apart."""
    text = "Keep the oven of the bakery at this heat"
    assert codes(rule(text, {"n": "1"}), rule(text, {"n": 1})) == ["twin"]
    assert codes(rule(text, {"n": 1}), rule(text)) == []
    assert codes(rule(text, {"n": 1}), rule(text, {"n": 2})) == ["parameter"]


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [
        ({"persistence": "HIGH"}, {}, "CRITICAL"),
        ({"persistence": "MEDIUM"}, {}, "WARNING"),
        ({"explicitness": 0.9}, {"persistence": "LOW"}, "WARNING"),
        ({}, {}, "MINOR"),
    ],
)
def test_severity_is_the_stronger_side_s(one, other, severity):
    """By the framework's table, whichever side has it."""
    for sides in ((one, other), (other, one)):
        texts = (rule("Never use npm", **sides[0]), rule("Use npm", **sides[1]))
        assert [finding.severity for finding in found(*texts)] == [severity]


def test_severity_knows_the_parameter():
    """A contradicted port is grave where one of the two is explicit."""
    (port,) = found(rule("Redis", {"port": 1}), rule("Redis", {"port": 2}, explicitness=0.9))
    (indent,) = found(rule("Redis", {"indent": 1}), rule("Redis", {"indent": 2}, explicitness=0.9))
    (banned,) = found(rule("Never use 5433", explicitness=0.9), rule("Redis", {"port": 5433}))
    assert (port.severity, indent.severity, banned.severity) == ("CRITICAL", "WARNING", "CRITICAL")


def test_what_is_retired_says_nothing():
    """Neither side; a missing or odd `active` is in force."""
    ban, wish = rule("Never use npm", name="a"), rule("Use npm")
    assert compare(ban, {**wish, "active": False}) == compare({**ban, "active": False}, wish) == []
    assert compare(ban, {**wish, "active": None}) != []
    assert find_contradictions({"a": {**ban, "active": False}}, {"b": wish}) == []
    assert find_contradictions({"a": ban}, {"b": {**wish, "active": False}}) == []


def test_the_words_stand_in_several_fields():
    """`text`, `title`, `description`, `action`, each sentence once; others are not read."""
    for field in ("text", "title", "description", "action"):
        assert codes("Use npm", {field: "Never use npm"}) == ["prohibition"]
    assert codes("Use npm", {"notes": "Never use npm", "text": 3}) == []
    assert codes("Use yarn", {"title": "Use npm", "description": "Never use yarn"}) == [
        "prohibition"
    ]
    text = "Keep the oven warm"
    assert codes(text, {"title": text, "description": text}) == ["twin"]


def test_every_pair_once_and_in_order():
    """Of one brought and one other: not of two brought, not of a record with itself."""
    ban, wish = rule("Never use npm"), rule("Use npm")
    brought = {"n2": ban, "n1": ban}
    there = {"o2": wish, "o1": wish, "n1": ban}
    assert [finding.ids for finding in find_contradictions(brought, there)] == [
        ("n1", "n2"), ("n1", "o1"), ("n1", "o2"), ("n2", "o1"), ("n2", "o2"),
    ]  # fmt: skip
    assert [f.code for f in find_contradictions(brought, there)].count("prohibition") == 4
    assert find_contradictions({"a": ban, "b": wish}, {}) == []
    assert [f.ids for f in find_contradictions({"a": ban, "b": wish}, {"a": ban, "b": wish})] == [
        ("a", "b")
    ]


@pytest.mark.parametrize("line", [*CONTRADICT.strip().splitlines(), *AGREE.strip().splitlines()])
def test_contradictions_finds_what_compared_finds(line):
    """What is looked at more quickly is not looked at less."""
    one, other = (rule(text, name=name) for text, name in zip(line.split(" | "), "ab", strict=True))
    there = find_contradictions({"a": one}, {"b": other})
    assert there == find_contradictions({"b": other}, {"a": one}) == compare(one, other)


SQLITE, NPM = "Never use SQLite", "Never use npm"


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (rule("Redis", {"port": 1}), rule("Redis", {"port": 2}), "parameter"),
        (rule("Redis is quick", {"port": 1}), rule("Use it", {"port": 2}), "parameter"),
        (rule("Redis", {"port": 1, "service": "a"}), rule("Redis", {"port": 2, "service": "b"}), None),
        (rule(SQLITE), rule("Keep orders", {"engine": "sqlite"}), "prohibition"),
        (rule("Never use 12345"), rule("Keep orders", {"limit": 12345}), "prohibition"),
        (rule("Never use retry 123"), rule("Keep orders", {"retry": 123}), "prohibition"),
        (rule("Never use bun"), rule("Keep orders", {"engine": "bun"}), "prohibition"),
        (rule("Never use sqlite v2"), rule("Keep orders", {"engine": "sqlite v2"}), "prohibition"),
        (rule(NPM), rule("Use npm", {"engine": "sqlite"}), "prohibition"),
        (rule(SQLITE), rule("Use npm", {"engine": "sqlite", "name": "orders"}), "prohibition"),
    ],
)  # fmt: skip
def test_what_is_looked_at_more_quickly_finds_parameters_too(one, other, code):
    """Shared ones, and those that a text forbids; whichever of the two is brought."""
    one, other = {**one, "id": "a"}, {**other, "id": "b"}
    there = find_contradictions({"a": one}, {"b": other})
    assert [finding.code for finding in there] == [code] * (code is not None)
    assert there == find_contradictions({"b": other}, {"a": one}) == compare(one, other)


def test_one_pair_without_a_finding_hides_no_other():
    """Each brought record is looked at."""
    brought = {"a": rule("Bake bread"), "b": rule(NPM)}
    assert [f.ids for f in find_contradictions(brought, {"c": rule("Use npm")})] == [("b", "c")]


def test_the_framework_s_own_records_agree(data):
    """No alarm among the real records: port 27017 of mongodb and port 9000 of the web are two."""
    records = []
    for file in sorted((data / "tractatus").glob("*.json")):
        collect(json.loads(file.read_text("utf-8")), records)
    assert len(records) > 15
    alarms = [f for pair in combinations(records, 2) for f in compare(*pair) if f.code != "twin"]
    assert alarms == []


def collect(value, records):
    """Every object in the value that has an id and words."""
    if isinstance(value, dict):
        if {"id", "rule_id"} & value.keys() and {"text", "title"} & value.keys():
            records.append({**value, "id": str(len(records))})
        for item in value.values():
            collect(item, records)
    elif isinstance(value, list):
        for item in value:
            collect(item, records)
