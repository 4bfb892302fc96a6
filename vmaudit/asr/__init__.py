"""Speech engines behind one protocol, and the registry of speech models."""

from vmaudit.asr.engines import load_transcriber, model_in_use
from vmaudit.asr.protocol import Passage, Transcriber
from vmaudit.asr.scripted import ScriptedTranscriber

__all__ = ["Passage", "ScriptedTranscriber", "Transcriber", "load_transcriber", "model_in_use"]
