"""The command line: parse, call, print, exit code; nothing else."""

from vmaudit.cli.app import app, main

__all__ = ["app", "main"]
