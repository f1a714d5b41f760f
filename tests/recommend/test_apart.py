"""Recommendation in a process of its own answers as it does here."""

from typing import Any

import vitascope.recommend
from tests.catalog.setup import GROWN
from tests.contracts.here_and_apart import placed
from vitascope.engines.wire import errors_of
from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Scope
from vitascope.recommend import (
    RankedRow,
    RankedRows,
    Recommend,
    RowKind,
    RowsContext,
    RowsLimit,
    Similar,
)

SCOPE = Scope.of(GROWN, 5)
ROW = RankedRow(kind=RowKind.BECAUSE, about="ttl_a", shared=("Keaton",), title_ids=(TitleId("b"),))


class Asked:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[Any] = []

    async def rows(self, *asked: Any, limit: RowsLimit) -> RankedRows:
        self.questions.append((*asked, limit))
        return RankedRows(rows=(ROW,), offered=(TitleId("b"),))

    async def similar(self, *asked: Any, limit: int) -> list[Similar]:
        self.questions.append((*asked, limit))
        return [Similar(title_id=TitleId("b"), score=0.5, shared=())]


async def test_a_question_and_its_answer_travel_whole() -> None:
    real: Any = Asked()
    async with placed("apart", Recommend, real, errors_of(vitascope.recommend)) as recommend:
        context, limit = RowsContext(tiles_at_once=3), RowsLimit(rows=7)
        page = await recommend.rows(GROWN.profile_id, SCOPE, context, limit=limit)
        assert page.rows == (ROW,)
        assert page.rows[0].id == "because:ttl_a"
        await recommend.rows(GROWN.profile_id, SCOPE, context)
        assert (await recommend.similar(TitleId("a"), SCOPE))[0].score == 0.5
    assert real.questions == [
        (GROWN.profile_id, SCOPE, context, limit),
        (GROWN.profile_id, SCOPE, context, RowsLimit()),
        ("a", SCOPE, 24),
    ]
