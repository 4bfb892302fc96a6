"""What was said: callback numbers, what is asked for, and other signals."""

from vmaudit.content.asks import find_asks
from vmaudit.content.callback import find_callback
from vmaudit.content.canned import Likeness, find_canned
from vmaudit.content.plan import numbering_plan
from vmaudit.content.sayings import find_statements
from vmaudit.content.signals import (
    SIGNALS,
    SignalContext,
    find_signals,
    interest_words_said,
)

__all__ = [
    "SIGNALS",
    "Likeness",
    "SignalContext",
    "find_asks",
    "find_callback",
    "find_canned",
    "find_signals",
    "find_statements",
    "interest_words_said",
    "numbering_plan",
]
