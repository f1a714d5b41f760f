"""Making findings: a stable code, and a sentence that says what it means or what to fix."""

from vitascope.encoding.contract.master import Finding, Severity


def refuse(code: str, sentence: str) -> Finding:
    return Finding(code=code, severity=Severity.REFUSAL, sentence=sentence)


def warn(
    code: str,
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


def note(code: str, sentence: str, *, value: float | None = None, unit: str = "") -> Finding:
    return Finding(code=code, severity=Severity.NOTE, sentence=sentence, value=value, unit=unit)
