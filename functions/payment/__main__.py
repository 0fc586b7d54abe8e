"""`python -m functions.payment [PORT]`: the API on this host, for people and load tests."""

import sys

from .handler import lambda_handler
from .local import server


def main() -> None:
    """Serve until interrupted; say where."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    with server(lambda_handler, port) as here:
        print(f"http://127.0.0.1:{here.server_port}", file=sys.stderr, flush=True)  # noqa: T201
        here.serve_forever()


if __name__ == "__main__":
    main()
