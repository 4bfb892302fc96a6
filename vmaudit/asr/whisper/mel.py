"""Log-mel spectrograms, over as much context as the encoder is to see."""

from __future__ import annotations

import numpy as np
import torch
import whisper.audio
from numpy.typing import NDArray

# Whisper clamps 8 (in units of log10) below the clip's own maximum, then scales to about [-1, 1].
DYNAMIC_RANGE_LOG10 = 8.0
POWER_FLOOR = 1e-10
AFTER_CONTENT = 0.0  # what the reference puts behind the audio, in place of silence


def log_mel(
    clip: NDArray[np.float32], n_mels: int, device: torch.device, *, frames: int
) -> torch.Tensor:
    """Return the float32 log-mel features of one clip, shape ``(n_mels, frames)``.

    ``frames``, of 10 ms, are at least the clip's own; behind it Whisper expects padding.
    Source: Radford et al. 2022, section 2.2.
    """
    padded = np.pad(clip, (0, whisper.audio.N_FFT))  # for the last frame to end in silence
    window = torch.hann_window(whisper.audio.N_FFT, device=device)
    spectrum = torch.stft(
        _sent(torch.from_numpy(padded), device),
        whisper.audio.N_FFT,
        whisper.audio.HOP_LENGTH,
        window=window,
        return_complex=True,
    )
    mel = whisper.audio.mel_filters(device, n_mels) @ spectrum.abs().square()
    heard = mel.clamp(min=POWER_FLOOR).log10()
    heard = torch.maximum(heard, heard.max() - DYNAMIC_RANGE_LOG10)
    heard = heard[:, : len(clip) // whisper.audio.HOP_LENGTH]
    features = torch.full((n_mels, frames), AFTER_CONTENT, device=device)
    features[:, : heard.shape[1]] = (heard + 4.0) / 4.0
    return features


def _sent(samples: torch.Tensor, device: torch.device) -> torch.Tensor:
    """The samples on the device; to a GPU by way of pinned memory, while Python goes on."""
    if device.type != "cuda":
        return samples.to(device)
    return samples.pin_memory().to(device, non_blocking=True)
