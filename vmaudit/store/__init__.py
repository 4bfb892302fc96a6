"""The results on disk, by SQLAlchemy: SQLite by default, any address it knows.

``Store`` keeps four things: the audits, one a recording; what each costly stage found, by
content and by a key of all it depends on, so that a later run repeats nothing; the
failures; and the runs.
"""

from vmaudit.store.store import Store, StoreBatch, StoredAudit, StoredRun, store_address

__all__ = ["Store", "StoreBatch", "StoredAudit", "StoredRun", "store_address"]
