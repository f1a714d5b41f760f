"""The urgent goes first, and the patient has a least share of the time."""

from vitascope.engines.shares import LeastShare


class Day:
    """One place, given to whoever is next; items take as long as is said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.share = LeastShare(lambda: self.now)
        self.had = {"urgent": 0.0, "patient": 0.0}

    def serve(self, *, urgent: float = 0.0, patient: float = 0.0) -> str:
        """Returns what was next, of kinds whose next item takes this many seconds."""
        is_patient = self.share.patient_is_next(urgent=urgent > 0, patient=patient > 0)
        took = patient if is_patient else urgent
        self.share.begin(patient=is_patient)
        self.now += took
        self.share.end(patient=is_patient)
        kind = "patient" if is_patient else "urgent"
        self.had[kind] += took
        return kind


def test_urgent_work_is_first_for_the_first_two_minutes() -> None:
    day = Day()
    served = [day.serve(urgent=10.0, patient=30.0) for _ in range(13)]
    assert served == ["urgent"] * 13
    assert day.serve(urgent=10.0, patient=30.0) == "patient"


def test_patient_work_has_its_eighth_however_much_urgent_work_keeps_coming() -> None:
    for long in (1.0, 30.0, 200.0):
        day = Day()
        for _ in range(3000):
            day.serve(urgent=5.0, patient=long)
        share = day.had["patient"] / sum(day.had.values())
        assert 0.1 < share < 0.15, long


def test_patient_work_has_all_of_the_time_that_nothing_urgent_wants() -> None:
    day = Day()
    assert [day.serve(patient=30.0) for _ in range(100)] == ["patient"] * 100
    # what it had counts, up to a minute: what is urgent now has some time to itself
    served = [day.serve(urgent=10.0, patient=30.0) for _ in range(60)]
    assert served[:48] == ["urgent"] * 48
    assert "patient" in served


def test_nothing_is_owed_for_a_time_in_which_nothing_patient_waited() -> None:
    day = Day()
    for _ in range(1000):
        day.serve(urgent=10.0)
    assert [day.serve(urgent=10.0, patient=30.0) for _ in range(12)] == ["urgent"] * 12
