"""From what was heard to scores."""

from __future__ import annotations

from vmaudit.records import Callback, Evidence, Score, Scores

SCORER_VERSION = None  # the hash of the trained heads, once some are installed
NO_SCORER = "no scorer installed"


def score(callback: Callback) -> Scores:
    """Score one message. A score that cannot be given is None with its reason."""
    return Scores(
        value=Score(None, reason=NO_SCORER),
        clarity=Score(None, reason=NO_SCORER),
        callback=_callback_score(callback),
        overall=None,
    )


def _callback_score(callback: Callback) -> Score:
    evidence = tuple(
        Evidence(statement.start_s, statement.end_s, statement.text)
        for number in callback.numbers
        for statement in number.statements
    )
    return Score(callback.probability, evidence)
