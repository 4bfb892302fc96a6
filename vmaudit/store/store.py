"""Reading and writing the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy import update as sql_update
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from vmaudit.errors import StoreError
from vmaudit.records import Audit, Failure, to_json
from vmaudit.store import tables

DATABASE_NAME = "vmaudit.db"
READ_CHUNK = 500


def store_address(out: Path) -> URL:
    """The SQLAlchemy address of the store inside an output folder."""
    return URL.create("sqlite", database=str(out / DATABASE_NAME))  # its name may hold ? and %


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """One audit as the store holds it: its key, and the contract's JSON."""

    path: str
    content_id: str
    key: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run; ``report`` is the object of run.json, None of a run that was killed."""

    id: int
    started_at: datetime
    report: Mapping[str, Any] | None


class Store:
    """One database. Every ``write`` is a transaction: all of it, or none."""

    def __init__(self, address: str | URL) -> None:
        """Open, and create what is missing. Raises ``StoreError``."""
        self._engine = _open(address)
        try:
            self._prepare()
        except StoreError:
            self.close()
            raise

    def _prepare(self) -> None:
        with self._transaction() as connection:
            tables.metadata.create_all(connection)
        version = self.fact("schema_version")
        if version is None:
            self.set_fact("schema_version", str(tables.SCHEMA_VERSION))
        elif version != str(tables.SCHEMA_VERSION):
            raise StoreError(
                f"{self._engine.url.render_as_string()} was written with schema {version}; this "
                f"vmaudit reads schema {tables.SCHEMA_VERSION}. Audit into another --out folder."
            )

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # Facts

    def fact(self, name: str) -> str | None:
        """One named string, or None."""
        query = select(tables.facts.c.value).where(tables.facts.c.name == name)
        with self._transaction() as connection:
            return cast(str | None, connection.execute(query).scalar())

    def set_fact(self, name: str, value: str) -> None:
        """Keep one named string."""
        with self._transaction() as connection:
            _replace(connection, tables.facts, {"name": name}, {"value": value})

    # Files

    def known_content(self) -> dict[tuple[str, int, int], str]:
        """Content ids by path, size in bytes and modification time in nanoseconds."""
        with self._transaction() as connection:
            rows = connection.execute(select(tables.files)).all()
        return {(row.path, row.size_bytes, row.mtime_ns): row.content_id for row in rows}

    def remember_content(self, seen: Mapping[tuple[str, int, int], str]) -> None:
        """Keep content ids for ``known_content``."""
        with self._transaction() as connection:
            for (path, size_bytes, mtime_ns), content_id in seen.items():
                values = {"size_bytes": size_bytes, "mtime_ns": mtime_ns, "content_id": content_id}
                _replace(connection, tables.files, {"path": path}, values)

    # Stages

    def stage(self, content_id: str, stage: str, key: str) -> Any | None:
        """What a stage found under exactly this key, as JSON values, or None."""
        table = tables.stages
        query = select(table.c.payload).where(
            table.c.content_id == content_id, table.c.stage == stage, table.c.key == key
        )
        with self._transaction() as connection:
            return connection.execute(query).scalar()

    def stage_payloads(self, stage: str, key: str) -> Iterator[tuple[str, Any]]:
        """Content id and what the stage found, for all content kept under exactly this key."""
        table, after = tables.stages, ""
        query = select(table.c.content_id, table.c.payload).order_by(table.c.content_id)
        query = query.where(table.c.stage == stage, table.c.key == key).limit(READ_CHUNK)
        while True:
            with self._transaction() as connection:
                rows = connection.execute(query.where(table.c.content_id > after)).all()
            if not rows:
                return
            yield from ((row.content_id, row.payload) for row in rows)
            after = rows[-1].content_id

    # Audits and failures

    def audit_keys(self) -> dict[str, tuple[str, str]]:
        """Content id and key of every audit, by path."""
        table = tables.audits
        with self._transaction() as connection:
            rows = connection.execute(select(table.c.path, table.c.content_id, table.c.key)).all()
        return {row.path: (row.content_id, row.key) for row in rows}

    def audits(self, *, rep: str | None = None) -> Iterator[StoredAudit]:
        """Every audit, or those of one rep, in order of path, a chunk in memory at a time."""
        table, after = tables.audits, ""
        query = select(table).order_by(table.c.path).limit(READ_CHUNK)
        if rep is not None:
            query = query.where(table.c.rep == rep)
        while True:
            with self._transaction() as connection:
                rows = connection.execute(query.where(table.c.path > after)).all()
            if not rows:
                return
            for row in rows:
                yield StoredAudit(row.path, row.content_id, row.key, row.payload)
            after = rows[-1].path

    def audit(self, path: str) -> StoredAudit | None:
        """The audit of one recording by its path in the folder."""
        query = select(tables.audits).where(tables.audits.c.path == path)
        with self._transaction() as connection:
            row = connection.execute(query).first()
        return StoredAudit(row.path, row.content_id, row.key, row.payload) if row else None

    def reps(self) -> list[str]:
        """Everybody who is known to have spoken, in order."""
        column = tables.audits.c.rep
        query = select(column).where(column.is_not(None)).distinct().order_by(column)
        with self._transaction() as connection:
            return list(connection.execute(query).scalars())

    def failures(self) -> list[Failure]:
        """Every recording that could not be audited when last tried, in order of path."""
        table = tables.failures
        with self._transaction() as connection:
            rows = connection.execute(select(table).order_by(table.c.path)).all()
        return [Failure(row.path, row.stage, row.reason, row.content_id) for row in rows]

    def write(self, batch: StoreBatch) -> None:
        """Keep one batch of results, or none of it."""
        with self._transaction() as connection:
            for (content_id, stage), (key, payload) in batch.stages.items():
                _replace(
                    connection,
                    tables.stages,
                    {"content_id": content_id, "stage": stage},
                    {"key": key, "payload": payload},
                )
            for audit, key in batch.audits:
                _forget(connection, tables.failures, audit.path)
                values = {
                    "content_id": audit.id,
                    "key": key,
                    "run_id": batch.run_id,
                    "status": audit.status,
                    "rep": audit.rep,
                    "payload": to_json(audit),
                }
                _replace(connection, tables.audits, {"path": audit.path}, values)
            for failure in batch.failures:
                if failure.id is not None:  # else it may be the same file, out of reach for now
                    _forget_other(connection, failure.path, failure.id)
                values = {
                    "content_id": failure.id,
                    "stage": failure.stage,
                    "reason": failure.reason,
                    "run_id": batch.run_id,
                }
                _replace(connection, tables.failures, {"path": failure.path}, values)

    def amend(self, change: Callable[[StoredAudit], Mapping[str, Any]]) -> None:
        """Put what ``change`` makes of an audit's JSON in its place, for every audit.

        One that it leaves as it is is not written.
        """
        audits = self.audits()
        while chunk := list(islice(audits, READ_CHUNK)):
            with self._transaction() as connection:
                for audit in chunk:
                    payload = change(audit)
                    if payload != audit.payload:
                        same_path = tables.audits.c.path == audit.path
                        statement = sql_update(tables.audits).where(same_path)
                        connection.execute(statement.values(payload=dict(payload)))

    def forget_failures(self, paths: Iterable[str]) -> None:
        """Drop failures of files that are no longer there, or are recordings no more."""
        with self._transaction() as connection:
            for path in paths:
                _forget(connection, tables.failures, path)

    # Runs

    def begin_run(self) -> int:
        """Note that a run starts; return its id."""
        with self._transaction() as connection:
            result = connection.execute(insert(tables.runs).values(started_at=datetime.now(UTC)))
            key = result.inserted_primary_key
        if key is None:
            raise StoreError("the database gave the new run no id")
        return int(key[0])

    def finish_run(self, run_id: int, report: Mapping[str, Any]) -> None:
        """Note that a run has ended, and how."""
        statement = (
            sql_update(tables.runs)
            .where(tables.runs.c.id == run_id)
            .values(finished_at=datetime.now(UTC), report=dict(report))
        )
        with self._transaction() as connection:
            connection.execute(statement)

    def runs(self) -> list[StoredRun]:
        """Every run, the latest first."""
        table = tables.runs
        query = select(table.c.id, table.c.started_at, table.c.report).order_by(table.c.id.desc())
        with self._transaction() as connection:
            return [StoredRun(*row) for row in connection.execute(query).all()]

    def audited_in(self, run_id: int) -> set[str]:
        """The paths whose audits that run made, and no later one made anew."""
        query = select(tables.audits.c.path).where(tables.audits.c.run_id == run_id)
        with self._transaction() as connection:
            return set(connection.execute(query).scalars())

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                f"cannot use {self._engine.url.render_as_string()}: {cause}"
            ) from error


@dataclass(frozen=True, slots=True)
class StoreBatch:
    """What one ``Store.write`` keeps.

    ``stages`` maps content id and stage name to the key and the JSON payload; ``audits``
    pairs each audit with its key.
    """

    run_id: int
    stages: Mapping[tuple[str, str], tuple[str, Any]]
    audits: tuple[tuple[Audit, str], ...]
    failures: tuple[Failure, ...]


def _open(address: str | URL) -> Engine:
    try:
        url = make_url(address)
    except SQLAlchemyError as error:  # its message would show a password
        raise StoreError("cannot open the store: its address is no SQLAlchemy address") from error
    try:
        engine = create_engine(url)
    except (SQLAlchemyError, ImportError) as error:
        raise StoreError(f"cannot open {url.render_as_string()}: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Let readers in while a run writes, and survive a kill at any moment."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _replace(
    connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    """Delete and insert: the one form of upsert that every dialect knows."""
    connection.execute(delete(table).where(*(table.c[name] == key[name] for name in key)))
    connection.execute(insert(table).values(**key, **values))


def _forget(connection: Connection, table: Table, path: str) -> None:
    connection.execute(delete(table).where(table.c.path == path))


def _forget_other(connection: Connection, path: str, content_id: str) -> None:
    """Drop the audit of a file whose content is no longer what was audited."""
    table = tables.audits
    same_path = table.c.path == path
    connection.execute(delete(table).where(same_path, table.c.content_id != content_id))
