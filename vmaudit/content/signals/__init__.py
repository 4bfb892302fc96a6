"""Signals: what a message says beside its number, each with the words that say it. English."""

from vmaudit.content.signals.context import SignalContext
from vmaudit.content.signals.interest import interest_words_said
from vmaudit.content.signals.registry import SIGNALS, find_signals

__all__ = ["SIGNALS", "SignalContext", "find_signals", "interest_words_said"]
