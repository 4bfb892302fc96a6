"""Draw the pictures of docs/isolation.md: a spectrogram with the spans found in it.

    pip install -e '.[pictures]'
    python tools/draw_isolation.py

One PNG per recording of samples/ named here (synthetic speech), in docs/images. Isolation runs
as in an audit, words included, so the speech model must be installed.
"""

from __future__ import annotations

from pathlib import Path

import librosa
import matplotlib as mpl
import numpy as np

from vmaudit.audio import decode
from vmaudit.config import AudioOptions, Config, RecordingOptions
from vmaudit.pipeline import Audited, Auditor
from vmaudit.recordings import scan
from vmaudit.records import SAMPLE_RATE_HZ, Audit

mpl.use("agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PICTURES = {
    "isolation-beep.png": "harborview-motors/2026-03-02_nina_oakley.m4a",
    "isolation-ring.png": "harborview-motors/2026-03-03_marcus_brandt.wav",
}
COLOURS = {
    "ring": "#0072b2",
    "greeting": "#e69f00",
    "beep": "#d55e00",
    "message": "#009e73",
    "menu": "#cc79a7",
    "tail": "#999999",
}
TOP_HZ = 4000
RANGE_DB = 60


def main() -> None:
    """Audit the recordings and draw them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    auditor = Auditor(Config.model_validate({"asr": {"model": "base"}}))
    names = set(PICTURES.values())
    recordings = scan(ROOT / "samples", RecordingOptions()).recordings
    audits = {
        result.audit.path: result.audit
        for batch in auditor.audit([r for r in recordings if r.relative_path in names])
        for result in batch
        if isinstance(result, Audited)
    }
    for picture, name in PICTURES.items():
        draw(ROOT / "samples" / name, audits[name], IMAGES / picture)
        print(IMAGES / picture)


def draw(path: Path, audit: Audit, out: Path) -> None:
    """Draw one recording with the spans of its audit."""
    samples = decode(path, AudioOptions()).samples
    power = np.abs(librosa.stft(samples, n_fft=1024, hop_length=256)) ** 2
    level_db = librosa.power_to_db(power, ref=np.max, top_db=RANGE_DB)
    figure, (lower, upper) = plt.subplots(
        2, 1, sharex=True, figsize=(9, 3.2), height_ratios=(5, 1), layout="constrained"
    )
    duration_s = len(samples) / SAMPLE_RATE_HZ
    lower.imshow(
        level_db,
        origin="lower",
        aspect="auto",
        cmap="magma",
        extent=(0, duration_s, 0, SAMPLE_RATE_HZ / 2),
        interpolation="nearest",
    )
    lower.set(ylim=(0, TOP_HZ), ylabel="Hz")
    for span in audit.segments:
        width_s = span.end_s - span.start_s
        upper.barh(0, width_s, left=span.start_s, color=COLOURS[span.kind], height=1)
        if width_s > duration_s / 20:
            middle_s = (span.start_s + span.end_s) / 2
            upper.text(middle_s, 0, span.kind, ha="center", va="center", fontsize=9)
    upper.set(xlim=(0, duration_s), yticks=(), xlabel="s")
    figure.savefig(out, dpi=80)
    plt.close(figure)


if __name__ == "__main__":
    main()
