"""Composed calls are reproducible, their parts share nothing, and their truth is true."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
HUMAN = ROOT.parent / "shared" / "audio"
TEXTS = ROOT / "benchmarks" / "calls.toml"
PARTS = ("tuning", "testing")
RATE_HZ = 8_000
WORDS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(digit) for digit, word in enumerate(WORDS)}
COUNT = 220  # calls planned per part; composing them all is left to the tool


class Buzz:
    """Stands in for the voices: 0.25 s of a buzz per word and 0.05 s of silence between."""

    def __init__(self) -> None:
        self.spoken: list[tuple[str, str]] = []

    def reseed(self, seed: int) -> None:
        self.pitch_hz = 100 + seed % 100

    def speak(self, text: str, *, voice: str, speed: float = 1.0) -> NDArray[np.float32]:
        self.spoken.append((text, voice))
        time_s = np.arange(round(0.25 * 24_000 / speed)) / 24_000
        word = sum(np.sin(2 * np.pi * self.pitch_hz * n * time_s) for n in range(4, 12))
        margin = np.zeros(round(0.02 * 24_000))
        gap = np.zeros(round(0.05 * 24_000))
        pieces = [piece for _ in text.split() for piece in (word, gap)]
        return np.concatenate([margin, *pieces[:-1], margin]).astype(np.float32)


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield importlib.import_module("compose_calls")


@pytest.fixture(scope="module")
def speech(tool: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tool.Speech(tmp_path_factory.mktemp("utterances"), Buzz)


@pytest.fixture(scope="module")
def plans(tool: Any) -> dict[str, Any]:
    return {part: tool.plan_calls(tool.load_script(TEXTS, part), part, COUNT, 7) for part in PARTS}


@pytest.fixture(scope="module")
def calls(tool: Any, plans: dict[str, Any], speech: Any) -> list[tuple[Any, Any, dict[str, Any]]]:
    """Three calls of every case: plan, channels, truth."""
    seen: Counter[str] = Counter()
    chosen = []
    for plan in plans["tuning"] + plans["testing"]:
        seen[plan.case] += 1
        if seen[plan.case] <= 3:
            chosen.append((plan, *tool.compose(plan, speech)))
    return chosen


def level_db(samples: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-12))


def cut(channels: NDArray[np.float64], start_s: float, end_s: float) -> NDArray[np.float64]:
    return channels[:, max(round(start_s * RATE_HZ), 0) : round(end_s * RATE_HZ)]


def sounds(plan: Any, kind: type) -> list[Any]:
    return [step.sound for step in plan.steps if isinstance(step.sound, kind)]


def texts(script: Any) -> set[str]:
    return {spoken.text for spoken in script.spoken()}


def test_every_case_has_its_share_of_each_part(tool: Any, plans: dict[str, Any]) -> None:
    shares = importlib.import_module("call_plans").CASES
    assert sum(shares.values()) == pytest.approx(1)
    for part in PARTS:
        counts = Counter(plan.case for plan in plans[part])
        assert sum(counts.values()) == COUNT
        for case, share in shares.items():
            assert abs(counts[case] - share * COUNT) < 1


def test_outcomes_are_those_that_an_audit_can_have(plans: dict[str, Any]) -> None:
    from vmaudit.records import Outcome

    for part in PARTS:
        named = {outcome for plan in plans[part] for outcome in plan.outcomes}
        # A message left elsewhere takes a second recording.
        assert named == set(get_args(Outcome)) - {"prerecorded"}


@given(count=st.integers(1, 60), seed=st.integers(0, 2**31))
@settings(max_examples=15, deadline=None)
def test_any_number_of_calls_can_be_planned(tool: Any, count: int, seed: int) -> None:
    planned = tool.plan_calls(tool.load_script(TEXTS, "testing"), "testing", count, seed)
    assert len({plan.name for plan in planned}) == count


def test_plan_follows_its_seed(tool: Any, plans: dict[str, Any]) -> None:
    script = tool.load_script(TEXTS, "tuning")
    assert tool.plan_calls(script, "tuning", COUNT, 7) == plans["tuning"]
    assert tool.plan_calls(script, "tuning", COUNT, 8) != plans["tuning"]


def test_parts_share_no_text_voice_or_beep(tool: Any, plans: dict[str, Any]) -> None:
    tones = importlib.import_module("call_tones")
    voices = importlib.import_module("voices").CALL_VOICES
    scripts = [tool.load_script(TEXTS, part) for part in PARTS]
    assert not texts(scripts[0]) & texts(scripts[1])
    assert not set(voices["tuning"]) & set(voices["testing"])
    kinds = [set(tones.BEEPS[part].kinds) for part in PARTS]
    assert kinds[0] & kinds[1] == {"single", "harmonics", "two_tone"}
    drawn = [
        {(b.frequencies_hz, b.sounding_s) for plan in plans[part] for b in sounds(plan, tones.Beep)}
        for part in PARTS
    ]
    assert all(len(beeps) > 20 for beeps in drawn)
    assert not {hz for hz, _ in drawn[0]} & {hz for hz, _ in drawn[1]}


def test_greeting_and_message_are_different_people(plans: dict[str, Any]) -> None:
    alike: Counter[bool] = Counter()
    for plan in (*plans["tuning"], *plans["testing"]):
        who = {step.kind: step.sound for step in plan.steps}
        if "message" in who and "greeting" in who:
            assert who["greeting"].speaker != who["message"].speaker
            alike[who["greeting"].voice[1] == who["message"].voice[1]] += 1
        if "rep_early" in who:
            assert who["rep_early"].voice == who["message"].voice
    assert alike[True] > alike[False] > 50


def test_every_number_said_is_fictional(tool: Any) -> None:
    for part in PARTS:
        for spoken in tool.load_script(TEXTS, part).spoken():
            run = ""
            for word in [*re.findall(r"[a-z]+", spoken.words.lower()), "end"]:
                if word not in DIGITS and len(run) >= 4:
                    assert re.fullmatch(r"(([2-9]\d\d)?55501\d\d)+", run), spoken.text
                run = run + DIGITS[word] if word in DIGITS else ""


def test_truth_lies_inside_the_recording(calls: Any) -> None:
    for plan, channels, truth in calls:
        duration_s = channels.shape[1] / RATE_HZ
        assert truth["duration_s"] == pytest.approx(duration_s, abs=0.001)
        for span in truth["spans"]:
            assert 0 <= span["start_s"] < span["end_s"] <= duration_s + 0.001, plan.name
        assert len(channels) == (2 if truth["stereo"] else 1)
        assert np.max(np.abs(channels)) <= 1


def test_message_is_heard_where_the_truth_says(calls: Any) -> None:
    heard = 0
    for plan, channels, truth in calls:
        start_s, end_s = truth["message_start_s"], truth["message_end_s"]
        if start_s is None:
            continue
        side = channels if not truth["stereo"] else channels[[int(truth["rep_channel"] == "right")]]
        floor_db = plan.line.noise_dbfs
        first = level_db(cut(side, start_s, start_s + 0.1))
        last = level_db(cut(side, end_s - 0.1, end_s))
        assert min(first, last) > floor_db + 6, plan.name
        if start_s > 0.2:
            assert level_db(cut(side, start_s - 0.14, start_s - 0.02)) < first - 3, plan.name
        heard += 1
    assert heard > 15


@pytest.mark.parametrize("part", PARTS)
def test_gaps_make_the_outcome(plans: dict[str, Any], part: str) -> None:
    for plan in plans[part]:
        last = next((n for n, s in enumerate(plan.steps) if s.kind == "message"), None)
        if last is None:
            assert "left_message" not in plan.outcomes
            continue
        following = plan.steps[last + 1 :]
        silence_s = following[0].gap_s if following else plan.closing_s
        assert (silence_s > 4) == ("dead_tail" in plan.outcomes)
        assert (silence_s <= 0.25 and plan.steps[last].cut is not None) == (
            plan.outcomes == ("cut_off",)
        ), plan.name


def test_what_is_said_early_ends_before_the_beep(tool: Any, calls: Any) -> None:
    early = [truth for plan, _, truth in calls if plan.case == "early"]
    assert early
    for truth in early:
        # A mailbox may beep again after the message.
        at = {span["kind"]: span for span in reversed(truth["spans"])}
        assert at["rep_early"]["end_s"] < at["beep"]["start_s"] < truth["message_start_s"]
        if not truth["stereo"]:
            assert at["greeting"]["end_s"] < at["rep_early"]["start_s"]


def test_cut_in_a_gap_keeps_whole_words_and_in_a_word_does_not(tool: Any, speech: Any) -> None:
    spoken = tool.load_script(TEXTS, "tuning").messages[0]
    clip = speech.clip(spoken)
    records = importlib.import_module("call_records")
    whole, words = tool.cut_short(clip, spoken.words, records.Cut(0.5, "gap"))
    broken, _ = tool.cut_short(clip, spoken.words, records.Cut(0.5, "word"))
    assert spoken.words.startswith(words)
    assert 0.3 < len(words) / len(spoken.words) < 0.7
    for kept in (whole, broken):
        assert np.array_equal(kept.samples, clip.samples[: len(kept.samples)])
        assert kept.end_s == pytest.approx(len(kept.samples) / RATE_HZ)
    after = clip.samples[len(whole.samples) : len(whole.samples) + 160]
    assert level_db(after) < level_db(whole.samples[-320:-160]) - 10
    assert level_db(broken.samples[-160:]) > level_db(clip.samples) - 3


def test_pause_around_a_text_is_no_part_of_its_clip(tool: Any, speech: Any) -> None:
    spoken = importlib.import_module("call_speech").Spoken
    plain = speech.clip(spoken("Rosalind Pike.", "af_alloy", 1.0))
    padded = speech.clip(spoken("{0.5} Rosalind Pike. {0.5}", "af_alloy", 1.0))
    assert len(padded.samples) == pytest.approx(len(plain.samples), abs=0.02 * RATE_HZ)
    for clip in (plain, padded):
        assert 0 <= clip.start_s <= 0.02
        assert clip.end_s - clip.start_s == pytest.approx(0.55, abs=0.02)  # two words and a gap


@pytest.mark.parametrize(
    ("kind", "hz", "duration_s"),
    [
        ("single", (950.0,), 0.4),
        ("harmonics", (620.0,), 0.4),
        ("double", (784.0,), 0.93),
        ("triple", (700.0,), 1.46),
        ("two_tone", (853.0, 960.0), 0.4),
        ("falling", (1300.0, 600.0), 0.4),
        ("rising", (520.0, 660.0), 0.4),
        ("bong", (440.0,), 0.4),
    ],
)
def test_beep_has_its_lines_and_duration(
    tool: Any, kind: str, hz: tuple[float, ...], duration_s: float
) -> None:
    tones = importlib.import_module("call_tones")
    order = tones.Beep(kind, hz, 0.4, 0.01)
    sound = tones.beep(order)
    assert len(sound) / RATE_HZ == pytest.approx(duration_s, abs=0.001)
    assert order.duration_s == pytest.approx(duration_s)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    near = np.zeros(len(frequencies), dtype=bool)
    for line in hz:
        near |= np.abs(frequencies - line) < 25
        assert spectrum[np.abs(frequencies - line) < 25].sum() > 0.3 * spectrum.sum() / len(hz)
    assert spectrum[near].sum() > 0.8 * spectrum.sum()


@pytest.mark.parametrize(("name", "period_s", "hz"), [("us", 6, 440), ("uk", 3, 400)])
def test_rings_follow_their_cadence(tool: Any, name: str, period_s: float, hz: float) -> None:
    tones = importlib.import_module("call_tones")
    whole = tones.ringing(tones.Ringing(name, 2))
    on_s = sum(tones.RINGS[name].on_off_s[:-1])
    assert len(whole) / RATE_HZ == pytest.approx(period_s + on_s, abs=0.001)
    pause = whole[round((on_s + 0.1) * RATE_HZ) : round((period_s - 0.1) * RATE_HZ)]
    assert not pause.any()
    cut_short = tones.ringing(tones.Ringing(name, 2, cut_start_s=0.2, cut_end_s=0.1))
    assert np.array_equal(cut_short, whole[1_600:-800])
    spectrum = np.abs(np.fft.rfft(whole * np.hanning(len(whole))))
    peak_hz = np.fft.rfftfreq(len(whole), 1 / RATE_HZ)[int(np.argmax(spectrum))]
    assert min(abs(peak_hz - line) for line in tones.RINGS[name].frequencies_hz) < 5
    assert hz in tones.RINGS[name].frequencies_hz


def test_hum_is_odd_harmonics_of_the_mains(tool: Any) -> None:
    telephone = importlib.import_module("telephone")
    hum = telephone.noise("hum", 2 * RATE_HZ, np.random.default_rng(1))
    assert level_db(hum) == pytest.approx(0, abs=0.01)
    power = np.abs(np.fft.rfft(hum)) ** 2  # bins of 0.5 Hz
    assert power[np.arange(3, 16, 2) * 120].sum() > 0.9 * power.sum()


def test_stereo_keeps_the_parties_apart(tool: Any, plans: dict[str, Any], speech: Any) -> None:
    plan = next(p for p in plans["tuning"] if p.line.stereo and p.case == "after_beep")
    for rep_channel, index in (("left", 0), ("right", 1)):
        line = replace(plan.line, rep_channel=rep_channel, leak_db=None)
        channels, truth = tool.compose(replace(plan, line=line), speech)
        message = cut(channels, truth["message_start_s"], truth["message_end_s"])
        levels = [level_db(channel) for channel in message]
        assert int(np.argmax(levels)) == index
        assert abs(levels[0] - levels[1]) > min(plan.line.snr_db, 20) - 6


def test_same_command_writes_the_same_bytes(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "CACHE", tmp_path / "cache")
    speakers: list[Buzz] = []

    def make_speaker(*_: object) -> Buzz:
        speakers.append(Buzz())
        return speakers[-1]

    monkeypatch.setattr(tool, "Kokoro", make_speaker)
    sums = []
    for name in ("a", "b"):
        arguments = ["--out", str(tmp_path / name), "--count", "10", "--human", str(tmp_path)]
        assert tool.main(arguments) == 0
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        sums.append([(p.name, hashlib.sha256(p.read_bytes()).hexdigest()) for p in files])
    assert sums[0] == sums[1]
    assert len(speakers) == 1  # the second run read what the first had spoken
    assert len(speakers[0].spoken) == len(set(speakers[0].spoken))
    truth = (tmp_path / "a" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(truth) == 10
    for line in truth:
        entry = json.loads(line)
        assert entry["human"] is False
        with av.open(str(tmp_path / "a" / entry["file"])) as container:
            frames = list(container.decode(audio=0))
            duration_s = sum(frame.samples / frame.sample_rate for frame in frames)
            assert duration_s == pytest.approx(entry["duration_s"], abs=0.15)


def test_one_part_is_the_same_alone(
    tool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "CACHE", tmp_path)
    monkeypatch.setattr(tool, "Kokoro", lambda *_: Buzz())
    common = ["--count", "6", "--human", str(tmp_path), "--out"]
    tool.main([*common, str(tmp_path / "both")])
    tool.main([*common, str(tmp_path / "one"), "--part", "testing"])
    both = (tmp_path / "both" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    one = (tmp_path / "one" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(both) == 6
    assert one == both[3:]


def test_text_that_is_missing_is_named(tool: Any, tmp_path: Path) -> None:
    path = tmp_path / "calls.toml"
    path.write_text("[tuning]\nearly = ['Hi.']\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"calls\.toml: tuning: 'human' is missing"):
        tool.load_script(path, "tuning")
    with pytest.raises(ValueError, match=r"calls\.toml: testing: 'testing' is missing"):
        tool.load_script(path, "testing")


@pytest.mark.human
def test_peoples_recordings_are_disjoint_and_a_third_of_the_calls(tool: Any) -> None:
    if not (HUMAN / "manifest.csv").is_file():
        pytest.skip("the human recordings are not here: no shared/audio beside the repository")
    recorded = importlib.import_module("call_speech").Recorded
    people: list[set[str]] = []
    for part in PARTS:
        script = tool.load_script(TEXTS, part, HUMAN)
        groups = (script.human_greetings, script.human_messages, script.human_hang_ups)
        people.append({entry.speaker for group in groups for entry in group})
        planned = tool.plan_calls(script, part, COUNT, 7)
        share = sum(bool(sounds(plan, recorded)) for plan in planned) / COUNT
        assert 0.25 < share < 0.37
    assert not people[0] & people[1]


@pytest.mark.human
def test_words_of_a_recording_lie_where_its_voice_is(tool: Any, tmp_path: Path) -> None:
    if not (HUMAN / "manifest.csv").is_file():
        pytest.skip("the human recordings are not here: no shared/audio beside the repository")
    script = tool.load_script(TEXTS, "testing", HUMAN)
    speech = tool.Speech(tmp_path, Buzz, HUMAN)
    double = next(entry for entry in script.human_messages if len(entry.paths) == 2)
    for entry in (script.human_messages[0], double):
        clip = speech.clip(entry)
        assert 0 <= clip.start_s <= 0.1
        duration_s = len(clip.samples) / RATE_HZ
        assert duration_s - 0.11 <= clip.end_s <= duration_s
