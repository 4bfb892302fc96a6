"""Replays transcripts that exist already: for tests and for text-only audits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from vmaudit.asr.protocol import Passage
from vmaudit.records import DigitReading, DigitStretch, Transcript


class ScriptedTranscriber:
    """Answers with the transcript, and the readings, kept under the passage's content id.

    A passage without speech, or without an entry, gets an empty transcript. A stretch gets
    the readings that overlap it, as its own.
    """

    def __init__(
        self,
        transcripts: Mapping[str, Transcript],
        readings: Mapping[str, Sequence[DigitReading]] | None = None,
        *,
        version: str = "scripted",
    ) -> None:
        self._transcripts = transcripts
        self._readings = readings or {}
        self._version = version

    @property
    def version(self) -> str:
        """The name given at construction."""
        return self._version

    def transcribe(
        self, passages: Iterable[Passage]
    ) -> Iterator[tuple[Passage, Transcript | Exception]]:
        """Look each passage up, in the order given."""
        for passage in passages:
            yield passage, self._find(passage)

    def spell(self, passage: Passage, stretch: DigitStretch) -> tuple[DigitReading, ...]:
        """Look up what overlaps the stretch."""
        return tuple(
            replace(reading, start_s=stretch.start_s, end_s=stretch.end_s)
            for reading in self._readings.get(passage.id, ())
            if reading.start_s < stretch.end_s and reading.end_s > stretch.start_s
        )

    def _find(self, passage: Passage) -> Transcript:
        known = self._transcripts.get(passage.id)
        if known is None or not passage.speech:
            return Transcript("", language="en", model=self._version, confidence=None, words=())
        return known
