"""Isolation with real words on recordings of people: one person speaking is no conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from vmaudit.asr import weights
from vmaudit.config import Config, RecordingOptions
from vmaudit.pipeline import Audited, Auditor
from vmaudit.recordings import scan

AUDIO = Path(__file__).resolve().parents[2] / "shared" / "audio"
# Numbers read slowly, digit by digit, and one man in one room, in stereo.
ALONE = {
    "allison_phone_composed": ["ph_4153755900_fast.wav", "ph_5123382476_grouped.wav"],
    "read_wer": ["lucier.mp3"],
}


@pytest.mark.model
@pytest.mark.human
@pytest.mark.parametrize("name", ALONE)
def test_one_person_who_speaks_leaves_a_message(name: str) -> None:
    if not (AUDIO / name).is_dir():
        pytest.skip(f"no human recordings at {AUDIO}")
    if weights.installed_path("base") is None:
        pytest.skip("base is not installed; run: vmaudit models pull base")
    auditor = Auditor(Config.model_validate({"asr": {"model": "base"}}))
    recordings = scan(AUDIO / name, RecordingOptions()).recordings
    wanted = [one for one in recordings if one.relative_path in ALONE[name]]
    assert len(wanted) == len(ALONE[name])
    for results in auditor.audit(wanted):
        for result in results:
            assert isinstance(result, Audited)
            assert result.audit.outcomes[0] in ("left_message", "cut_off"), result.audit.path
            assert result.audit.transcript is not None
            assert len(result.audit.transcript.words) > 8
