"""What one rep's page shows, on the screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vmaudit.report.criteria import Criterion
from vmaudit.report.facts import Facts, period_of
from vmaudit.report.pages.pictures import Pictures, rep_pictures
from vmaudit.report.scorecard import Scorecard, TeamShare, scorecard_of
from vmaudit.report.wording import NO_REP


@dataclass(frozen=True, slots=True)
class RepView:
    """All that the page of one rep is made of; ``messages`` in order of time."""

    name: str
    card: Scorecard
    messages: Sequence[Facts]
    period: tuple[datetime, datetime] | None
    pictures: Pictures


def rep_view(
    own: Sequence[Facts], team: Mapping[str, TeamShare], criteria: Sequence[Criterion]
) -> RepView:
    """Shape one rep's messages, of which there are some, for their page."""
    card = scorecard_of(own, team, criteria)
    return RepView(
        name=NO_REP if card.rep is None else card.rep,
        card=card,
        messages=own,
        period=period_of(own),
        pictures=rep_pictures(own),
    )
