"""Making findings: a stable code, and a sentence that says what it means or what to fix."""

from vitascope.encoding.contract.finding_codes import FindingCode
from vitascope.encoding.contract.master import Finding, Severity


def refuse(code: FindingCode, sentence: str) -> Finding:
    return Finding(code=code, severity=Severity.REFUSAL, sentence=sentence)


def warn(
    code: FindingCode,
    sentence: str,
    *,
    from_ms: int | None = None,
    until_ms: int | None = None,
    value: float | None = None,
    unit: str = "",
) -> Finding:
    return Finding(
        code=code,
        severity=Severity.WARNING,
        sentence=sentence,
        from_ms=from_ms,
        until_ms=until_ms,
        value=value,
        unit=unit,
    )


def note(
    code: FindingCode, sentence: str, *, value: float | None = None, unit: str = ""
) -> Finding:
    return Finding(code=code, severity=Severity.NOTE, sentence=sentence, value=value, unit=unit)
