"""Noise, bandwidth and lost packets on human speech to which they were done.

    python benchmarks/line_quality.py

Noise is added, high frequencies are taken away and holes are cut, all at known places; voice
activity is found again in what results. Babble is twelve other people's clips at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from common import report
from human_speech import Clip, Listener, Samples
from numpy.typing import NDArray
from scipy.signal import butter, firwin, oaconvolve, sosfilt

from vmaudit.records import SAMPLE_RATE_HZ

NOISY = ("allison_phone_composed", "mfa_fillers")
WIDEBAND = ("mfa_fillers", "an4", "speechocean762")
BABBLE = ("speechocean762",)
# Half of each set: limits were chosen while looking at the other half.
UNSEEN = ("allison_phone_composed", "read_wer", "an4", "speechocean762", "mfa_fillers")
SNRS_DB = (0, 5, 10, 20, 30)
QUIET_ENOUGH_DB = 40.0  # the clip's own noise then moves 30 dB by less than 0.5
EDGES_HZ = (2000, 2500, 3000, 3400, 4000, 5000, 6000, 7000)
HOLES_S = (0.02, 0.04, 0.06, 0.1, 0.2, 0.5)
HOLE_TOLERANCE_S = 0.02
TELEPHONE_BAND_HZ = (300, 3400)
Noise = Callable[[int, np.random.Generator], NDArray[np.float64]]


def main() -> None:
    """Print how far each measure is off."""
    listener = Listener()
    rng = np.random.default_rng(1)
    snr = snr_errors(listener, rng)
    edges = bandwidth_errors(listener)
    holes, extra, minutes = dropout_counts(listener, rng)
    found, cut = (sum(column) for column in zip(*holes.values(), strict=True))
    errors = np.array([error for _, error in edges])
    report(
        "line_quality",
        [
            *(
                f"SNR, {kind} at {snr_db} dB: {one['within_3_db']:.0%} within 3 dB, median "
                f"{one['median_db']:+.1f}, {one['measured']} of {one['clips']} measured"
                for (kind, snr_db), one in snr.items()
            ),
            f"bandwidth: off by {np.median(np.abs(errors)):.0f} Hz in the median, "
            f"{np.percentile(np.abs(errors), 90):.0f} in nine of ten, {len(errors)} filtered clips",
            *(f"holes of {1000 * s:.0f} ms: {hit} of {n}" for s, (hit, n) in holes.items()),
            f"holes: {found} of {cut}; {extra} found where none was cut, in {minutes:.1f} minutes",
        ],
        {
            "data": "synthetic noise, filters and holes on human clips",
            "snr": {f"{kind} {snr_db} dB": one for (kind, snr_db), one in snr.items()},
            "bandwidth_error_hz": {
                str(edge): round(float(np.median([e for at, e in edges if at == edge])))
                for edge in EDGES_HZ
            },
            "dropouts": {
                f"{1000 * s:.0f} ms": {"found": h, "cut": n} for s, (h, n) in holes.items()
            },
            "dropouts_where_none_was_cut": extra,
            "minutes": round(minutes, 1),
        },
    )


def snr_errors(
    listener: Listener, rng: np.random.Generator
) -> dict[tuple[str, int], dict[str, float]]:
    """How far the measured ratio is from the one that was made."""
    others = [clip.samples / np.std(clip.samples) for clip in listener.clips(BABBLE, every=2)]
    kinds: dict[str, Noise] = {
        "white": lambda count, rng: rng.standard_normal(count),
        "telephone band": telephone_band,
        "hum": hum,
        "babble": lambda count, rng: babble(others, count, rng),
    }
    clips = [
        clip
        for clip in listener.clips(NOISY, every=3)
        if (clip.measured().snr_db or QUIET_ENOUGH_DB) >= QUIET_ENOUGH_DB
    ]
    found: dict[tuple[str, int], dict[str, float]] = {}
    for kind, make in kinds.items():
        for snr_db in SNRS_DB:
            errors = []
            for clip in clips:
                noise = make(len(clip.samples), rng)
                scale = np.sqrt(clip.speech_power / np.mean(noise**2)) / 10 ** (snr_db / 20)
                noisy = (clip.samples + scale * noise).astype(np.float32)
                measured = listener.hear(clip.name, noisy).measured().snr_db
                if measured is not None:
                    errors.append(measured - snr_db)
            found[kind, snr_db] = {
                "clips": len(clips),
                "measured": len(errors),
                "within_3_db": round(float(np.mean(np.abs(errors) <= 3)), 3),
                "median_db": round(float(np.median(errors)), 2),
            }
    return found


def bandwidth_errors(listener: Listener) -> list[tuple[int, float]]:
    """The edge of a steep filter, and how far the measured one is from it in Hz."""
    found = []
    for clip in listener.clips(WIDEBAND, first=1, every=6):
        for edge_hz in EDGES_HZ:
            taps = firwin(511, edge_hz, fs=SAMPLE_RATE_HZ)
            muffled = oaconvolve(clip.samples, taps, mode="same").astype(np.float32)
            measured = Clip(clip.name, muffled, clip.speech).measured().bandwidth_hz
            if measured is not None:
                found.append((edge_hz, measured - edge_hz))
    return found


def dropout_counts(
    listener: Listener, rng: np.random.Generator
) -> tuple[dict[float, tuple[int, int]], int, float]:
    """Holes found and cut by their length, what was found beside them, and minutes heard."""
    counts: dict[float, list[bool]] = defaultdict(list)
    extra, minutes = 0, 0.0
    for clip in listener.clips(UNSEEN, first=1, every=2):
        extra += len(clip.measured().dropouts)
        minutes += clip.duration_s / 60
        samples = clip.samples.copy()
        holes = list(places(clip, rng))
        for start_s, length_s in holes:
            start, end = (round(at * SAMPLE_RATE_HZ) for at in (start_s, start_s + length_s))
            samples[start:end] = 0
        found = listener.hear(clip.name, samples).measured().dropouts
        for start_s, length_s in holes:
            counts[length_s].append(
                any(
                    abs(one.start_s - start_s) <= HOLE_TOLERANCE_S
                    and abs(one.end_s - start_s - length_s) <= HOLE_TOLERANCE_S
                    for one in found
                )
            )
    return {s: (sum(hits), len(hits)) for s, hits in sorted(counts.items())}, extra, minutes


def places(clip: Clip, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Starts and lengths of holes, each in a stretch of voice activity of its own."""
    roomy = [part for part in clip.speech if part.duration_s > 2 * HOLES_S[-1]]
    lengths_s = rng.permutation(HOLES_S)[: len(roomy)]
    for part, length_s in zip(roomy, lengths_s, strict=False):
        yield float(rng.uniform(part.start_s + 0.1, part.end_s - 0.1 - length_s)), float(length_s)


def telephone_band(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """White noise from 300 to 3,400 Hz."""
    band = butter(4, TELEPHONE_BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    return np.asarray(sosfilt(band, rng.standard_normal(count)))


def hum(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Mains hum and its harmonics, with a little hiss."""
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    tones = [np.sin(2 * np.pi * 60 * order * time_s + order) / order for order in (1, 2, 3, 5, 7)]
    return np.asarray(sum(tones)) + 0.05 * rng.standard_normal(count)


def babble(others: Sequence[Samples], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Twelve people at once."""
    mixed = np.zeros(count)
    for voice in rng.permutation(len(others))[:12]:
        mixed += np.roll(np.resize(others[voice], count), rng.integers(count))
    return mixed


if __name__ == "__main__":
    main()
