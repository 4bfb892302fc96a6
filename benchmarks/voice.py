"""The pitch tracker on human speech: cost, agreement, codecs, and monotone against lively.

    pip install pyworld 'setuptools<81'
    python benchmarks/voice.py

The monotone versions are human speech, taken apart and put together again with half of its
movement of pitch (WORLD, Morise et al. 2016); the lively ones go the same way with all of it.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pyworld
from common import HUMAN, ROOT, report
from human_speech import Clip, Listener, Samples
from numpy.typing import NDArray
from scipy.signal import resample_poly

from vmaudit.audio import decode
from vmaudit.config import AudioOptions
from vmaudit.delivery.dropouts import find_dropouts
from vmaudit.delivery.frames import HOP_LENGTH, HOP_S
from vmaudit.delivery.levels import level_values
from vmaudit.delivery.pitch import PITCH_RANGE_HZ, pitch_track
from vmaudit.delivery.quality import bandwidth_hz, clipped_fraction, quiet_frames, snr_db
from vmaudit.delivery.spectrum import speech_spectra
from vmaudit.delivery.voice import voice_values
from vmaudit.records import SAMPLE_RATE_HZ

VOICES = ("azure_voicemail", "allison_phone_composed", "mfa_fillers", "read_wer", "an4")
SPOKEN = ("read_wer", "allison_phone_composed")
MONOTONE = 0.5  # of the movement of pitch, in semitones
CODECS = ("lpcm.wav", "g711_alaw.wav", "g711_mulaw.wav", "ima_adpcm.wav", "gsm610.gsm")
MORE_CODECS = ("amr_nb.amr", "amr_wb.amr", "mpeg.mp3")
LINES = {"wav-mulaw": 30.0, "wav-gsm": 20.0, "amr": 20.0, "ogg-opus": 10.0}  # format, SNR in dB
FULL_RATE_LENGTH = 1024  # 64 ms at 16 kHz
SLOW_CLIPS = 5


def main() -> None:
    """Print what the tracker costs, how far it agrees, and what it tells apart."""
    listener = Listener()
    clips = list(listener.clips(VOICES, every=3))
    pitch_track(clips[0].audio())  # loads numba
    cost = {
        "pitch track": cost_ms(clips, lambda clip: pitch_track(clip.audio())),
        "YIN twice, 16 kHz": cost_ms(clips, lambda clip: [full_rate(clip) for _ in range(2)]),
        "pYIN": cost_ms(clips[:SLOW_CLIPS], probabilistic),
        "level, voice and line quality": cost_ms(clips, everything),
    }
    frames, far, octaves = disagreement(clips)
    pitches = [one for one in codec_pitches(listener) if one is not None]
    spread = max(pitches) / min(pitches) - 1
    pairs = list(liveliness(listener))
    apart = sum(lively > monotone for _, monotone, lively in pairs)
    report(
        "voice",
        [
            *(f"{name}: {ms:.2f} ms of CPU per second of audio" for name, ms in cost.items()),
            f"{frames} voiced frames against YIN at 16 kHz: {far / frames:.2%} more than a "
            f"semitone off, {octaves / frames:.2%} an octave",
            f"median pitch of one voicemail in {len(pitches)} codecs: within {spread:.2%}",
            f"lively told from monotone: {apart} of {len(pairs)} pairs",
        ],
        {
            "data": f"{len(clips)} clips of {', '.join(VOICES)}; pairs of {', '.join(SPOKEN)}",
            "cost_ms_per_s": {name: round(ms, 2) for name, ms in cost.items()},
            "frames": frames,
            "over_a_semitone_off": round(far / frames, 4),
            "an_octave_off": round(octaves / frames, 4),
            "codecs": len(pitches),
            "pitch_spread_across_codecs": round(spread, 4),
            "pairs": len(pairs),
            "pairs_told_apart": apart,
            "pairs_by_line": {
                name: f"{sum(b > a for line, a, b in pairs if line == name)} of "
                f"{sum(line == name for line, _, _ in pairs)}"
                for name in LINES
            },
        },
    )


def cost_ms(clips: list[Clip], work: Callable[[Clip], object]) -> float:
    """Processor time in ms per second of audio."""
    started_s = time.process_time()
    for clip in clips:
        work(clip)
    spent_s = time.process_time() - started_s
    return 1000 * spent_s / sum(clip.duration_s for clip in clips)


def full_rate(clip: Clip, range_hz: tuple[float, float] = PITCH_RANGE_HZ) -> NDArray[np.float64]:
    """Librosa's YIN over the whole clip at 16 kHz."""
    found = librosa.yin(
        clip.samples,
        fmin=range_hz[0],
        fmax=range_hz[1],
        sr=SAMPLE_RATE_HZ,
        frame_length=FULL_RATE_LENGTH,
        hop_length=HOP_LENGTH,
    )
    return np.asarray(found)


def probabilistic(clip: Clip) -> object:
    """Librosa's pYIN over the whole clip at 16 kHz."""
    floor_hz, ceiling_hz = PITCH_RANGE_HZ
    return librosa.pyin(
        clip.samples,
        fmin=floor_hz,
        fmax=ceiling_hz,
        sr=SAMPLE_RATE_HZ,
        frame_length=FULL_RATE_LENGTH,
        hop_length=HOP_LENGTH,
    )


def everything(clip: Clip) -> None:
    """All of delivery's level, voice and line quality."""
    audio = clip.audio()
    quiet, spectra = quiet_frames(audio, clip.isolation), speech_spectra(audio)
    level_values(audio, ())
    voice_values(audio, pitch_track(audio), spectra)
    snr_db(audio, quiet)
    clipped_fraction(audio)
    bandwidth_hz(spectra)
    find_dropouts(audio, quiet)


def disagreement(clips: list[Clip]) -> tuple[int, int, int]:
    """Voiced frames, those over a semitone from YIN at 16 kHz, those about an octave from it."""
    frames = far = octaves = 0
    for clip in clips:
        audio = clip.audio()
        track = pitch_track(audio)
        if not track.voiced.any():
            continue
        first, third = np.percentile(track.f0_hz[track.voiced], [25, 75])
        floor_hz, ceiling_hz = PITCH_RANGE_HZ
        reference_hz = full_rate(clip, (max(floor_hz, 0.75 * first), min(ceiling_hz, 1.5 * third)))
        at = np.rint(audio.times_s[track.voiced] / HOP_S).astype(np.intp)
        semitones = np.abs(12 * np.log2(track.f0_hz[track.voiced] / reference_hz[at]))
        frames += len(semitones)
        far += int(np.count_nonzero(semitones > 1))
        octaves += int(np.count_nonzero(np.abs(semitones - 12) < 1))
    return frames, far, octaves


def codec_pitches(listener: Listener) -> Iterator[float | None]:
    """The median pitch of one voicemail in each codec."""
    for name in CODECS + MORE_CODECS:
        path = f"azure_voicemail/en-US_{name}"
        samples = decode(HUMAN / path, AudioOptions()).samples
        yield listener.hear(path, samples).measured().pitch_median_hz


def liveliness(listener: Listener) -> Iterator[tuple[str, float, float]]:
    """Line, and the spread of pitch of the monotone and the lively version in semitones."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        for clip in listener.clips(SPOKEN, every=3):
            versions = [spoken_again(clip.samples, share) for share in (MONOTONE, 1.0)]
            for line, snr in LINES.items():
                heard = [
                    listener.hear(clip.name, by_line(one, line, snr, rng, Path(folder)))
                    for one in versions
                ]
                monotone, lively = (one.measured().pitch_sd_semitones for one in heard)
                if monotone is not None and lively is not None:
                    yield line, monotone, lively


def spoken_again(samples: Samples, share: float) -> NDArray[np.float64]:
    """Scale the movement of pitch about its median, and nothing else."""
    speech = samples.astype(np.float64)
    coarse_hz, times_s = pyworld.dio(speech, SAMPLE_RATE_HZ)
    f0_hz = pyworld.stonemask(speech, coarse_hz, times_s, SAMPLE_RATE_HZ)
    envelope = pyworld.cheaptrick(speech, f0_hz, times_s, SAMPLE_RATE_HZ)
    breath = pyworld.d4c(speech, f0_hz, times_s, SAMPLE_RATE_HZ)
    voiced = f0_hz > 0
    median_hz = np.median(f0_hz[voiced])
    f0_hz[voiced] = median_hz * (f0_hz[voiced] / median_hz) ** share
    return np.asarray(pyworld.synthesize(f0_hz, envelope, breath, SAMPLE_RATE_HZ))


def by_line(
    speech: NDArray[np.float64], line: str, snr: float, rng: np.random.Generator, folder: Path
) -> Samples:
    """Send speech over a telephone line with noise, into a file and out of it."""
    telephone = telephone_tools()
    sent = telephone.band_limit(resample_poly(speech, 1, 2))
    noise = telephone.noise("hiss", len(sent), rng)
    sent = sent + noise * telephone.active_rms(sent) / 10 ** (snr / 20)
    path = folder / "line"
    telephone.encode(path, 0.5 * sent[np.newaxis] / np.max(np.abs(sent)), telephone.FORMATS[line])
    return decode(path, AudioOptions()).samples


def telephone_tools() -> Any:
    """tools/telephone.py, which is not installed."""
    tools = str(ROOT / "tools")
    if tools not in sys.path:
        sys.path.append(tools)
    return importlib.import_module("telephone")


if __name__ == "__main__":
    main()
