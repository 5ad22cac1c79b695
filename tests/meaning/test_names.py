"""What a text names, and which two speak of different things."""

from __future__ import annotations

import pytest

from tests.meaning.test_contradictions import by_parameters, codes, rule
from tractatus_merge.meaning.names import names


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("Service A listens on port 9001", {"a"}),
        ("The service a team owns is small", set()),
        ("The auth service listens on port 9001", {"auth"}),
        ("The billing API, and the auth API", {"billing", "auth"}),
        ("Write to database orders", {"order"}),
        ("The service listens on port 9001", set()),
        ("The + service", set()),
        ("A service", set()),
        ("Ask the service Billing first", {"billing"}),
    ],
)
def test_names_stand_beside_what_they_name(text, things):
    """Before its kind, or after it; small words and verbs are none."""
    assert names(text).things == things


def test_two_services_of_other_names_have_ports_of_their_own():
    """So do two environments; one service has one."""
    for ours, theirs in (
        ("Service A listens on port {}", "Service B listens on port {}"),
        ("In production, listen on port {}", "In staging, listen on port {}"),
    ):
        one, other = ours.format(9001), theirs.format(9002)
        assert by_parameters({"port": "9001"}, {"port": "9002"}, one, other) == []
    same = ("Service A listens on port 9001", "Service A listens on port 9002")
    assert by_parameters({"port": "9001"}, {"port": "9002"}, *same) == ["port"]


def test_what_is_forbidden_for_one_service_may_be_required_for_another():
    """By words, and by a parameter that the other's text gives to its own service."""
    assert codes("Never use tabs in service A", "Use tabs in service B") == []
    assert codes("Never use port 9001 for service A", "Use port 9001 for service B") == []
    assert codes("Do not use Redis: service A", rule("service B", {"cache": "redis"})) == []


@pytest.mark.parametrize(
    "values", [(None, "1"), ("", None), ("short", "a " * 40), (">=20.9", "24"), ("18+", "20")]
)
def test_values_that_do_not_exclude_each_other(values):
    """Nothing, prose, and limits that both can meet."""
    ours, theirs = values
    assert by_parameters({"node": ours}, {"node": theirs}, "Node") == []
