"""Scores what a store holds by another rubric, without hearing anything again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vmaudit.records import Audit, Scores, audit_from_json, to_json
from vmaudit.scoring import DEFAULT_RUBRIC, Judge, Rubric, load_rubric
from vmaudit.store import Store

__all__ = ["Move", "keep_rubric", "kept_rubric", "moves", "rescore"]

_FACT = "rubric"  # under which the store keeps it, as JSON


@dataclass(frozen=True, slots=True)
class Move:
    """One message whose overall score or band changes.

    ``parts`` are points of the overall score: by what it is made of, how many it gains or loses.
    """

    path: str
    rep: str | None
    before: int
    after: int
    band_before: str | None
    band_after: str | None
    parts: Mapping[str, float]


def kept_rubric(store: Store) -> Rubric:
    """The rubric by which the store's messages are scored."""
    kept = store.fact(_FACT)
    return load_rubric(DEFAULT_RUBRIC) if kept is None else Rubric.model_validate_json(kept)


def keep_rubric(store: Store, rubric: Rubric) -> None:
    """Score by this rubric from now on."""
    store.set_fact(_FACT, rubric.model_dump_json())


def moves(store: Store, judge: Judge) -> Iterator[Move]:
    """Who would move, and why, were the store's messages scored by ``judge``; nothing is written.

    In order of path.
    """
    before = Judge(judge.scorer, kept_rubric(store))
    for stored in store.audits():
        if stored.payload["status"] != "scored":
            continue
        old = audit_from_json(stored.payload)
        move = _move(old, judge.rescore(old), before, judge)
        if move is not None:
            yield move


def rescore(store: Store, judge: Judge) -> None:
    """Score every message by ``judge``, and keep its rubric.

    It is kept first: of a rescoring that is cut short, the next run's ``relate`` does the rest.
    """

    def scored(payload: Mapping[str, Any]) -> Mapping[str, Any]:
        changed: Mapping[str, Any] = to_json(judge.rescore(audit_from_json(payload)))
        return changed

    keep_rubric(store, judge.rubric)
    store.amend(lambda audit: scored(audit.payload))


def _place(scores: Scores) -> tuple[int | None, str | None]:
    return scores.overall, scores.band


def _move(old: Audit, new: Audit, before: Judge, after: Judge) -> Move | None:
    if old.scores is None or new.scores is None or old.scores.overall is None:
        return None
    if new.scores.overall is None or _place(old.scores) == _place(new.scores):
        return None
    was, becomes = before.parts(old), after.parts(old)
    parts = {name: round(becomes.get(name, 0.0) - was.get(name, 0.0), 1) for name in was | becomes}
    ordered = sorted(parts.items(), key=lambda part: -abs(part[1]))
    return Move(
        old.path,
        old.rep,
        old.scores.overall,
        new.scores.overall,
        old.scores.band,
        new.scores.band,
        {name: change for name, change in ordered if change},
    )
