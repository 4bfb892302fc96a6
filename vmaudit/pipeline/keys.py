"""Digests of all that a stage's result depends on: equal keys, equal results.

A changed model, option or roster row changes the keys of just the stages that use it, so
that a later run does again only what it must. Raise a stage's version here when its code
gives other results for the same input.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from vmaudit.config import Config
from vmaudit.records import Channel, Recording, Rep, to_json

SPEECH_STAGE_VERSION = 7
DELIVERY_STAGE_VERSION = 5
FINGERPRINT_STAGE_VERSION = 1
AUDIT_STAGE_VERSION = 3


def speech_key(config: Config, transcriber_version: str, channel: Channel | None) -> str:
    """Key of decoding, isolation, transcription and the second hearing of digits.

    ``channel`` is the recording's own, where it has one: it comes before the configured one.
    The region says which digits are a whole number, and so which are heard again.
    """
    return _digest(
        SPEECH_STAGE_VERSION,
        transcriber_version,
        channel or config.audio.channel,
        config.audio.raw_codec,
        config.speech.model_dump(),
        config.asr.precision,
        config.asr.language,
        config.content.region,
        config.asr.verbatim,
    )


def delivery_key(speech: str) -> str:
    """Key of the delivery features over what ``speech`` names.

    They and the fingerprint are taken in one pass over the audio, so another kind of
    fingerprint changes this key too.
    """
    return _digest(DELIVERY_STAGE_VERSION, FINGERPRINT_STAGE_VERSION, speech)


def fingerprint_key() -> str:
    """Key of what fingerprints can be compared with: all of one kind, whatever else changed."""
    return _digest(FINGERPRINT_STAGE_VERSION)


def audit_key(delivery: str, config: Config, recording: Recording, rep: Rep | None) -> str:
    """Key of the audit of one recording; its scores are kept up to date by themselves."""
    return _digest(
        AUDIT_STAGE_VERSION,
        delivery,
        config.content.model_dump(),
        to_json(recording.metadata),
        to_json(rep) if rep else None,
    )


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
