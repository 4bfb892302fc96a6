"""Isolation: tones with known frequency and time, voices made of moving harmonics."""

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import isolated, words_in

import vmaudit.isolation
from vmaudit.audio import decode
from vmaudit.config import AudioOptions, SpeechOptions
from vmaudit.isolation import survey
from vmaudit.isolation.signals import classify
from vmaudit.isolation.tones import HOP_S, steady_tones
from vmaudit.records import SAMPLE_RATE_HZ, FilledPause, Interval
from vmaudit.speech import VoiceActivity

AUDIO = Path(__file__).resolve().parents[2] / "shared" / "audio"
EDGE_S = 0.025  # edges of tones are good to about 20 ms

US_RING = (440.0, 480.0)
UK_RING = (400.0, 450.0)
BUSY = (480.0, 620.0)
DIAL = (350.0, 440.0)


def tone(frequencies_hz, duration_s, amplitude=0.2):
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    waves = [np.sin(2 * np.pi * f * time_s) for f in frequencies_hz]
    return (amplitude * np.sum(waves, axis=0)).astype(np.float32)


def pause(duration_s):
    return np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)


def voice(duration_s, pitch_hz=140.0):
    """Twenty harmonics whose pitch swings by a fifth, loudest near 500 Hz, in syllables."""
    time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    pitch = pitch_hz * (1 + 0.2 * np.sin(2 * np.pi * 2.3 * time_s))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE_HZ
    orders = range(1, 21)
    weights = [1 / (1 + ((k * pitch_hz - 500) / 400) ** 2) for k in orders]
    waves = [w * np.sin(k * phase) for k, w in zip(orders, weights, strict=True)]
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * time_s)
    return (0.05 * syllables * np.sum(waves, axis=0)).astype(np.float32)


def call(*parts):
    """Join the parts; return the samples, the time of each part, and where voices are."""
    samples, times, speech, at_s = [], [], [], 0.0
    for kind, sound in parts:
        end_s = at_s + len(sound) / SAMPLE_RATE_HZ
        times.append(Interval(at_s, end_s))
        if kind == "voice":
            speech.append(Interval(at_s, end_s))
        samples.append(sound)
        at_s = end_s
    return np.concatenate(samples), times, tuple(speech)


def isolate(samples, speech, says=None):
    """Isolate with known voice activity; every stretch of speech has words."""
    return (isolated(samples, speech, says) if says else isolated(samples, speech)).isolation


def same_speech(found, expected):
    edges = [(one.start_s, one.end_s) for one in found]
    return edges == [pytest.approx((one.start_s, one.end_s), abs=EDGE_S) for one in expected]


def kinds(isolation):
    return [span.kind for span in isolation.spans]


def signals(samples):
    return classify(steady_tones(samples))


def whole_call(beep_hz=1000.0, beep_s=0.5):
    return call(
        ("ring", tone(US_RING, 2.0)),
        ("gap", pause(1.0)),
        ("voice", voice(2.0)),
        ("gap", pause(0.4)),
        ("beep", tone((beep_hz,), beep_s)),
        ("gap", pause(0.5)),
        ("voice", voice(1.5, 180.0)),
        ("gap", pause(0.5)),
        ("voice", voice(1.0, 180.0)),
        ("gap", pause(1.0)),
    )


@settings(max_examples=40, deadline=None)
@given(st.floats(600, 2000), st.floats(0.15, 1.5), st.floats(-50, 0), st.integers(0, 2**32 - 1))
def test_a_beep_is_found_where_it_is(frequency_hz, duration_s, level_db, seed):
    samples = np.concatenate((pause(0.5), tone((frequency_hz,), duration_s), pause(0.5)))
    noise = np.random.default_rng(seed).normal(0, 0.2 / np.sqrt(2) * 10 ** (-15 / 20), len(samples))
    heard = ((samples + noise) * 10 ** (level_db / 20)).astype(np.float32)
    (found,) = signals(heard)
    assert found.kind == "beep"
    assert found.start_s == pytest.approx(0.5, abs=EDGE_S)
    assert found.end_s == pytest.approx(0.5 + duration_s, abs=EDGE_S)
    assert found.frequency_hz == pytest.approx(frequency_hz, abs=5)


@pytest.mark.parametrize("frequency_hz", [600.0, 1000.0, 1900.0])
@pytest.mark.parametrize("gap_s", [0.0, 0.05])
def test_a_short_tone_next_to_a_voice_is_no_beep(frequency_hz, gap_s):
    beep = tone((frequency_hz,), 0.2, amplitude=0.1)
    apart = [voice(1.0), pause(0.25), beep, pause(0.25), voice(1.0)]
    assert [found.kind for found in signals(np.concatenate(apart))] == ["beep"]
    for side in (1, 3):
        near = [*apart[:side], pause(gap_s), *apart[side + 1 :]]
        assert signals(np.concatenate(near)) == ()


@pytest.mark.parametrize("frequency_hz", [420.0, 450.0, 520.0])
def test_a_short_tone_as_low_as_a_vowel_is_a_beep_only_if_it_does_not_waver(frequency_hz):
    def alone(duration_s, wobble_hz=0.0):
        time_s = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        phase = frequency_hz * time_s + wobble_hz / 40 * np.sin(2 * np.pi * 20 * time_s)
        sound = (0.2 * np.sin(2 * np.pi * phase)).astype(np.float32)
        return np.concatenate((pause(0.5), sound, pause(0.5)))

    assert [found.kind for found in signals(alone(0.15))] == ["beep"]
    assert [found.kind for found in signals(alone(0.5))] == ["beep"]
    assert signals(alone(0.15, wobble_hz=15.0)) == ()


def test_two_lines_in_a_voice_do_not_hang_up():
    parts = [voice(1.0), tone(DIAL, 0.22, amplitude=0.1), voice(1.0)]
    assert signals(np.concatenate(parts)) == ()
    parts[1:1], parts[-1:-1] = [pause(0.25)], [pause(0.25)]
    assert [found.kind for found in signals(np.concatenate(parts))] == ["hangup"]


@pytest.mark.parametrize("duration_s", [0.05, 0.08, 0.09])
def test_a_tone_below_a_tenth_of_a_second_is_no_beep(duration_s):
    sound = np.concatenate((pause(0.5), tone((1000.0,), duration_s), pause(0.5)))
    assert signals(sound) == ()


@pytest.mark.parametrize("gap_s", [0.1, 0.2])
def test_a_triple_beep_is_three_beeps(gap_s):
    burst = np.concatenate((tone((1000.0,), 0.15), pause(gap_s)))
    sound = np.concatenate((pause(0.5), np.tile(burst, 3), pause(0.5)))
    assert [found.kind for found in signals(sound)] == ["beep"] * 3


def test_an_overdriven_beep_is_a_beep():
    clipped = np.clip(tone((800.0,), 0.4, amplitude=1.0), -0.4, 0.4)
    (found,) = signals(np.concatenate((pause(0.3), clipped, pause(0.3))))
    assert found.kind == "beep"
    assert found.frequency_hz == pytest.approx(800, abs=5)


@pytest.mark.parametrize(
    ("frequencies_hz", "duration_s", "kind"),
    [
        (US_RING, 2.0, "ring"),
        (US_RING, 0.5, "ring"),
        (UK_RING, 0.4, "ring"),
        ((425.0,), 1.0, "ring"),
        (BUSY, 0.5, "hangup"),
        (BUSY, 0.25, "hangup"),
        (DIAL, 3.0, "hangup"),
        ((697.0, 1209.0), 0.1, "dtmf"),
        ((941.0, 1477.0), 0.2, "dtmf"),
        ((2100.0,), 3.0, "other"),
        ((120.0,), 3.0, "other"),
    ],
)
def test_signals_of_the_line_have_their_names(frequencies_hz, duration_s, kind):
    samples = np.concatenate((pause(0.5), tone(frequencies_hz, duration_s), pause(0.5)))
    (found,) = signals(samples)
    assert found.kind == kind
    assert found.start_s == pytest.approx(0.5, abs=EDGE_S)
    assert found.end_s == pytest.approx(0.5 + duration_s, abs=EDGE_S)


def test_a_fax_machine_calling_is_no_beep():
    burst = np.concatenate((tone((1100.0,), 0.5), pause(3.0)))
    assert [found.kind for found in signals(np.tile(burst, 4))] == ["other"] * 4


def test_a_melody_is_no_beep():
    scale_hz = (523.3, 587.3, 659.3, 784.0, 659.3, 523.3)
    notes = [np.concatenate((tone((f,), 0.3), pause(0.05))) for f in scale_hz]
    assert [found.kind for found in signals(notes[0])] == ["beep"]
    assert signals(np.concatenate(notes)) == ()


@pytest.mark.parametrize("pitch_hz", [90.0, 140.0, 210.0, 300.0, 450.0])
def test_a_voice_is_no_tone(pitch_hz):
    assert signals(voice(5.0, pitch_hz)) == ()


def test_noise_is_no_tone():
    noise = np.random.default_rng(3).normal(0, 0.1, 10 * SAMPLE_RATE_HZ).astype(np.float32)
    assert steady_tones(noise) == ()


@pytest.mark.parametrize("beep_hz", [600.0, 1000.0, 1400.0])
@pytest.mark.parametrize("beep_s", [0.15, 0.5, 1.0])
def test_a_whole_call(beep_hz, beep_s):
    samples, times, speech = whole_call(beep_hz, beep_s)
    found = isolate(samples, speech)
    assert kinds(found) == ["ring", "greeting", "beep", "message", "tail"]
    assert found.message is not None
    assert found.message.start_s == pytest.approx(times[6].start_s, abs=0.15)
    assert found.message.end_s == pytest.approx(times[8].end_s, abs=0.15)
    assert same_speech(found.speech, speech[1:])
    assert found.reasons == ()
    greeting = found.spans[1]
    assert (greeting.start_s, greeting.end_s) == (speech[0].start_s, speech[0].end_s)


def test_a_filled_pause_is_speech_where_voice_activity_hears_none():
    samples, times, speech = whole_call()
    message = times[6]
    first = FilledPause(message.start_s - 0.4, message.start_s - 0.1, 0.9)
    within = FilledPause(times[7].start_s + 0.1, times[7].start_s + 0.3, 0.9)
    into_beep = FilledPause(times[4].start_s - 0.3, times[4].start_s + 0.3, 0.9)
    found = isolated(samples, speech, filled_pauses=(into_beep, first, within)).isolation
    assert kinds(found) == ["ring", "greeting", "beep", "message", "tail"]
    assert found.message is not None
    assert found.message.start_s == pytest.approx(first.start_s - 0.1, abs=EDGE_S)
    assert same_speech(found.speech, (first, message, within, times[8]))


def test_bursts_of_ringing_are_one_span():
    ringing = [("ring", tone(UK_RING, 0.4)), ("gap", pause(0.2)), ("ring", tone(UK_RING, 0.4))]
    samples, times, speech = call(*ringing, ("gap", pause(2)), *ringing, ("voice", voice(2)))
    found = isolate(samples, speech)
    assert kinds(found) == ["ring", "message"]
    assert found.spans[0].end_s == pytest.approx(times[6].end_s, abs=EDGE_S)


def test_without_a_beep_all_speech_is_the_message():
    samples, _, speech = call(("gap", pause(1)), ("voice", voice(2)), ("voice", voice(1, 200)))
    found = isolate(samples, speech)
    assert kinds(found) == ["message"]
    assert same_speech(found.speech, speech)


def test_the_beep_that_ends_the_recording_is_in_the_tail():
    samples, times, speech = call(
        ("voice", voice(2)),
        ("beep", tone((1000.0,), 0.4)),
        ("voice", voice(3, 200)),
        ("gap", pause(0.3)),
        ("beep", tone((1000.0,), 0.4)),
        ("gap", pause(1)),
    )
    found = isolate(samples, speech)
    assert kinds(found) == ["greeting", "beep", "message", "tail"]
    assert found.spans[-1].start_s <= times[4].start_s
    assert found.spans[-1].end_s == pytest.approx(times[5].end_s)


def test_the_message_ends_where_the_line_is_hung_up():
    samples, times, speech = call(
        ("voice", voice(2)),
        ("busy", np.tile(np.concatenate((tone(BUSY, 0.5), pause(0.5))), 3)),
        ("voice", voice(2, 220)),
    )
    found = isolate(samples, speech)
    assert kinds(found) == ["message", "tail"]
    assert found.message is not None
    assert found.message.end_s == pytest.approx(times[1].start_s, abs=EDGE_S)
    assert same_speech(found.speech, (Interval(0.0, 2.0),))


def test_nothing_said_after_the_beep():
    samples, _, speech = call(
        ("voice", voice(2)), ("beep", tone((1000.0,), 0.4)), ("gap", pause(5))
    )
    found = isolate(samples, speech)
    assert (found.message, found.speech) == (None, ())
    assert found.reasons == ("no speech after the beep",)
    assert kinds(found) == ["greeting", "beep", "tail"]


def ends_with_a_beep(spoken_s, *, after_s=0.5, first=()):
    """A call in which ``spoken_s`` of voice, with a pause, is followed by the only beep."""
    half = voice(spoken_s / 2 - 0.5)
    return call(
        *first,
        ("voice", half),
        ("gap", pause(1.0)),
        ("voice", half),
        ("gap", pause(0.4)),
        ("beep", tone((1000.0,), 0.4)),
        ("gap", pause(after_s)),
    )


def says_a_message(_):
    return "hi ted this is nina with harborview motors i am calling about the truck you asked for"


def says_a_greeting(_):
    return "you have reached ted marsh please leave a message after the beep"


def test_a_message_may_be_ended_by_the_only_beep():
    samples, times, speech = ends_with_a_beep(9.0)
    found = isolate(samples, speech, says_a_message)
    assert kinds(found) == ["message", "tail"]
    assert found.reasons == ()
    assert found.outcomes == ("left_message",)
    assert same_speech(found.speech, speech)
    assert found.message is not None
    assert found.message.end_s <= times[4].start_s


@pytest.mark.parametrize(
    ("spoken_s", "options"),
    [
        (5.0, {}),
        (35.0, {"after_s": 3.0}),
        (35.0, {"first": (("ring", tone(US_RING, 2.0)), ("gap", pause(1)))}),
    ],
)
def test_a_greeting_before_the_last_beep_is_no_message(spoken_s, options):
    samples, _, speech = ends_with_a_beep(spoken_s, **options)
    found = isolated(samples, speech, says_a_greeting)
    assert found.isolation.message is None
    assert found.isolation.reasons == ("no speech after the beep",)
    assert found.isolation.outcomes == ("no_speech",)
    assert not found.words
    assert len(found.greeting) > 10


def test_between_two_beeps_is_the_message_however_short():
    first = (("beep", tone((1000.0,), 0.4)), ("gap", pause(0.5)))
    found = isolate(*ends_with_a_beep(9.0, first=first)[::2])
    assert kinds(found) == ["beep", "message", "tail"]


@pytest.mark.parametrize(
    ("sound", "heard_s", "reason"),
    [
        (pause(3), None, "no speech"),
        (pause(0), None, "no speech"),
        (tone(DIAL, 3), None, "only tones"),
        (tone(DIAL, 3), (0.0, 3.0), "only tones"),
        (np.concatenate((pause(1), voice(0.2), pause(1))), (1.0, 1.2), "too little speech"),
    ],
)
def test_why_there_is_no_message(sound, heard_s, reason):
    found = isolate(sound, (Interval(*heard_s),) if heard_s else ())
    assert found.message is None
    assert found.reasons == (reason,)


def test_a_brief_false_alarm_on_steady_sound_is_dropped():
    noise = np.random.default_rng(5).normal(0, 0.05, 5 * SAMPLE_RATE_HZ).astype(np.float32)
    found = isolate(noise, (Interval(2.0, 2.4),))
    assert found.message is None
    assert found.reasons == ("no speech",)


def test_one_brief_word_is_kept():
    samples, _, speech = call(("gap", pause(1)), ("voice", voice(0.4)), ("gap", pause(1)))
    assert same_speech(isolate(samples, speech).speech, speech)


@pytest.mark.parametrize("gain", [0.1, 0.001])
def test_level_does_not_matter(gain):
    samples, _, speech = whole_call()
    loud, quiet = isolate(samples, speech), isolate(samples * np.float32(gain), speech)
    assert kinds(quiet) == kinds(loud)
    for one, other in zip(loud.spans, quiet.spans, strict=True):
        assert (other.start_s, other.end_s) == (one.start_s, one.end_s)


def test_silence_in_front_shifts_everything():
    samples, _, speech = whole_call()
    plain = isolate(samples, speech)
    late = isolate(
        np.concatenate((pause(1), samples)),
        tuple(Interval(i.start_s + 1, i.end_s + 1) for i in speech),
    )
    assert kinds(late) == kinds(plain)
    for one, other in zip(plain.spans, late.spans, strict=True):
        assert other.start_s == pytest.approx(one.start_s + 1, abs=HOP_S + 1e-9)
        assert other.end_s == pytest.approx(one.end_s + 1, abs=HOP_S + 1e-9)


def test_the_message_cut_out_is_all_message():
    samples, _, speech = whole_call()
    message = isolate(samples, speech).message
    assert message is not None
    first = round(message.start_s * SAMPLE_RATE_HZ)
    cut = samples[first : round(message.end_s * SAMPLE_RATE_HZ)]
    shifted = [Interval(i.start_s - message.start_s, i.end_s - message.start_s) for i in speech[1:]]
    again = isolate(cut, shifted)
    assert kinds(again) == ["message"]
    assert again.message is not None
    assert again.message.duration_s == pytest.approx(message.duration_s, abs=HOP_S)


PARTS = st.sampled_from(
    [
        ("ring", tone(US_RING, 1.0)),
        ("beep", tone((1000.0,), 0.3)),
        ("busy", tone(BUSY, 0.5)),
        ("dtmf", tone((770.0, 1336.0), 0.1)),
        ("voice", voice(0.5)),
        ("voice", voice(0.2)),
        ("gap", pause(0.4)),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=9))
def test_spans_are_ordered_disjoint_and_inside(parts):
    samples, _, speech = call(*parts)
    found = isolate(samples, speech)
    edges = [edge for span in found.spans for edge in (span.start_s, span.end_s)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(samples) / SAMPLE_RATE_HZ + 1e-9 for edge in edges)
    assert (found.message is None) == bool(found.reasons)
    assert (found.message is None) == ("message" not in kinds(found))
    if found.message is not None:
        assert sum(i.duration_s for i in found.speech) >= 0.3
        assert all(found.message.start_s <= i.start_s for i in found.speech)
        assert all(i.end_s <= found.message.end_s for i in found.speech)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-30, 1.0, 1e6]))
def test_any_short_array_is_taken(length, seed, scale):
    samples = (np.random.default_rng(seed).normal(size=length) * scale).astype(np.float32)
    assert isolate(samples, ()).reasons == ("no speech",)


@pytest.mark.parametrize("bad", [np.zeros((2, 9), np.float32), np.array([np.nan], np.float32)])
def test_refuses_what_is_no_waveform(bad):
    with pytest.raises(ValueError, match="finite"):
        isolate(bad, ())


def test_voice_activity_is_asked_without_the_tones():
    samples, times, _ = whole_call()
    asked = []

    def detect(muted):
        asked.append(muted)
        return ()

    survey(samples, detect)
    muted = np.concatenate(asked)
    assert muted.shape == samples.shape
    for index in (0, 4):
        first, last = (
            round(t * SAMPLE_RATE_HZ) for t in (times[index].start_s, times[index].end_s)
        )
        assert np.abs(muted[first:last]).max() < 0.01 + np.abs(samples).max() / 2
        assert np.square(muted[first:last]).sum() < 0.01 * np.square(samples[first:last]).sum()
    first = round(times[6].start_s * SAMPLE_RATE_HZ)
    assert np.array_equal(muted[first:], samples[first:])
    assert np.array_equal(samples, whole_call()[0])


# What follows needs the human recordings.


def manifest(*sets):
    path = AUDIO / "manifest.csv"
    if not path.exists():
        pytest.skip(f"no human recordings at {AUDIO}")
    with path.open(encoding="utf-8", newline="") as file:
        return [row["path"] for row in csv.DictReader(file) if row["set"] in sets]


@pytest.fixture
def telephone(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / "tools"))
    return importlib.import_module("telephone")


@pytest.fixture(scope="module")
def activity():
    return VoiceActivity(SpeechOptions())


def audit(path, activity):
    samples = decode(AUDIO / path, AudioOptions()).samples
    scene = survey(samples, activity.detect)
    return vmaudit.isolation.isolate(scene, samples, words_in(scene)).isolation


@pytest.mark.human
@pytest.mark.parametrize("name", ["azure_voicemail", "an4", "speechocean762", "digits_misc"])
def test_no_human_message_is_lost_and_no_beep_is_heard_in_it(name, activity):
    for path in manifest(name):
        found = audit(path, activity)
        assert found.message is not None, path
        assert set(kinds(found)) <= {"message", "tail"}, path


@pytest.mark.human
def test_hardly_any_sound_without_speech_has_a_message(activity):
    paths = [path for path in manifest("nonspeech") if "header_only" not in path]
    kept = [path for path in paths if audit(path, activity).message is not None]
    assert len(paths) > 40
    assert len(kept) <= 4, kept


@pytest.mark.human
@pytest.mark.parametrize("codec", ["wav-mulaw", "wav-gsm", "amr"])
def test_composed_calls_begin_where_the_message_begins(codec, activity, telephone, tmp_path):
    rng = np.random.default_rng(7)
    voices = [decode(AUDIO / path, AudioOptions()).samples for path in manifest("an4")]
    hits = 0
    for index in range(30):
        greeting, message = (voices[int(k)] for k in rng.integers(len(voices), size=2))
        samples, times, _ = call(
            ("ring", tone(UK_RING if index % 2 else US_RING, 1.0)),
            ("gap", pause(0.4)),
            ("greeting", greeting),
            ("gap", pause(0.4)),
            ("beep", tone((rng.uniform(600, 1500),), rng.uniform(0.15, 1.0))),
            ("gap", pause(0.4)),
            ("message", message),
        )
        path = tmp_path / ("call.amr" if codec == "amr" else "call.wav")
        line = np.clip(telephone.to_line_rate(samples, SAMPLE_RATE_HZ), -1, 1)
        telephone.encode(path, line[np.newaxis], telephone.FORMATS[codec])
        heard = decode(path, AudioOptions()).samples
        scene = survey(heard, activity.detect)
        found = vmaudit.isolation.isolate(scene, heard, words_in(scene)).isolation
        truth_s = times[6].start_s + activity.detect(message)[0].start_s
        hits += found.message is not None and abs(found.message.start_s - truth_s) <= 0.5
    assert hits >= 27
