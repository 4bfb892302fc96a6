"""What only other messages tell: the same audio or words elsewhere, the rep's usual way.

It is said of all audits of a store anew, since one more message may change it for any other.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import median
from typing import Any

from vmaudit.content import Likeness, find_canned
from vmaudit.isolation.fingerprint import Fingerprint
from vmaudit.isolation.twins import find_twins
from vmaudit.records import Evidence, Outcome, Signal, audit_from_json, to_json
from vmaudit.scoring import CANNED, Judge
from vmaudit.store import Store, StoredAudit

FINGERPRINT = "fingerprint"  # the stage under which the store keeps them
MAX_TWINS_NAMED = 10
MIN_MESSAGES = 8  # fewer give no usual way: their median still wanders
COMPARED = (
    "words_per_minute",
    "syllables_per_second",
    "fillers_per_minute",
    "pauses_per_minute",
    "level_dbfs",
    "loudness_lufs",
    "spectral_balance_db",
    "pitch_median_hz",
    "pitch_sd_semitones",
)
_PRERECORDED: Outcome = "prerecorded"

Medians = Mapping[str, Mapping[str, float]]  # by rep, then by name of the value


def relate(store: Store, fingerprint_key: str, judge: Judge) -> None:
    """Say in every audit what the others have to do with it; write those where that is new.

    What ``judge`` has not scored yet is scored anew, and so is a message that turns out to be
    canned. Copies of one file count neither as the same audio left twice nor as the same words.
    """
    others = _Others(
        _same_audio(store, fingerprint_key),
        usual_delivery(store.audits()),
        _canned(store.audits()),
    )
    store.amend(lambda audit: _related(audit, others, judge))


@dataclass(frozen=True, slots=True)
class _Others:
    """What all messages together tell of each: of content ids but ``usual``, which is by rep.

    ``same_audio`` has the paths of other content; ``canned`` the message with almost its words.
    """

    same_audio: Mapping[str, Sequence[str]]
    usual: Medians
    canned: Mapping[str, Likeness]


def usual_delivery(audits: Iterable[StoredAudit]) -> Medians:
    """Each rep's median of what is compared, over ``MIN_MESSAGES`` or more scored messages."""
    values: dict[tuple[str, str], array[float]] = {}
    counted: set[tuple[str, str]] = set()  # copies of one file are one message
    for audit in audits:
        rep, delivery = audit.payload["rep"], audit.payload["delivery"]
        if rep is None or not delivery or audit.payload["status"] != "scored":
            continue
        if (rep, audit.content_id) in counted:
            continue
        counted.add((rep, audit.content_id))
        for name in COMPARED:
            value = delivery[name]
            if value is not None:
                values.setdefault((rep, name), array("d")).append(value)
    medians: dict[str, dict[str, float]] = {}
    for (rep, name), found in values.items():
        if len(found) >= MIN_MESSAGES:
            medians.setdefault(rep, {})[name] = median(found)
    return medians


def _related(audit: StoredAudit, others: _Others, judge: Judge) -> dict[str, Any]:
    payload = audit.payload
    same_audio_as = others.same_audio.get(audit.content_id, ())
    kept = [outcome for outcome in payload["outcomes"] if outcome != _PRERECORDED]
    related: dict[str, Any] = {
        **payload,
        "outcomes": [*kept, _PRERECORDED] if same_audio_as else kept,
        "same_audio_as": list(same_audio_as),
        "relative_to_rep": _differences(payload, others.usual),
        "signals": _signals(payload, others.canned.get(audit.content_id)),
    }
    if related["signals"] != payload["signals"] or not judge.made(payload["versions"]):
        scored: dict[str, Any] = to_json(judge.rescore(audit_from_json(related)))
        return scored
    return related


def _signals(payload: Mapping[str, Any], canned: Likeness | None) -> dict[str, Any]:
    signals = {name: found for name, found in payload["signals"].items() if name != CANNED}
    words = (payload["transcript"] or {}).get("words")
    if canned is None or not words:
        return signals
    evidence = Evidence(
        words[0]["start_s"], words[-1]["end_s"], f"almost the words of {canned.other}"
    )
    return {**signals, CANNED: to_json(Signal(canned.similarity, (evidence,)))}


def _differences(payload: Mapping[str, Any], usual: Medians) -> dict[str, float]:
    delivery = payload["delivery"]
    if delivery is None:
        return {}
    return {
        name: round(delivery[name] - middle, 4)
        for name, middle in usual.get(payload["rep"], {}).items()
        if delivery[name] is not None
    }


def _canned(audits: Iterable[StoredAudit]) -> dict[str, Likeness]:
    """By content id, the message of the same rep with almost the same words; named by its path."""
    texts: dict[str, dict[str, str]] = {}
    paths: dict[str, str] = {}
    for audit in audits:
        rep = audit.payload["rep"]
        if rep is not None and audit.payload["status"] == "scored":
            texts.setdefault(rep, {})[audit.content_id] = audit.payload["transcript"]["text"]
            paths.setdefault(audit.content_id, audit.path)
    return {
        content_id: replace(found, other=paths[found.other])
        for by_rep in texts.values()
        for content_id, found in find_canned(by_rep).items()
    }


def _same_audio(store: Store, key: str) -> dict[str, list[str]]:
    """By content id, the paths of other content with the same audio, the first few in order.

    Over all audits of the store, also those of files that are gone: what was left twice stays
    left twice.
    """
    paths: dict[str, list[str]] = {}
    for path, (content_id, _) in store.audit_keys().items():
        paths.setdefault(content_id, []).append(path)
    taken = (
        (content_id, Fingerprint.from_text(text))
        for content_id, text in store.stage_payloads(FINGERPRINT, key)
        if content_id in paths
    )
    same: dict[str, list[str]] = {}
    for group in find_twins(taken):
        listed = sorted((path, content_id) for content_id in group for path in paths[content_id])
        for content_id in group:
            others = (path for path, owner in listed if owner != content_id)
            same[content_id] = list(islice(others, MAX_TWINS_NAMED))
    return same
