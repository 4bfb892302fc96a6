"""Messages that somebody else has transcribed: text, and what more is known of them.

One JSON object per message: ``text`` or ``words`` (each with ``text`` and, if known, ``start_s``,
``end_s`` and ``confidence``); ``id``, ``rep``, ``prospect``, ``interest``, ``company``, ``line``,
``notes`` and ``direct_number`` as in calls.csv and the roster. There is no sound: the delivery is
null, and so are the times unless the words bring them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vmaudit.content import SignalContext, find_callback, find_signals
from vmaudit.records import (
    Callback,
    Delivery,
    Signal,
    Statement,
    Transcript,
    Word,
    joined,
    to_json,
)
from vmaudit.scoring import Judge, Message

__all__ = ["Transcribed", "read_transcribed", "score_transcribed"]

_WORD_S, _GAP_S, _PAUSE_S = 0.28, 0.05, 0.3  # an even pace, where none is known
_CONFIDENCE = 0.9  # of a word, where none is given
_TIMED = ("start_s", "end_s", "digits_per_second", "group_gaps_s", "writable")
_LEAD = ("company", "line", "interest", "notes")


class _Word(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    text: Annotated[str, Field(min_length=1)]
    start_s: float | None = Field(default=None, ge=0)
    end_s: float | None = Field(default=None, ge=0)
    confidence: float = Field(default=_CONFIDENCE, ge=0, le=1)


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    text: str | None = None
    words: tuple[_Word, ...] = ()
    id: str | None = None
    rep: str | None = None
    prospect: str | None = None
    company: str | None = None
    line: str | None = None
    interest: str | None = None
    notes: str | None = None
    direct_number: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Transcribed:
    """One message's words and what else is known; ``timed``: the times are the transcript's own."""

    words: tuple[Word, ...]
    timed: bool
    known: _Row

    def message(self, region: str = "US") -> Message:
        """What it is scored by. Raises ``ConfigError`` for an unknown region.

        How fast numbers were said is known only where the times are the transcript's own.
        """
        callback = self._callback(region)
        return Message(
            self.words,
            Delivery(),
            callback,
            self._signals(callback),
            self.known.prospect,
            self.lead,
            self.timed,
        )

    @property
    def lead(self) -> dict[str, Any]:
        """What is known of the prospect."""
        return {name: value for name in _LEAD if (value := getattr(self.known, name)) is not None}

    def _callback(self, region: str) -> Callback:
        number = self.known.direct_number
        found = find_callback(self.words, direct_number=number, region=region)
        if self.timed:
            return found
        return replace(
            found,
            numbers=tuple(
                replace(one, statements=_unpaced(one.statements)) for one in found.numbers
            ),
            partials=_unpaced(found.partials),
        )

    def _signals(self, callback: Callback) -> dict[str, Signal]:
        known = self.known
        context = SignalContext(
            rep_names=(known.rep,) if known.rep else (),
            prospect=known.prospect,
            company=known.company,
            interest=known.interest,
            notes=known.notes,
            numbers=callback.statement_times,
        )
        return find_signals(self.words, context)


def read_transcribed(row: Any) -> Transcribed:
    """Read one object. Raises ``ValueError`` that says what is wrong with it."""
    if not isinstance(row, Mapping):
        raise ValueError("must be an object")
    json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair could not be written
    try:
        known = _Row.model_validate(row)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"{where}: {problem['msg']}" if where else problem["msg"]) from error
    if known.words and all(w.start_s is not None and w.end_s is not None for w in known.words):
        words = tuple(
            Word(word.text, word.start_s or 0.0, word.end_s or 0.0, word.confidence)
            for word in known.words
        )
        if any(word.end_s < word.start_s for word in words) or any(
            after.start_s < before.start_s for before, after in pairwise(words)
        ):
            raise ValueError("words: they must be in order of time")
        return Transcribed(words, True, known)
    if known.words:
        return Transcribed(_spread([(w.text, w.confidence) for w in known.words]), False, known)
    if known.text is None:
        raise ValueError("neither text nor words is given")
    said = [(word, _CONFIDENCE) for word in known.text.split()]
    return Transcribed(_spread(said), False, known)


def score_transcribed(
    found: Transcribed, judge: Judge, *, name: str, region: str
) -> dict[str, Any]:
    """One audit in the contract's JSON, without sound. Raises ``ConfigError``."""
    said = any(letter.isalnum() for word in found.words for letter in word.text)
    reasons = () if said else ("no words",)
    message = found.message(region)
    scored = None if reasons else judge.score(message)
    payload: dict[str, Any] = to_json(
        {
            "id": found.known.id or name,
            "path": name,
            "status": "not_scorable" if reasons else "scored",
            "reasons": reasons,
            "rep": found.known.rep,
            "prospect": found.known.prospect,
            "lead": found.lead,
            "audio": None,
            "segments": (),
            "transcript": Transcript(
                joined(word.text for word in found.words),
                found.known.language,
                "given",
                None,
                found.words,
            ),
            "delivery": None,
            "callback": message.callback,
            "signals": message.signals,
            "scores": scored.scores if scored else None,
            "advice": scored.advice if scored else (),
            "versions": {
                "vmaudit": version("vmaudit"),
                "speech_model": None,
                "scorer": judge.scorer.version,
                "rubric": judge.rubric.version,
            },
        }
    )
    return payload if found.timed else _untimed(payload)


def _spread(said: list[tuple[str, float]]) -> tuple[Word, ...]:
    """The words at an even pace, with a pause behind each mark, to put them in order."""
    words, at_s = [], 0.0
    for text, confidence in said:
        words.append(Word(text, at_s, at_s + _WORD_S, confidence))
        at_s += _WORD_S + _GAP_S + (_PAUSE_S if text[-1] in ",.?!;:" else 0.0)
    return tuple(words)


def _unpaced(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    return tuple(
        replace(one, digits_per_second=None, group_gaps_s=(), writable=None) for one in statements
    )


def _untimed(value: Any) -> Any:
    """The same JSON with null wherever a time was only assumed."""
    if isinstance(value, Mapping):
        return {name: None if name in _TIMED else _untimed(inner) for name, inner in value.items()}
    return [_untimed(inner) for inner in value] if isinstance(value, list) else value
