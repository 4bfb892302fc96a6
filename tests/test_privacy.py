"""Nothing leaves the machine, and nothing gets ready to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DETECT = """
import socket

def refuse(*args, **kwargs):
    raise AssertionError(f"a connection was opened: {args}")

socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse

import numpy as np
from vmaudit.config import SpeechOptions
from vmaudit.delivery import measure
from vmaudit.isolation import isolate, survey
from vmaudit.records import Transcript
from vmaudit.speech import VoiceActivity

noise = np.random.default_rng(0).normal(scale=0.1, size=32_000).astype(np.float32)
scene = survey(noise, VoiceActivity(SpeechOptions()).detect)
measure(noise, isolate(scene, noise, ()).isolation, Transcript("", "en", "none", None, ()))
"""


def test_listening_opens_no_connection_and_leaves_no_telemetry(tmp_path: Path) -> None:
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    inherited = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", DETECT], check=True, env=inherited | home, timeout=300)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if "onnx" in str(path).lower()], left
