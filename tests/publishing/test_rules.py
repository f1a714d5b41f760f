"""I3: what findings weigh is a setting of the service, and of each catalogue."""

import msgspec
import pytest

from vitascope.encoding import Finding, Severity
from vitascope.publishing.judgement import MasterRules
from vitascope.publishing.rules import applied, judged, judgement_of, wrong_rules
from vitascope.publishing.settings import PublishingSettings


def black(seconds: float) -> Finding:
    return Finding(
        code="black",
        severity=Severity.WARNING,
        sentence="Black.",
        from_ms=1000,
        until_ms=1000 + round(1000 * seconds),
    )


def loudness(lufs: float) -> Finding:
    return Finding(
        code="loudness-unusual",
        severity=Severity.WARNING,
        sentence="Loud.",
        value=lufs,
        unit="LUFS",
    )


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [(2.0, "note"), (9.999, "note"), (10.0, "review"), (59.0, "review"), (60.0, "refusal")],
)
def test_the_gravest_of_the_rules_that_hold_counts(seconds: float, severity: str) -> None:
    rules = ("black >= 60 refusal", "black note", "black >= 10 review")
    assert [one.severity for one in judged([black(seconds)], rules)] == [severity]


@pytest.mark.parametrize(
    ("lufs", "severity"),
    [(-40.0, "review"), (-35.0, "review"), (-34.9, "warning"), (-5, "warning")],
)
def test_a_value_counts_before_a_length(lufs: float, severity: str) -> None:
    (told,) = judged([loudness(lufs)], ["loudness-unusual <= -35 review"])
    assert told.severity == severity


def test_a_bound_says_nothing_of_what_has_neither_value_nor_length() -> None:
    mute = Finding(code="mute", severity=Severity.WARNING, sentence="Mute.")
    assert judged([mute], ["mute >= 1 refusal"]) == (mute,)
    assert judged([mute], ["mute refusal"])[0].severity is Severity.REFUSAL


def test_what_cannot_be_encoded_is_refused_whatever_the_rules_say() -> None:
    damaged = Finding(code="damaged", severity=Severity.REFUSAL, sentence="Damaged.")
    assert judged([damaged], ["damaged note"]) == (damaged,)


def test_a_catalogues_rules_about_a_code_take_the_place_of_the_services() -> None:
    service = ("black >= 10 review", "freeze note")
    own = MasterRules(rules=("black >= 30 review",), reviewers="operator")
    told = applied(service, "partner", own)
    assert told.rules == ("freeze note", "black >= 30 review")
    assert told.reviewers == "operator"
    assert applied(service, "partner", MasterRules()).rules == service


@pytest.mark.parametrize(
    "rule",
    [*("black", "black > 3 review", "black >= review", "black >= 3 worse", " black note"),
     *("Black note", "black >= 1e3 note", "nonsense note", "black note\n", "black >= 3s review")],
)  # fmt: skip
def test_a_rule_that_says_nothing_is_refused(rule: str) -> None:
    assert wrong_rules([rule])
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"rules": [rule]}, PublishingSettings)


def test_the_judgement_of_a_master_is_that_of_its_gravest_finding() -> None:
    told = {"refusal": "refused", "review": "review", "warning": "notes", "note": "passed"}
    for severity, judgement in told.items():
        one = Finding(code="x", severity=Severity(severity), sentence="X.")
        lesser = Finding(code="x", severity=Severity.NOTE, sentence="X.")
        assert judgement_of([lesser, one]) == judgement
    assert judgement_of([]) == "passed"
