"""The recordings in samples/ are what their tables and scripts say; tools/ can make others."""

from __future__ import annotations

import csv
import importlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
BENCHMARK = ROOT / "benchmarks" / "messages.toml"
MAX_TOTAL_BYTES = 6_000_000
TABLES = {"README.md", "calls.csv", "roster.csv", "scripts.toml", "truth.toml"}
FICTIONAL = re.compile(r"[2-9]\d\d55501\d\d")
WORDS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {"zero": "0"} | {word: str(digit) for digit, word in enumerate(WORDS)}
CODECS = {
    "wav-pcm": "pcm_s16le",
    "wav-mulaw": "pcm_mulaw",
    "wav-alaw": "pcm_alaw",
    "wav-ima": "adpcm_ima_wav",
    "wav-gsm": "gsm_ms",
    "amr": "amrnb",
    "mp3": "mp3float",
    "m4a": "aac",
    "ogg-opus": "opus",
    "flac": "flac",
}


def read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / name).read_text(encoding="utf-8"))


def read_csv(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SCRIPTS = read_toml("scripts.toml")
MESSAGES = {message["file"]: message for message in SCRIPTS["message"]}
TRUTH = {entry["file"]: entry for entry in read_toml("truth.toml")["recording"]}
SPOKEN = [name for name, truth in TRUTH.items() if truth["words"]]


def decode(name: str) -> tuple[NDArray[np.float32], int, str]:
    """Return the channels, shape ``(channels, n)``, the rate in Hz and the codec."""
    with av.open(str(SAMPLES / name)) as container:
        stream = container.streams.audio[0]
        to_float = av.AudioResampler("fltp", stream.layout, stream.rate)
        frames = [f for frame in container.decode(stream) for f in to_float.resample(frame)]
        channels = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
        return channels, stream.rate, stream.codec_context.name


def level_db(samples: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def cut(
    samples: NDArray[np.float32], rate_hz: int, start_s: float, end_s: float
) -> NDArray[np.float32]:
    return samples[..., max(round(start_s * rate_hz), 0) : round(end_s * rate_hz)]


def line_spectrum_hz(samples: NDArray[np.float32], rate_hz: int, count: int) -> list[float]:
    """Return the strongest ``count`` frequencies at least 15 Hz apart."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    found: list[float] = []
    for index in np.argsort(spectrum)[::-1]:
        if all(abs(frequencies[index] - other) > 15 for other in found):
            found.append(float(frequencies[index]))
        if len(found) == count:
            break
    return sorted(found)


def spans(kind: str) -> list[tuple[str, float, float]]:
    return [
        (name, span["start_s"], span["end_s"])
        for name, truth in TRUTH.items()
        for span in truth["before"]
        if span["kind"] == kind
    ]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def national_digits(text: str) -> str:
    return re.sub(r"\D", "", text)[-10:]


def spoken_numbers(text: str) -> Iterator[str]:
    """Runs of seven or more digits said one by one; of a restarted number, its last ten."""
    run = ""
    for word in [*words(text), "end"]:
        if word not in DIGITS and len(run) >= 7:
            yield run[-10:]
        run = run + DIGITS[word] if word in DIGITS else ""


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


@pytest.fixture
def telephone(tools: None) -> Any:
    return importlib.import_module("telephone")


@pytest.fixture
def make_samples(tools: None) -> Any:
    return importlib.import_module("make_samples")


class Hum:
    """Stands in for the voices: a tone of 0.1 s per word at pace 1; the seed sets its pitch."""

    def __init__(self, cache: Path) -> None:
        assert cache.parent == ROOT / ".cache"

    def reseed(self, seed: int) -> None:
        self.tone_hz = 500 + seed % 500

    def speak(self, text: str, *, voice: str, speed: float = 1.0) -> NDArray[np.float32]:
        time_s = np.arange(round(24_000 * 0.1 * len(text.split()) / speed)) / 24_000
        return np.sin(2 * np.pi * self.tone_hz * time_s).astype(np.float32)


def test_scripts_truth_and_files_name_the_same_recordings() -> None:
    on_disk = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*")}
    folders = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_dir()}
    assert set(MESSAGES) == set(TRUTH) == on_disk - folders - TABLES


def test_all_of_it_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*")) < MAX_TOTAL_BYTES


@pytest.mark.parametrize("name", MESSAGES)
def test_recording_decodes_to_what_its_script_orders(name: str) -> None:
    channels, rate_hz, codec = decode(name)
    assert rate_hz == (48_000 if codec == "opus" else 8_000)  # Opus always decodes at 48 kHz
    assert CODECS[MESSAGES[name]["format"]] == codec
    assert len(channels) == (2 if MESSAGES[name].get("stereo") else 1)
    assert 8 <= channels.shape[1] / rate_hz <= 45
    assert channels.shape[1] / rate_hz == pytest.approx(TRUTH[name]["duration_s"], abs=0.3)
    assert np.abs(channels).max() <= 1.1  # lossy codecs overshoot a little
    assert np.abs(channels).max() > 0.05


@pytest.mark.parametrize("name", SPOKEN)
def test_message_is_heard_where_the_truth_says(name: str) -> None:
    channels, rate_hz, _ = decode(name)
    rep = channels[-1]
    start_s, end_s = TRUTH[name]["message_start_s"], TRUTH[name]["message_end_s"]
    first = level_db(cut(rep, rate_hz, start_s, start_s + 0.3))
    last = level_db(cut(rep, rate_hz, end_s - 0.3, end_s))
    assert first > level_db(cut(rep, rate_hz, start_s - 0.35, start_s - 0.05)) + 3
    assert last > level_db(cut(rep, rate_hz, end_s + 0.1, end_s + 0.6)) + 3


@pytest.mark.parametrize("name", TRUTH)
def test_truth_is_ordered_and_inside_the_recording(name: str) -> None:
    truth = TRUTH[name]
    times = [(span["start_s"], span["end_s"]) for span in truth["before"]]
    if truth["words"]:
        times.append((truth["message_start_s"], truth["message_end_s"]))
        for statement in truth["statements"]:
            assert truth["message_start_s"] < statement["start_s"]
            assert statement["end_s"] <= truth["message_end_s"]
    flat = [0.0, *(time for span in times for time in span), truth["duration_s"]]
    assert flat == sorted(flat)


@pytest.mark.parametrize("name", MESSAGES)
def test_statements_spell_their_number(name: str) -> None:
    items = [item for item in MESSAGES[name]["say"] if isinstance(item, dict)]
    stated = [item for item in items if "number" in item]
    numbers = [item["number"] for item in stated]
    assert numbers == [statement["digits"] for statement in TRUTH[name]["statements"]]
    assert len(numbers) == TRUTH[name]["times"]
    assert {TRUTH[name]["number"]} == (set(numbers) or {""})
    for item in stated:
        assert "".join(DIGITS[word] for word in words(item["text"])) == item["number"]


def test_every_phone_number_is_fictional() -> None:
    spoken = [truth["number"] for truth in TRUTH.values() if truth["number"]]
    tables = [row["phone"] for row in read_csv("calls.csv")]
    roster = [row["direct_number"] for row in read_csv("roster.csv")]
    steps = [step for message in MESSAGES.values() for step in message.get("lead_in", [])]
    greetings = [
        "".join(DIGITS.get(word, "") for word in words(step.get("greeting", ""))) for step in steps
    ]
    assert len([digits for digits in greetings if digits]) == 1
    texts = [*spoken, *tables, *roster, *filter(None, greetings)]
    numbers = [national_digits(text) for text in texts]
    assert all(FICTIONAL.fullmatch(number) for number in numbers)
    assert len({number[:3] for number in numbers}) >= 5


def test_calls_describe_all_recordings_but_one() -> None:
    rows = read_csv("calls.csv")
    assert len(rows) == len(MESSAGES) - 1
    assert {row["file"] for row in rows} < set(MESSAGES)
    for row in rows:
        assert row["rep"] == MESSAGES[row["file"]]["rep"]
        assert row["line"] in {"consumer", "business"}
        assert int(row["attempt"]) >= 1
        recorded_at = datetime.fromisoformat(row["recorded_at"])
        assert datetime.fromisoformat(row["lead_at"]) < recorded_at
        assert recorded_at.tzinfo is not None


def test_roster_lists_every_rep_of_the_scripts() -> None:
    roster = {row["rep"]: (row["name"], row["team"]) for row in read_csv("roster.csv")}
    assert roster == {key: (rep["name"], rep["company"]) for key, rep in SCRIPTS["reps"].items()}


def test_exactly_one_message_gives_a_number_that_is_not_the_reps() -> None:
    direct = {r["rep"]: national_digits(r["direct_number"]) for r in read_csv("roster.csv")}
    wrong = [
        name
        for name, truth in TRUTH.items()
        if truth["number"] and truth["number"] != direct[MESSAGES[name]["rep"]]
    ]
    assert wrong == ["cedar-finch-roofing/imogen/attic-insulation.wav"]


def test_the_set_holds_the_cases_that_it_is_there_to_show() -> None:
    assert any(truth["times"] >= 2 for truth in TRUTH.values())
    assert any(truth["times"] == 1 for truth in TRUTH.values())
    assert any(truth["words"] and not truth["number"] for truth in TRUTH.values())
    assert len(TRUTH) - len(SPOKEN) == 1
    assert {Path(name).suffix for name in TRUTH} >= {"", ".WAV", ".wav", ".mp3", ".amr", ".ogg"}


@pytest.mark.parametrize(("name", "start_s", "end_s"), spans("ring"))
def test_ring_is_the_north_american_ringback(name: str, start_s: float, end_s: float) -> None:
    channels, rate_hz, _ = decode(name)
    first_ring = cut(channels[0], rate_hz, start_s, min(start_s + 2.0, end_s))
    assert line_spectrum_hz(first_ring, rate_hz, 2) == pytest.approx([440, 480], abs=3)
    if end_s - start_s > 2:
        gap = cut(channels[0], rate_hz, start_s + 2.1, start_s + 5.9)
        assert level_db(gap) < level_db(first_ring) - 20


@pytest.mark.parametrize(("name", "start_s", "end_s"), spans("beep"))
def test_beep_is_one_tone_near_1_khz(name: str, start_s: float, end_s: float) -> None:
    channels, rate_hz, _ = decode(name)
    beep = cut(channels[0], rate_hz, start_s + 0.05, end_s - 0.05)
    assert line_spectrum_hz(beep, rate_hz, 1) == pytest.approx([1_000], abs=30)
    assert level_db(beep) == pytest.approx(-18, abs=3)


def test_stereo_keeps_the_two_sides_apart() -> None:
    (name,) = [name for name, message in MESSAGES.items() if message.get("stereo")]
    channels, rate_hz, _ = decode(name)
    greeting = next(span for span in TRUTH[name]["before"] if span["kind"] == "greeting")
    prospect, rep = cut(channels, rate_hz, greeting["start_s"], greeting["end_s"])
    assert level_db(prospect) > level_db(rep) + 20
    message = TRUTH[name]["message_start_s"], TRUTH[name]["message_end_s"]
    prospect, rep = cut(channels, rate_hz, *message)
    assert level_db(rep) > level_db(prospect) + 20


def test_nothing_outside_the_telephone_band() -> None:
    name = "cedar-finch-roofing/imogen/attic-insulation.wav"
    channels, rate_hz, _ = decode(name)
    power = np.abs(np.fft.rfft(channels[0])) ** 2
    frequencies = np.fft.rfftfreq(channels.shape[1], 1 / rate_hz)
    outside = power[(frequencies < 200) | (frequencies > 3_700)].sum()
    assert outside < 0.002 * power.sum()


def test_line_keeps_the_voice_band_and_drops_the_rest(telephone: Any) -> None:
    for frequency_hz, change_db in ((100, -40), (1_000, 0), (3_900, -30)):
        tone = telephone.tone(frequency_hz, duration_s=1.0)
        limited = telephone.band_limit(tone)
        change = level_db(limited[800:-800]) - level_db(tone[800:-800])
        assert abs(change) < 0.5 if change_db == 0 else change < change_db


def test_level_is_that_of_the_sound_not_of_the_silence_around_it(telephone: Any) -> None:
    tone = telephone.tone(1_000, duration_s=1.0)
    padded = np.concatenate([telephone.silence(3.0), tone, telephone.silence(3.0)])
    levelled = telephone.at_level(padded, -20.0)
    assert level_db(levelled[24_800:31_200]) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("kind", ["hiss", "street"])
def test_noise_has_unit_power_and_follows_its_seed(telephone: Any, kind: str) -> None:
    first, again, other = (
        telephone.noise(kind, 16_000, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert level_db(first) == pytest.approx(0, abs=0.01)
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("form", CODECS)
def test_same_samples_give_the_same_bytes(telephone: Any, tmp_path: Path, form: str) -> None:
    tone = telephone.at_level(telephone.tone(700, duration_s=1.0), -20.0)
    for name in ("a", "b"):
        telephone.encode(tmp_path / name, tone[np.newaxis], telephone.FORMATS[form])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_too_loud_is_refused(telephone: Any, tmp_path: Path) -> None:
    tone = telephone.at_level(telephone.tone(700, duration_s=1.0), 3.0)
    with pytest.raises(ValueError, match="full scale"):
        telephone.encode(tmp_path / "x", tone[np.newaxis], telephone.FORMATS["wav-pcm"])
    assert not (tmp_path / "x").exists()


def test_benchmark_scripts_can_be_made(make_samples: Any, telephone: Any) -> None:
    messages = make_samples.load_scripts(BENCHMARK)
    assert len({message.file for message in messages}) == len(messages) == 36
    assert {message.form.codec for message in messages} >= {"pcm_mulaw", "gsm_ms", "libopus"}
    assert {message.noise for message in messages} == {"hiss", "street"}
    assert all(12 <= message.snr_db <= 35 for message in messages)
    passages = [passage for message in messages for passage in message.say]
    assert all(0.85 <= passage.speed <= 1.25 for passage in passages)
    kinds = [{kind for step in m.lead_in for kind in step} - {"pause_s"} for m in messages]
    assert sum(map(bool, kinds)) == 12


def test_benchmark_uses_the_sample_voices_evenly(make_samples: Any) -> None:
    allowed = importlib.import_module("voices").SAMPLE_VOICES
    messages = make_samples.load_scripts(BENCHMARK)
    counts = Counter(message.voice for message in messages)
    greeters = {step["voice"] for m in messages for step in m.lead_in if "voice" in step}
    assert counts.keys() == set(allowed)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert greeters <= set(allowed)


def test_every_number_of_the_benchmark_is_fictional_and_said_as_marked(make_samples: Any) -> None:
    messages = make_samples.load_scripts(BENCHMARK)
    for message in messages:
        greetings = [step.get("greeting", "") for step in message.lead_in]
        said = [*spoken_numbers(" and ".join([*greetings, *(p.text for p in message.say)]))]
        marked = [passage for passage in message.say if passage.number]
        assert all(FICTIONAL.fullmatch(number) for number in said), message.file
        assert all([*spoken_numbers(p.text)] == [p.number] for p in marked), message.file
        assert len(said) == len(marked), message.file


def test_other_scripts_go_to_another_folder(
    make_samples: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_samples, "Kokoro", Hum)
    before = (SAMPLES / "truth.toml").read_bytes()
    name = "redquill/vic_wasps.wav"
    arguments = ["--scripts", str(BENCHMARK), "--out", str(tmp_path), "--only", name]
    assert make_samples.main(arguments) == 0
    (entry,) = tomllib.loads((tmp_path / "truth.toml").read_text(encoding="utf-8"))["recording"]
    assert (entry["file"], entry["number"], entry["times"]) == (name, "2085550167", 2)
    with av.open(str(tmp_path / name)) as container:
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(entry["duration_s"], abs=0.01)
    assert (SAMPLES / "truth.toml").read_bytes() == before


def test_scripts_without_the_file_asked_for_are_refused(
    make_samples: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--scripts", str(BENCHMARK), "--out", str(tmp_path), "--only", "nobody.wav"]
    assert make_samples.main(arguments) == 2
    assert capsys.readouterr().err == "messages.toml has no file nobody.wav\n"
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("wav-mulaw", "wav-telex"), "wav-telex"),
        (("street", "thunder"), "thunder"),
        (('rep = "vic"', 'rep = "nobody"'), "nobody"),
        (("say =", "says ="), "say"),
    ],
)
def test_fault_in_scripts_names_message_and_fault(
    make_samples: Any, tmp_path: Path, change: tuple[str, str], fault: str
) -> None:
    path = tmp_path / "scripts.toml"
    path.write_text(BENCHMARK.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"scripts\.toml: \w+.*/\w+\.\w+: KeyError.*{fault}"):
        make_samples.load_scripts(path)
