"""``python -m vmaudit``: the command line."""

from vmaudit.cli import main

main()
