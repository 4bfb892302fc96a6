"""Scores with their evidence: trained heads for value, clarity and callback, rubric profiles."""

from vmaudit.scoring.examples import Example, read_examples, shipped_examples, write_examples
from vmaudit.scoring.inputs import Message, message_of
from vmaudit.scoring.rubric import (
    CANNED,
    DEFAULT_RUBRIC,
    Band,
    Rubric,
    find_rubric,
    load_rubric,
    read_rubric,
    rubric_names,
)
from vmaudit.scoring.score import Judge, Scored, make_judge
from vmaudit.scoring.scorer import Scorer, load_scorer, shipped_scorer

__all__ = [
    "CANNED",
    "DEFAULT_RUBRIC",
    "Band",
    "Example",
    "Judge",
    "Message",
    "Rubric",
    "Scored",
    "Scorer",
    "find_rubric",
    "load_rubric",
    "load_scorer",
    "make_judge",
    "message_of",
    "read_examples",
    "read_rubric",
    "rubric_names",
    "shipped_examples",
    "shipped_scorer",
    "write_examples",
]
