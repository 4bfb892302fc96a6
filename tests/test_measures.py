"""What delivery values are called: every one that people see has a name of its own."""

from __future__ import annotations

from vmaudit.cli.delivery import HEADINGS
from vmaudit.records import DELIVERY_VALUES
from vmaudit.report.pages.message import SHOWN
from vmaudit.report.wording import MEASURES


def test_whatever_is_shown_is_measured_and_has_a_wording() -> None:
    told = [name for names in HEADINGS.values() for name in names]
    assert sorted(told) == sorted(MEASURES)
    assert set(MEASURES) <= set(DELIVERY_VALUES)
    assert set(SHOWN) <= set(MEASURES)
    labels = {(wording.label, wording.unit) for wording in MEASURES.values()}
    assert len(labels) == len(MEASURES)
