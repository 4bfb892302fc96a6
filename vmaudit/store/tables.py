"""The tables. Payloads are JSON in the shape of the output contract."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# Raise it with a change of the tables, or of the contract, that makes stored audits unreadable.
SCHEMA_VERSION = 2

metadata = MetaData()

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# What a file was when it was last read, so that an unchanged one is not hashed again.
files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("content_id", String(64), nullable=False),
)

# The latest result of a costly stage for one content; ``key`` digests all it depends on.
stages = Table(
    "stages",
    metadata,
    Column("content_id", String(64), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
)

audits = Table(
    "audits",
    metadata,
    Column("path", Text, primary_key=True),
    Column("content_id", String(64), nullable=False, index=True),
    Column("key", String(64), nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("rep", Text, index=True),
    Column("payload", JSON, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("path", Text, primary_key=True),
    Column("content_id", String(64)),
    Column("stage", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("run_id", Integer, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("report", JSON),
)
