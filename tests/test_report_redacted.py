"""A redacted report: nothing on its pages, and nothing to be heard, tells who was called."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from helpers import SAMPLES
from stored_audits import SAMPLE, made_up_audit, place_recordings, store_of

from vmaudit.records import Audit, Failure, Interval, to_json
from vmaudit.report import muted_intervals
from vmaudit.report.pages import build_report, bundle_report
from vmaudit.report.pages.transcode import RATE_HZ, to_mp3
from vmaudit.scoring import load_rubric

RUBRIC = load_rubric()


@pytest.fixture
def audit() -> Audit:
    audit = replace(
        made_up_audit(random.Random(1), 0), prospect="Angela Vega", path="nina/angela_vega.wav"
    )
    assert audit.transcript
    words = list(audit.transcript.words)
    words[1] = replace(words[1], text="Angela")
    text = " ".join(word.text for word in words)
    return replace(
        audit,
        transcript=replace(audit.transcript, text=text, words=tuple(words)),
        lead={"notes": "Angela wants a quote", "attempt": 2},
        greeting_text="You have reached Angela",
    )


def samples_of(sound: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Mono, in [-1, 1]; MP3 begins with silence of its own, which decoders take away."""
    with av.open(str(sound)) as wanted:
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE_HZ)
        frames = [part for frame in wanted.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]) / 32768


def level(samples: np.ndarray[tuple[int], np.dtype[np.float64]], span: Interval) -> float:
    """RMS of the middle of a stretch, away from the edges that MP3 smears."""
    middle = samples[int((span.start_s + 0.1) * RATE_HZ) : int((span.end_s - 0.1) * RATE_HZ)]
    return float(np.sqrt(np.mean(middle**2)))


def test_pages_tell_nobody_who_was_called_and_link_no_sound(tmp_path: Path, audit: Audit) -> None:
    recordings = place_recordings(tmp_path / "Vega calls", [audit])
    failure = Failure("nina/angela_2.wav", "decode", "cannot read angela_2.wav")
    store = store_of(tmp_path / "out", [audit], failures=[failure], recordings=recordings)
    report = build_report(store, tmp_path / "report", RUBRIC, redacted=True).parent
    plain = build_report(store, tmp_path / "plain", RUBRIC).parent
    store.close()

    def found(folder: Path) -> list[str]:
        texts = [path.name + path.read_text() for path in folder.rglob("*.*") if path.is_file()]
        return [text for text in texts if "angela" in text.lower() or "vega" in text.lower()]

    assert found(plain)
    assert found(report) == []
    pages = [path.read_text(encoding="utf-8") for path in report.rglob("*.html")]
    assert not any("<audio" in page or "data-audio" in page for page in pages)
    assert all("Redacted by rules" in page for page in pages)


def test_bundle_is_muted_where_it_must_be(tmp_path: Path, audit: Audit) -> None:
    recordings = place_recordings(tmp_path / "calls", [audit])
    store = store_of(tmp_path / "out", [audit], recordings=recordings)
    bundle_report(store, tmp_path / "report.zip", RUBRIC, redacted=True)
    store.close()
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        (name,) = (name for name in archive.namelist() if name.startswith("report/audio/"))
        sound = Path(archive.extract(name, tmp_path))
    heard, original = samples_of(sound), samples_of(SAMPLES / SAMPLE)
    muted = muted_intervals(to_json(audit))
    assert audit.transcript
    word = audit.transcript.words[1]
    assert any(m.start_s <= word.start_s and word.end_s <= m.end_s for m in muted)
    for span in muted:
        if span.duration_s > 0.4:
            assert level(heard, span) < 1e-3
    open_s = Interval(muted[-2].end_s, muted[-1].start_s)
    assert level(heard, open_s) == pytest.approx(level(original, open_s), rel=0.2)


def test_copies_of_one_recording_are_muted_each_by_its_own_lead(
    tmp_path: Path, audit: Audit
) -> None:
    other = replace(audit, path="marcus/1.wav", rep="marcus", prospect="Per Harborview")
    recordings = place_recordings(tmp_path / "calls", [other, audit])
    store = store_of(tmp_path / "out", [other, audit], recordings=recordings)
    report = build_report(store, tmp_path / "report", RUBRIC, audio="copy", redacted=True).parent
    store.close()
    assert muted_intervals(to_json(other)) != muted_intervals(to_json(audit))
    assert len(list((report / "audio").iterdir())) == 2


def test_of_two_parties_the_other_is_not_heard(tmp_path: Path) -> None:
    loud, silent = np.full(RATE_HZ, 12000, np.int16), np.zeros(RATE_HZ, np.int16)
    source = tmp_path / "two.wav"
    with av.open(str(source), "w") as made:
        stream = made.add_stream("pcm_s16le", rate=RATE_HZ, layout="stereo")
        tone = (loud * np.sin(np.arange(RATE_HZ) / 5)).astype(np.int16)
        both = np.stack([silent, tone], axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    info = replace(made_up_audit(random.Random(1), 0).audio, channels=2, channel="left")
    to_mp3(source, tmp_path / "left.mp3", info)
    to_mp3(source, tmp_path / "right.mp3", replace(info, channel="right"))
    whole = Interval(0.0, 1.0)
    assert level(samples_of(tmp_path / "left.mp3"), whole) < 1e-3
    assert level(samples_of(tmp_path / "right.mp3"), whole) > 0.2
