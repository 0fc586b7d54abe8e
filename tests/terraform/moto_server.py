"""A moto server: the AWS API of one account, in a process of its own."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import boto3

PATIENCE = 60  # seconds that a server may take to start on a busy machine


@contextmanager
def serving(account_id, log):
    """Serve the API of *account_id*, writing to the file *log*; yield its URL."""
    environ = os.environ | {
        "MOTO_ACCOUNT_ID": account_id,
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, Path(__file__), "--host", "127.0.0.1", "--port", "0"]
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, env=environ, stdout=stream, stderr=stream) as server,
    ):
        try:
            yield _url(server, log)
        finally:
            server.terminate()


def client(service, url, region):
    """Return a boto3 client of *service* at *url*."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def _url(server, log):
    """Return the address that the server announces, once it does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"moto did not start:\n{log.read_text(encoding='utf-8')}")


def _serve():
    from moto.rds.models import DBInstance  # noqa: PLC0415 - the server's process alone pays for it
    from moto.server import main  # noqa: PLC0415 - the same

    made = DBInstance.__init__

    # What AWS signs new instances with. moto has a name that AWS does not know, and the provider
    # then changes it, reboots, and waits for minutes.
    def make(self, *arguments, ca_certificate_identifier="rds-ca-rsa2048-g1", **options):
        options["ca_certificate_identifier"] = ca_certificate_identifier
        made(self, *arguments, **options)

    DBInstance.__init__ = make
    main(sys.argv[1:])


if __name__ == "__main__":
    _serve()
