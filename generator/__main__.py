"""The command's own process; `python -m generator` is `tapgen`."""

import gc

# A process of a fraction of a second leaves nothing behind that is worth looking for, and what
# follows makes a million objects.
gc.disable()

from generator.cli import main  # noqa: E402 - after that

if __name__ == "__main__":
    main(prog_name="tapgen")
