"""What can be said of a message only among others: the same audio elsewhere, the rep's usual way.

It is said of all audits of a store anew, since one more message may change it for any other.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from statistics import median
from typing import Any

from vmaudit.isolation.fingerprint import Fingerprint
from vmaudit.isolation.twins import find_twins
from vmaudit.records import Audit, Outcome
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
_FIELDS = tuple(field.name for field in dataclasses.fields(Audit))

Medians = Mapping[str, Mapping[str, float]]  # by rep, then by name of the value


def relate(store: Store, fingerprint_key: str) -> None:
    """Say in every audit what the others have to do with it; write those where that is new.

    Copies of one file do not count as the same audio left twice.
    """
    same_audio = _same_audio(store, fingerprint_key)
    usual = usual_delivery(store.audits())
    store.amend(lambda audit: _related(audit, same_audio.get(audit.content_id, ()), usual))


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
            value = delivery.get(name)  # an older vmaudit did not measure all of them
            if value is not None:
                values.setdefault((rep, name), array("d")).append(value)
    medians: dict[str, dict[str, float]] = {}
    for (rep, name), found in values.items():
        if len(found) >= MIN_MESSAGES:
            medians.setdefault(rep, {})[name] = median(found)
    return medians


def _related(audit: StoredAudit, same_audio_as: Sequence[str], usual: Medians) -> dict[str, Any]:
    payload = audit.payload
    kept = [outcome for outcome in payload.get("outcomes", ()) if outcome != _PRERECORDED]
    related = {
        **payload,
        "outcomes": [*kept, _PRERECORDED] if same_audio_as else kept,
        "same_audio_as": list(same_audio_as),
        "relative_to_rep": _differences(payload, usual),
    }
    return {name: related[name] for name in _FIELDS if name in related}


def _differences(payload: Mapping[str, Any], usual: Medians) -> dict[str, float]:
    delivery = payload["delivery"] or {}
    return {
        name: round(delivery[name] - middle, 4)
        for name, middle in usual.get(payload["rep"], {}).items()
        if delivery.get(name) is not None
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
