"""A message without what tells who was called, for people who need not know.

Works on the contract's JSON. What no rule knows as harmless goes through the rules of
``vmaudit.report.masking``, so that a field added to the contract later is masked too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Any

from rapidfuzz.distance import Hamming

from vmaudit.records import Failure, Interval
from vmaudit.report.masking import (
    DETAIL,
    GREETING,
    LONG_NUMERAL,
    NAME,
    NO_NAMES,
    NUMBER,
    NUMBER_DIGITS,
    PATH,
    Known,
    masked_path,
    masked_text,
    masks,
    name_words,
    with_mask,
)

__all__ = ["muted_intervals", "redact", "redact_failure"]

SENSITIVE = "sensitive_detail"  # the signal of details that are for the prospect alone
# They tell how a message was made, or whose it is; nothing was heard or written of the prospect.
HARMLESS = frozenset(
    ("id", "status", "outcomes", "rep", "recorded_at", "audio", "segments", "versions")
)
HARMLESS_LEAD = frozenset(("line", "attempt"))
AUDIBLE = frozenset(("ring", "beep", "message"))  # kinds of segment in which no prospect speaks
MARGIN_S = 0.25  # word starts are off by up to 0.24 s in nine of ten (docs/quality.md, Word times)
MISHEARD_DIGITS = 1

PATH_LETTERS = 12  # 48 bits: of 10,000 paths that are masked alike no two get the same

_DIGITS_AS_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def redact(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The message with masks in place of whoever was called and of what is told of them.

    Masks stand word by word, so that times stay. The rep's name and number stay, and the
    callback numbers, unless one is the prospect's own by the lead record. Nothing of the
    greeting is left, and of the lead record only the kind of line and the attempt.
    """
    message = _Message(payload)
    special = {
        "path": _masked_path(payload, message.known),
        "same_audio_as": [PATH for _ in payload.get("same_audio_as", ())],
        "prospect": payload["prospect"] and NAME,
        "lead": {name: payload["lead"][name] for name in HARMLESS_LEAD & payload["lead"].keys()},
        "transcript": message.transcript(),
        "greeting_text": GREETING if payload.get("greeting_text") else "",
        "callback": message.callback(),
        "signals": {name: message.signal(name, one) for name, one in payload["signals"].items()},
    }
    return {
        name: value
        if name in HARMLESS
        else special[name]
        if name in special
        else message.masked(value)
        for name, value in payload.items()
    }


def redact_failure(failure: Failure) -> Failure:
    """A failure without its path: no lead record says which of its words are a name."""
    name = PurePosixPath(failure.path).name
    reason = failure.reason.replace(failure.path, PATH).replace(name, PATH)
    return dataclasses.replace(failure, path=PATH, reason=masked_text(reason, Known()))


def muted_intervals(payload: Mapping[str, Any]) -> tuple[Interval, ...]:
    """What must not be heard where the message is redacted, in time order, apart from each other.

    That is all but ring, beep and message, and in the message each masked word with a margin
    for the error of its times. A message in which no word was heard is muted whole.
    """
    message = _Message(payload)
    duration_s = payload["audio"]["duration_s"]
    open_spans = [
        (span["start_s"], span["end_s"])
        for span in payload["segments"]
        if span["kind"] in AUDIBLE and (message.words or span["kind"] != "message")
    ]
    muted = [*_gaps(sorted(open_spans), duration_s), *message.hidden_spans()]
    inside = [(max(0.0, start_s), min(end_s, duration_s)) for start_s, end_s in muted]
    return tuple(_joined(sorted(span for span in inside if span[0] < span[1])))


class _Message:
    """One message: what is known of it, and the mask of each of its words."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = payload
        self.words: Sequence[Mapping[str, Any]] = (payload["transcript"] or {}).get("words", ())
        self._own, self._others = _callback_numbers(payload)
        cased = any(word["text"][:1].isupper() and len(word["text"]) > 1 for word in self.words)
        self.known = _known(payload, self._own, cased=cased or not self.words)
        self.masks = self._word_masks()

    def _word_masks(self) -> list[str | None]:
        stated = [s for number in self._own for s in number["statements"]]
        stay = {k for k, word in enumerate(self.words) if _within(word, stated)}
        found = masks([word["text"] for word in self.words], self.known, stay=stay)
        callback = self._payload["callback"] or {}
        strange = [s for number in self._others for s in number["statements"]]
        strange += [s for s in callback.get("partials", ()) if not self._is_own(s)]
        told = self._payload["signals"].get(SENSITIVE, {}).get("evidence", ())
        for index, word in enumerate(self.words):
            if _within(word, strange):
                found[index] = NUMBER
            elif index not in stay and _within(word, told):
                found[index] = found[index] or DETAIL
        return found

    def _is_own(self, statement: Mapping[str, Any]) -> bool:
        """Whether a partial saying is of a number that stays."""
        return any(
            statement.get("of") == number["digits"] or statement["digits"] in number["digits"]
            for number in self._own
        )

    def hidden_spans(self) -> Iterator[tuple[float, float]]:
        for word, mask in zip(self.words, self.masks, strict=True):
            if mask is not None:
                yield word["start_s"] - MARGIN_S, word["end_s"] + MARGIN_S

    def transcript(self) -> dict[str, Any] | None:
        transcript = self._payload["transcript"]
        if not transcript:
            return None
        words = [
            {**word, "text": with_mask(word["text"], mask)}
            for word, mask in zip(self.words, self.masks, strict=True)
        ]
        told = {"text": self._as_words(transcript["text"], 0, None), "words": words}
        if "digit_sounds" in transcript:  # numbers that are hidden among the words
            told["digit_sounds"] = []
        return {**transcript, **told}

    def _as_words(self, text: str, first: int, end: int | None) -> str:
        """A text as these words say it with their masks, or masked by itself if they do not."""
        words = [word["text"] for word in self.words[first:end]]
        if "".join(text.split()) != "".join("".join(words).split()):
            return masked_text(text, self.known)
        # Whisper parts words where the text has no space: "555", "-0142".
        spaces, offset = set(accumulate(len(piece) for piece in text.split())), 0
        shown, last = "", None
        for word, mask in zip(words, self.masks[first:end], strict=True):
            if mask is not None and mask == last and shown.endswith(mask):  # once for a row of them
                shown = shown.removesuffix(mask)
            elif offset in spaces:
                shown += " "
            shown, last = shown + with_mask(word, mask), mask
            offset += len("".join(word.split()))
        return shown

    def signal(self, name: str, signal: Mapping[str, Any]) -> dict[str, Any]:
        """A signal with its texts masked, that of a sensitive detail altogether."""
        masked: dict[str, Any] = self.masked(signal)
        if name == SENSITIVE:
            masked["evidence"] = [{**one, "text": DETAIL} for one in masked["evidence"]]
        return masked

    def moment(self, moment: Mapping[str, Any]) -> str:
        """The text of a moment, by its words where it is what they say."""
        inside = [k for k, word in enumerate(self.words) if _within(word, [moment])]
        if not inside:
            return masked_text(moment["text"], self.known)
        return self._as_words(moment["text"], inside[0], inside[-1] + 1)

    def callback(self) -> dict[str, Any] | None:
        callback = self._payload["callback"]
        if not callback:
            return None
        partials = [
            {**s, "text": self.moment(s)} if self._is_own(s) else _masked_statement(s)
            for s in callback.get("partials", ())
        ]
        return {
            **callback,
            "numbers": [self._number(number) for number in callback["numbers"]],
            **({"partials": partials} if "partials" in callback else {}),
        }

    def _number(self, number: Mapping[str, Any]) -> dict[str, Any]:
        if number in self._own:
            said = [{**s, "text": self.moment(s)} for s in number["statements"]]
            return {**number, "statements": said}
        return {
            **number,
            "digits": NUMBER,
            "extension": number.get("extension") and NUMBER,
            "statements": [_masked_statement(s) for s in number["statements"]],
        }

    def masked(self, value: Any) -> Any:
        """Any part of the contract with its texts masked."""
        if isinstance(value, str):
            return masked_text(value, self.known)
        if isinstance(value, Mapping):
            masked = {name: self.masked(inner) for name, inner in value.items()}
            if {"start_s", "end_s", "text"} <= value.keys():
                masked["text"] = self.moment(value)
            return masked
        return [self.masked(inner) for inner in value] if isinstance(value, list) else value


def _known(payload: Mapping[str, Any], own: Sequence[Mapping[str, Any]], *, cased: bool) -> Known:
    lead = {name: value for name, value in payload["lead"].items() if isinstance(value, str)}
    proper = {
        name
        for text in lead.values()
        for word in text.split()
        if word.lstrip("\"'([")[:1].isupper() and not word.isupper()
        for name in name_words(word)
    }
    rep = frozenset(name_words(payload["rep"] or ""))
    return Known(
        names=frozenset(name_words(payload["prospect"] or "")),
        proper=frozenset(proper) - NO_NAMES - rep,
        rep=rep,
        numbers=frozenset(digits for number in own for digits in _ways_to_say(number)),
        cased=cased,
    )


def _ways_to_say(number: Mapping[str, Any]) -> Iterator[str]:
    """The digits of a number that stays, as it is and as it was heard, with its extension too."""
    heard = [s["digits"] for s in number["statements"]]
    heard += ["".join(s.get("groups", ())) for s in number["statements"]]
    extension = number.get("extension") or ""
    for digits in {number["digits"], number.get("roster_digits") or "", *heard, extension}:
        if digits.isdecimal() and len(digits) >= LONG_NUMERAL:
            yield digits
            yield digits + extension


def _callback_numbers(
    payload: Mapping[str, Any],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The numbers that stay, and those that are the prospect's own."""
    lead = [_digits(value) for value in payload["lead"].values() if isinstance(value, str)]
    theirs = [digits for digits in lead if len(digits) >= NUMBER_DIGITS]
    own: list[Mapping[str, Any]] = []
    others: list[Mapping[str, Any]] = []
    for number in (payload["callback"] or {}).get("numbers", ()):
        is_roster = number["digits"] == number.get("roster_digits")
        known = not is_roster and any(_same_number(number["digits"], one) for one in theirs)
        (others if known or not number["digits"].isdecimal() else own).append(number)
    return own, others


def _same_number(heard: str, known: str) -> bool:
    """Whether two numbers end alike, but for what a recogniser confuses."""
    length = min(len(heard), len(known))
    if length < NUMBER_DIGITS:
        return False
    return Hamming.distance(heard[-length:], known[-length:]) <= MISHEARD_DIGITS


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _masked_statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **statement,
        "text": NUMBER,
        "digits": NUMBER,
        "groups": [],
        "of": statement.get("of") and NUMBER,
    }


def _masked_path(payload: Mapping[str, Any], known: Known) -> str:
    """The masked path. One that has masks gets a few letters: paths tell messages apart."""
    masked = masked_path(payload["path"], known)
    if masked == payload["path"]:
        return masked
    ending = PurePosixPath(masked).suffix
    return f"{masked.removesuffix(ending)}~{_own_letters(payload)}{ending}"


def _own_letters(payload: Mapping[str, Any]) -> str:
    """Letters that tell a message apart, also from another with the same sound."""
    told = f"{payload['id']}\n{payload['path']}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:PATH_LETTERS].translate(_DIGITS_AS_LETTERS)


def _within(word: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the middle of a word lies in one of the moments."""
    middle_s = (word["start_s"] + word["end_s"]) / 2
    return any(moment["start_s"] <= middle_s <= moment["end_s"] for moment in moments)


def _gaps(spans: Sequence[tuple[float, float]], duration_s: float) -> Iterator[tuple[float, float]]:
    """What lies between the spans, which are in order of their start."""
    reached_s = 0.0
    for start_s, end_s in spans:
        if start_s > reached_s:
            yield reached_s, start_s
        reached_s = max(reached_s, end_s)
    if reached_s < duration_s:
        yield reached_s, duration_s


def _joined(spans: Sequence[tuple[float, float]]) -> Sequence[Interval]:
    """The spans, which are in order of their start, those that touch made one."""
    joined: list[Interval] = []
    for start_s, end_s in spans:
        if joined and start_s <= joined[-1].end_s:
            before = joined.pop()
            joined.append(Interval(before.start_s, max(before.end_s, end_s)))
        else:
            joined.append(Interval(start_s, end_s))
    return joined
