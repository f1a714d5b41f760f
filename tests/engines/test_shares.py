"""The urgent goes first, and the patient has a least share of the time; parties have equal ones."""

from collections import Counter

from vitascope.engines.shares import FairShare, LeastShare


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


class Parties:
    """One place, for parties whose items take as long as is said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.share = FairShare(lambda: self.now)
        self.had = Counter[str]()

    def serve(self, **lengths: float) -> str:
        party = self.share.next(lengths)
        self.share.begin(party)
        self.now += lengths[party]
        self.share.end(party)
        self.had[party] += round(lengths[party])
        return party


def test_parties_have_equal_shares_of_the_time_and_not_of_the_turns() -> None:
    """One whose files take for ever: every turn is ten minutes, of the other ten seconds."""
    parties = Parties()
    served = [parties.serve(bad=600.0, good=10.0) for _ in range(6100)]
    assert abs(parties.had["bad"] - parties.had["good"]) <= 600
    assert served[:3] == ["bad", "good", "good"]


def test_who_comes_anew_is_next_and_has_no_claim_to_the_time_before() -> None:
    parties = Parties()
    for _ in range(100):
        parties.serve(early=60.0)
    served = [parties.serve(early=60.0, late=60.0) for _ in range(10)]
    assert "late" in served[:2]
    assert served.count("late") == 5


def test_who_has_had_more_keeps_that_also_while_nothing_of_it_waits() -> None:
    parties = Parties()
    parties.serve(greedy=1.0, other=1.0)
    parties.serve(greedy=600.0)
    parties.serve(other=1.0)
    assert [parties.serve(greedy=600.0, other=10.0) for _ in range(50)] == ["other"] * 50


def test_there_is_a_guest_only_where_one_party_runs_all() -> None:
    share = FairShare(lambda: 0.0)
    assert share.others({"one"}) == set()
    share.begin("one")
    share.begin("one")
    assert share.others({"one", "two"}) == {"two"}
    share.begin("two")
    assert share.others({"one", "two", "three"}) == set()
