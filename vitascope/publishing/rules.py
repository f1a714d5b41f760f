"""What weighs how much among the findings of a master: the rules of an operator or a catalogue, and
what follows from them. Pure.

A rule is a line: the code of a finding, perhaps a bound, and a severity.

    black >= 10 review          ten seconds of black and more have to be looked at
    loudness-unusual <= -35 refusal
    freeze note

A bound is compared with the finding's value, in its own unit, or with its length in seconds where
it has no value. Of several rules that hold the gravest counts. Where none holds, a finding weighs
what inspection and quality control gave it. What cannot be encoded is refused whatever the rules
say.
"""

import re
from collections.abc import Sequence

import msgspec

from vitascope.encoding import FINDING_CODES, Finding, Severity
from vitascope.publishing.judgement import RULE, AppliedRules, Judgement, MasterRules, Reviewers

_RANKS = {one: rank for rank, one in enumerate(("note", "warning", "review", "refusal"))}


def wrong_rules(rules: Sequence[str]) -> list[str]:
    """Returns a sentence for each rule that can't hold: of another form, or of an unknown code."""
    found = []
    for text in rules:
        told = RULE.fullmatch(text)
        if told is None:
            found.append(
                f"{text!r} is no rule: write a code, perhaps a bound, and a severity, such as "
                "'black >= 10 review'."
            )
        elif told["code"] not in FINDING_CODES:
            found.append(f"{text!r}: no finding is called {told['code']}.")
    return found


def applied(service: Sequence[str], reviewers: Reviewers, own: MasterRules) -> AppliedRules:
    named = {_code(text) for text in own.rules}
    rules = (*(text for text in service if _code(text) not in named), *own.rules)
    return AppliedRules(rules=rules, reviewers=own.reviewers or reviewers, own=own)


def judged(findings: Sequence[Finding], rules: Sequence[str]) -> tuple[Finding, ...]:
    """Returns the findings with the severities that they have by these rules."""
    known = [told for told in map(RULE.fullmatch, rules) if told]
    return tuple(_judged(one, known) for one in findings)


def judgement_of(findings: Sequence[Finding]) -> Judgement:
    told = {one.severity for one in findings}
    if Severity.REFUSAL in told:
        return "refused"
    if Severity.REVIEW in told:
        return "review"
    return "notes" if Severity.WARNING in told else "passed"


def _code(text: str) -> str:
    return text.partition(" ")[0]


def _judged(finding: Finding, rules: Sequence[re.Match[str]]) -> Finding:
    held = [rule["severity"] for rule in rules if _holds(rule, finding)]
    if finding.severity is Severity.REFUSAL or not held:
        return finding
    gravest = max(held, key=lambda severity: _RANKS[severity])
    return msgspec.structs.replace(finding, severity=Severity(gravest))


def _holds(rule: re.Match[str], finding: Finding) -> bool:
    if rule["code"] != finding.code:
        return False
    if rule["sign"] is None:
        return True
    figure = _figure(finding)
    if figure is None:
        return False
    bound = float(rule["bound"])
    return figure >= bound if rule["sign"] == ">=" else figure <= bound


def _figure(finding: Finding) -> float | None:
    if finding.value is not None:
        return finding.value
    if finding.from_ms is None or finding.until_ms is None:
        return None
    return (finding.until_ms - finding.from_ms) / 1000
