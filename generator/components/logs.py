"""Log groups: how long CloudWatch keeps what is written to them."""

from typing import Literal

# The periods that CloudWatch offers, from the twelve months that PCI DSS 10.5.1 asks for.
Retention = Literal[365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
