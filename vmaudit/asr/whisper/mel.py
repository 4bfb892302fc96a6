"""Log-mel spectrograms, a whole batch at once, each row as if it were alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import whisper.audio
from numpy.typing import NDArray

# Whisper clamps 8 (in units of log10) below each row's own maximum, then scales to about [-1, 1].
DYNAMIC_RANGE_LOG10 = 8.0
POWER_FLOOR = 1e-10
AFTER_CONTENT = 0.0  # what the reference puts behind the audio, in place of silence


def log_mel_batch(
    clips: Sequence[NDArray[np.float32]], n_mels: int, device: torch.device
) -> torch.Tensor:
    """Return float32 log-mel features, shape ``(len(clips), n_mels, N_FRAMES)``.

    Each clip is cut or padded with silence to Whisper's 30 s context. The maximum that
    sets the dynamic range is the row's own, so a batch equals its singles.
    Source: Radford et al. 2022, section 2.2.
    """
    padded = np.zeros((len(clips), whisper.audio.N_SAMPLES), dtype=np.float32)
    for row, clip in zip(padded, clips, strict=True):
        kept = min(len(clip), whisper.audio.N_SAMPLES)
        row[:kept] = clip[:kept]
    samples = torch.from_numpy(padded).to(device)
    window = torch.hann_window(whisper.audio.N_FFT, device=device)
    spectrum = torch.stft(
        samples,
        whisper.audio.N_FFT,
        whisper.audio.HOP_LENGTH,
        window=window,
        return_complex=True,
    )
    power = spectrum[..., :-1].abs().square()
    mel = whisper.audio.mel_filters(device, n_mels) @ power
    log_mel = mel.clamp(min=POWER_FLOOR).log10()
    ceiling = log_mel.amax(dim=(1, 2), keepdim=True)
    log_mel = torch.maximum(log_mel, ceiling - DYNAMIC_RANGE_LOG10)
    features = (log_mel + 4.0) / 4.0
    for row, clip in zip(features, clips, strict=True):
        row[:, len(clip) // whisper.audio.HOP_LENGTH :] = AFTER_CONTENT
    return features
