"""Models that ship with vmaudit, and the list of speech models it can fetch."""
