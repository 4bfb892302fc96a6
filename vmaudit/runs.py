"""One run over a folder: find, skip what is done, audit the rest, keep it, write it out.

A run can be stopped at any moment, by Ctrl-C or a kill; what was kept stays, and the next
run goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from vmaudit.cohort import FINGERPRINT, relate
from vmaudit.config import Config
from vmaudit.errors import ConfigError, StoreError
from vmaudit.pipeline import (
    Audited,
    Auditor,
    Heard,
    delivery_from_json,
    heard_from_json,
    rep_of,
)
from vmaudit.recordings import Scan, scan
from vmaudit.records import Delivery, Failure, HearingId, Recording, Rep, to_json
from vmaudit.report import write_exports, write_json
from vmaudit.rescoring import keep_rubric, kept_rubric
from vmaudit.scoring import Judge, find_rubric, load_scorer, shipped_scorer
from vmaudit.store import Store, StoreBatch, store_address

SPEECH, DELIVERY = "speech", "delivery"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. ``audio_s`` is the length of the recordings transcribed in this run."""

    done: int
    total: int
    failed: int
    audio_s: float
    elapsed_s: float


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run went: the content of ``run.json``.

    ``audited`` counts this run's work, ``unchanged`` what earlier runs had done already;
    ``heard`` counts the recordings whose speech was transcribed in this run.
    """

    state: Literal["complete", "interrupted"]
    folder: str
    started_at: datetime
    elapsed_s: float
    found: int
    ignored: int
    skipped: int
    duplicates: int
    unmatched_names: int
    audited: int
    heard: int
    unchanged: int
    failed: int
    audio_s: float
    speech_model: str | None
    vmaudit: str
    config: Mapping[str, Any]
    unmatched_rows: tuple[str, ...]
    without_metadata: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 all done, 3 done with failures, 130 interrupted."""
        if self.state == "interrupted":
            return 130
        return 3 if self.failed else 0


def audit_folder(
    folder: Path | str,
    out: Path | str,
    config: Config | None = None,
    *,
    auditor: Auditor | None = None,
    progress: ProgressCallback | None = None,
) -> RunReport:
    """Audit every recording under ``folder`` and leave the results in ``out``.

    ``auditor`` may be given to use loaded models again; else one is made from ``config``,
    for which the speech model must be installed. Raises ``ConfigError``, ``ModelError``,
    ``StoreError``; what goes wrong with one recording is a row of the failures. On
    ``KeyboardInterrupt`` the results so far are written and the report says ``interrupted``.
    """
    folder, out = Path(folder), Path(out)
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    with locked(out):
        store = Store(store_address(out))
        try:
            run = _Run(folder.resolve(), out, config or Config(), store, progress)
            return run.go(auditor)
        finally:
            store.close()


class _Known:
    """What the store knows under the present keys."""

    def __init__(self, store: Store, auditor: Auditor, *, forget: bool) -> None:
        self._store, self._auditor, self._forget = store, auditor, forget
        self.remembered: set[HearingId] = set()  # whose words were there already

    def heard(self, recording: Recording) -> Heard | None:
        payload = self._find(recording.id, SPEECH, self._auditor.speech_key(recording))
        if payload is None:
            return None
        self.remembered.add(recording.hearing_id)
        return heard_from_json(payload)

    def delivery(self, recording: Recording) -> Delivery | None:
        payload = self._find(recording.id, DELIVERY, self._auditor.delivery_key(recording))
        return None if payload is None else delivery_from_json(payload)

    def _find(self, content_id: str, stage: str, key: str) -> Any | None:
        return None if self._forget else self._store.stage(content_id, stage, key)


class _Run:
    def __init__(
        self,
        folder: Path,
        out: Path,
        config: Config,
        store: Store,
        progress: ProgressCallback | None,
    ) -> None:
        self._folder, self._out, self._config, self._store = folder, out, config, store
        self._name = str(folder).encode("utf-8", "backslashreplace").decode()
        self._progress = progress or (lambda _: None)
        self._started_at, self._start_s = datetime.now(UTC), time.monotonic()
        self._audited = self._failed = 0
        self._heard: set[HearingId] = set()  # transcribed in this run
        self._audio_s = 0.0

    def go(self, auditor: Auditor | None) -> RunReport:
        self._check_claim()
        found = self._scan()
        auditor = auditor or Auditor(self._config, scoring=self._judge())
        self._claim(found)
        todo = self._todo(found, auditor)
        known = _Known(self._store, auditor, forget=self._config.run.force)
        run_id = self._store.begin_run()
        self._keep(run_id, auditor, found.failures, known, found.roster)
        total = len(todo) + self._failed
        state: Literal["complete", "interrupted"] = "complete"
        try:
            self._report_progress(total)
            for results in auditor.audit(todo, roster=found.roster, known=known):
                self._keep(run_id, auditor, results, known, found.roster)
                self._report_progress(total)
        except KeyboardInterrupt:
            state = "interrupted"
        self._store.forget_failures(self._stale_failures(found))
        relate(self._store, auditor.fingerprint_key, auditor.scoring)
        report = self._report(state, found, auditor, unchanged=len(found.recordings) - len(todo))
        self._store.finish_run(run_id, to_json(report))
        write_exports(self._store, self._out)
        write_json(self._out / "run.json", to_json(report))
        return report

    def _judge(self) -> Judge:
        """The scorer that comes with the program, and the rubric that was asked for.

        One that is named is kept for later runs, which need not name it again.
        """
        options = self._config.scoring
        scorer = load_scorer(options.scorer) if options.scorer else shipped_scorer()
        if options.rubric is None:
            return Judge(scorer, kept_rubric(self._store))
        rubric = find_rubric(options.rubric)
        keep_rubric(self._store, rubric)
        return Judge(scorer, rubric)

    def _check_claim(self) -> None:
        """Refuse early, before the folder is read, where ``_claim`` surely would."""
        claimed = self._store.fact("folder")
        if claimed is not None and claimed != self._name and Path(claimed).is_dir():
            raise ConfigError(self._another_folder(claimed))

    def _claim(self, found: Scan) -> None:
        """One OUT belongs to one FOLDER, so that paths in it mean one thing.

        A folder that was moved is known by a recording that is still where it was.
        """
        claimed = self._store.fact("folder")
        if claimed is not None and claimed != self._name:
            done = self._store.audit_keys()
            same = any(
                recording.relative_path in done and done[recording.relative_path][0] == recording.id
                for recording in found.recordings
            )
            if done and not same:
                raise ConfigError(self._another_folder(claimed))
        self._store.set_fact("folder", self._name)

    def _another_folder(self, claimed: str) -> str:
        return f"{self._out} holds the audit of {claimed}; give another --out for {self._name}"

    def _scan(self) -> Scan:
        known = {} if self._config.run.force else self._store.known_content()
        found = scan(
            self._folder,
            self._config.recordings,
            known_id=lambda path, size, mtime_ns: known.get((path, size, mtime_ns)),
            raw_codec=self._config.audio.raw_codec,
        )
        self._store.remember_content(
            {key: value for key, value in found.content_ids.items() if known.get(key) != value}
        )
        return found

    def _todo(self, found: Scan, auditor: Auditor) -> list[Recording]:
        """The recordings whose audit is missing, or was made under other keys."""
        if self._config.run.force:
            return list(found.recordings)
        done = self._store.audit_keys()
        return [
            recording
            for recording in found.recordings
            if done.get(recording.relative_path)
            != (recording.id, auditor.audit_key(recording, rep_of(recording, found.roster)))
        ]

    def _keep(
        self,
        run_id: int,
        auditor: Auditor,
        results: Sequence[Audited | Failure],
        known: _Known,
        roster: Mapping[str, Rep],
    ) -> None:
        """Commit one batch: from here on a kill cannot lose it."""
        audited = [result for result in results if isinstance(result, Audited)]
        failures = [result for result in results if isinstance(result, Failure)]
        stages: dict[tuple[str, str], tuple[str, Any]] = {}
        for result in audited:
            content_id = result.recording.id
            speech_key = auditor.speech_key(result.recording)
            delivery_key = auditor.delivery_key(result.recording)
            stages[content_id, SPEECH] = (speech_key, to_json(result.heard))
            stages[content_id, DELIVERY] = (delivery_key, to_json(result.delivery))
            if result.fingerprint is not None:
                taken = result.fingerprint.to_text()
                stages[content_id, FINGERPRINT] = (auditor.fingerprint_key, taken)
        self._store.write(
            StoreBatch(
                run_id,
                stages,
                tuple(
                    (r.audit, auditor.audit_key(r.recording, rep_of(r.recording, roster)))
                    for r in audited
                ),
                tuple(failures),
            )
        )
        self._audited += len(audited)
        self._failed += len(failures)
        for result in audited:
            hearing_id = result.recording.hearing_id
            if hearing_id not in self._heard and hearing_id not in known.remembered:
                self._heard.add(hearing_id)
                self._audio_s += result.audit.audio.duration_s

    def _stale_failures(self, found: Scan) -> list[str]:
        """Failures of files that are gone, or that are no recordings any more."""
        present = found.present | {failure.path for failure in found.failures}
        return [f.path for f in self._store.failures() if f.path not in present]

    def _report_progress(self, total: int) -> None:
        elapsed_s = time.monotonic() - self._start_s
        done = self._audited + self._failed
        self._progress(Progress(done, total, self._failed, self._audio_s, elapsed_s))

    def _report(
        self,
        state: Literal["complete", "interrupted"],
        found: Scan,
        auditor: Auditor,
        *,
        unchanged: int,
    ) -> RunReport:
        return RunReport(
            state=state,
            folder=str(self._folder),
            started_at=self._started_at,
            elapsed_s=time.monotonic() - self._start_s,
            found=len(found.recordings) + len(found.failures),
            ignored=found.ignored,
            skipped=found.skipped,
            duplicates=found.duplicates,
            unmatched_names=found.unmatched_names,
            audited=self._audited,
            heard=len(self._heard),
            unchanged=unchanged,
            failed=self._failed,
            audio_s=self._audio_s,
            speech_model=auditor.speech_model,
            vmaudit=version("vmaudit"),
            config=self._config.model_dump(mode="json"),
            unmatched_rows=found.unmatched_rows,
            without_metadata=found.without_metadata,
            warnings=found.warnings,
        )


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """One run at a time writes to ``out``. Raises ``StoreError`` while another does."""
    lock = FileLock(out / ".lock", timeout=0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            f"another run is writing to {out}; wait for it, or give another --out"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot write to {out}: {error}") from error
    try:
        yield
    finally:
        lock.release()
