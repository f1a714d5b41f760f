"""`python -m vitascope`: what the launcher runs."""

from vitascope.cli import main

main()
