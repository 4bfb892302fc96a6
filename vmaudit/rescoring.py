"""Scores what a store holds by another rubric, without hearing anything again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from vmaudit.errors import StoreError
from vmaudit.records import Audit, Scores, audit_from_json, to_json
from vmaudit.scoring import DEFAULT_RUBRIC, Judge, Rubric, load_rubric, rubric_names
from vmaudit.store import Store

__all__ = ["Move", "keep_rubric", "kept_rubric", "moves", "rescore"]

_FACT = "rubric"  # under which the store keeps it, as JSON


@dataclass(frozen=True, slots=True)
class Move:
    """One message whose overall score or band changes.

    ``parts`` are points of the overall score: by what it is made of, how many it gains or loses.
    They are empty where the scores before are ``another_scorer``'s, or of a rubric that nobody
    knows any more.
    """

    path: str
    rep: str | None
    before: int
    after: int
    band_before: str | None
    band_after: str | None
    parts: Mapping[str, float]
    another_scorer: bool


def kept_rubric(store: Store) -> Rubric:
    """The rubric by which the store's messages are scored.

    Raises ``StoreError`` where it is none by today's rules.
    """
    kept = store.fact(_FACT)
    if kept is None:
        return load_rubric(DEFAULT_RUBRIC)
    try:
        return Rubric.model_validate_json(kept)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise StoreError(
            f"the rubric of these results is not valid ({where}: {first['msg']}); "
            "name one anew: vmaudit rescore OUT --rubric NAME"
        ) from error


def keep_rubric(store: Store, rubric: Rubric) -> None:
    """Score by this rubric from now on."""
    store.set_fact(_FACT, rubric.model_dump_json())


def moves(store: Store, judge: Judge) -> Iterator[Move]:
    """Who would move, and why, were the store's messages scored by ``judge``; nothing is written.

    In order of path.
    """
    rubrics = _known_rubrics(store)
    for stored in store.audits():
        if stored.payload["status"] != "scored":
            continue
        old = audit_from_json(stored.payload)
        move = _move(old, judge, rubrics)
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


def _known_rubrics(store: Store) -> dict[str | None, Rubric]:
    """By version, those that stored scores may be of.

    A rescoring that was cut short leaves scores of the rubric before the kept one.
    """
    known = [load_rubric(name) for name in rubric_names()]
    with suppress(StoreError):
        known.append(kept_rubric(store))
    return {rubric.version: rubric for rubric in known}


def _move(old: Audit, judge: Judge, rubrics: Mapping[str | None, Rubric]) -> Move | None:
    new = judge.rescore(old)
    if old.scores is None or new.scores is None or old.scores.overall is None:
        return None
    if new.scores.overall is None or _place(old.scores) == _place(new.scores):
        return None
    another_scorer = old.versions.scorer != judge.scorer.version
    rubric = None if another_scorer else rubrics.get(old.versions.rubric)
    return Move(
        old.path,
        old.rep,
        old.scores.overall,
        new.scores.overall,
        old.scores.band,
        new.scores.band,
        {} if rubric is None else _changes(old, Judge(judge.scorer, rubric), judge),
        another_scorer,
    )


def _place(scores: Scores) -> tuple[int | None, str | None]:
    return scores.overall, scores.band


def _changes(audit: Audit, before: Judge, after: Judge) -> dict[str, float]:
    """What each part gains or loses, in points, the greatest change first."""
    was, becomes = before.parts(audit), after.parts(audit)
    parts = {name: round(becomes.get(name, 0.0) - was.get(name, 0.0), 1) for name in was | becomes}
    ordered = sorted(parts.items(), key=lambda part: -abs(part[1]))
    return {name: change for name, change in ordered if change}
