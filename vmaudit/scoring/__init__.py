"""Scores with their evidence.

The callback score is arithmetic on the statements that were heard. Value and clarity need
trained heads; none is installed yet, and the result says so instead of guessing.
"""

from vmaudit.scoring.rubric import Band, Rubric, load_rubric, read_rubric, rubric_names
from vmaudit.scoring.score import SCORER_VERSION, score

__all__ = [
    "SCORER_VERSION",
    "Band",
    "Rubric",
    "load_rubric",
    "read_rubric",
    "rubric_names",
    "score",
]
