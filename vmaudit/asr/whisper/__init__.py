"""The batched Whisper core in torch."""
