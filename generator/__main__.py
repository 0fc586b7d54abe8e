"""`python -m generator` is `tapgen`."""

from generator.cli import main

main(prog_name="tapgen")
