"""From what was heard to scores, evidence and advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vmaudit.records import Audit, Callback, Evidence, Score, Scores
from vmaudit.scoring.advice import advise
from vmaudit.scoring.evidence import evidence_of
from vmaudit.scoring.heads import Vector
from vmaudit.scoring.inputs import HeadName, Message, message_of
from vmaudit.scoring.overall import Marks, delivery_share, overall, parts
from vmaudit.scoring.review import review_reasons
from vmaudit.scoring.rubric import Rubric, find_rubric
from vmaudit.scoring.scorer import Reading, Scorer, load_scorer, shipped_scorer

__all__ = ["Judge", "Scored", "make_judge"]


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one message, and what would raise them."""

    scores: Scores
    advice: tuple[str, ...]


@dataclass(frozen=True)
class Judge:
    """A scorer and a rubric: all that turns a message into scores, the same ones every time."""

    scorer: Scorer
    rubric: Rubric

    def score(self, message: Message) -> Scored:
        """Score a message with words in it."""
        reading = self.scorer.read(message)
        logits = self.scorer.logits(reading)
        scores = {name: self._score(name, reading, found) for name, found in logits.items()}
        marks = self._marks(message, logits)
        points = round(overall(marks, self.rubric))
        reasons = review_reasons(message, scores, self.rubric)
        given = Scores(
            value=scores["value"],
            clarity=scores["clarity"],
            callback=scores["callback"],
            overall=points,
            band=self.rubric.grade(points),
            needs_review=bool(reasons),
            review_reasons=reasons,
        )
        return Scored(given, advise(self.scorer, reading, marks, self.rubric))

    def parts(self, audit: Audit) -> dict[str, float]:
        """What the overall score of an audit with scores is the sum of, by name."""
        message = message_of(audit)
        return parts(
            self._marks(message, self.scorer.logits(self.scorer.read(message))), self.rubric
        )

    def _score(self, name: HeadName, reading: Reading, logits: Vector) -> Score:
        head = self.scorer.heads[name]
        levels = head.levels(logits)
        if name == "callback":
            evidence = _statements(reading.message.callback)
        else:
            evidence = tuple(evidence_of(self.scorer, head, reading))
        return Score(
            probability=levels.probability,
            evidence=evidence,
            level=levels.median,
            level_sd=levels.sd,
        )

    def _marks(self, message: Message, logits: Mapping[HeadName, Vector]) -> Marks:
        return Marks(
            {name: self.scorer.heads[name].levels(found).mean for name, found in logits.items()},
            delivery_share(message.delivery, self.rubric.bands),
            frozenset(message.signals),
        )

    def made(self, versions: Mapping[str, Any]) -> bool:
        """Whether scores with these versions, in the contract's JSON, are this judge's."""
        mine = (self.scorer.version, self.rubric.version)
        return (versions["scorer"], versions["rubric"]) == mine

    def rescore(self, audit: Audit) -> Audit:
        """The same audit with the scores that this judge gives; one that has none stays so."""
        versions = replace(audit.versions, scorer=self.scorer.version, rubric=self.rubric.version)
        if audit.status != "scored":
            return replace(audit, versions=versions)
        scored = self.score(message_of(audit))
        return replace(audit, scores=scored.scores, advice=scored.advice, versions=versions)


def make_judge(rubric: str, scorer: Path | None = None) -> Judge:
    """A judge by a rubric's name or file, and a scorer's file or the one that is shipped.

    Raises ``ConfigError`` and ``ModelError``.
    """
    return Judge(load_scorer(scorer) if scorer else shipped_scorer(), find_rubric(rubric))


def _statements(callback: Callback) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(statement.start_s, statement.end_s, statement.text)
        for statement in callback.statements
    )
