"""`python -m functions.payment [PORT]`."""

from .local import main

main()
