"""Real PostgreSQL servers for tests: found on this machine, TLS on, in folders of their own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

SUPERUSER = "postgres"
PASSWORD = "superuser"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
_SETTINGS = """
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
ssl_min_protocol_version = 'TLSv1.2'
password_encryption = 'scram-sha-256'
wal_level = logical
max_replication_slots = 20
max_wal_senders = 20
max_connections = 120
max_prepared_transactions = 5
track_commit_timestamp = on
shared_buffers = 32MB
fsync = off
log_min_messages = warning
"""
# As on RDS, members of rds_iam come with a token: there a module checks it, here nothing does.
_LOGINS = """
local all all trust
hostssl all {superuser} 127.0.0.1/32 scram-sha-256
hostssl all +rds_iam 127.0.0.1/32 trust
hostssl all all 127.0.0.1/32 scram-sha-256
hostssl replication all 127.0.0.1/32 scram-sha-256
"""


def programs():
    """Return the folder of the server programs; without, skip, or fail where CI is set."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    for place in _PLACES:
        found += sorted(Path("/").glob(place[1:]), key=_version, reverse=True)
    for folder in found:
        if (folder / "initdb").exists():
            return folder
    reason = "PostgreSQL's server programs are not installed"
    if "CI" in os.environ:
        pytest.fail(reason)
    return pytest.skip(reason)


def _version(folder):
    return [
        int(digits) for digits in "".join(c if c.isdigit() else " " for c in str(folder)).split()
    ]


@dataclass
class Server:
    """One server: a process, its folder, its port; it keeps both when it restarts."""

    name: str
    bin: Path
    folder: Path
    ca: Path
    user: str | None  # to run as, where we are root
    port: int

    def connect(self, database="postgres", user=SUPERUSER, password=PASSWORD, **options):
        """Connect over verified TLS, in autocommit."""
        asked = {"sslmode": "verify-full", "sslrootcert": str(self.ca), "connect_timeout": 5}
        return psycopg.connect(
            host="localhost", hostaddr="127.0.0.1", port=self.port, dbname=database,
            user=user, password=password, autocommit=True, **(asked | options),
        )  # fmt: skip

    def create(self, certificate):
        for name, pem in (
            ("server.pem", certificate.cert_chain_pems[0]),
            ("server.key", certificate.private_key_pem),
        ):
            path = self.folder / name
            pem.write_to_path(path)
            path.chmod(0o600)
        secret = self.folder / "superuser"
        secret.write_text(PASSWORD)
        if self.user:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, self.user)
        self._run(
            "initdb", "--pgdata", self.data, "--username", SUPERUSER, "--pwfile", secret,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
        )  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(_SETTINGS.format(folder=self.folder))
            file.write(f"port = {self.port}\nunix_socket_directories = '{self.folder}'\n")
        (self.data / "pg_hba.conf").write_text(_LOGINS.format(superuser=SUPERUSER))

    def start(self):
        self._run("pg_ctl", "start", "--wait", "--pgdata", self.data, "--log", self.folder / "log")

    def stop(self, mode="fast"):
        """Stop; `immediate` is a crash, which the next start recovers from."""
        self._run("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", self.data)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    @property
    def data(self):
        return self.folder / "data"

    def _run(self, program, *arguments):
        command = [self.bin / program, *map(str, arguments)]
        somebody = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid} if self.user else {}
        # Into a file, not a pipe: the started server inherits it, and would keep a pipe open.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False,
                **somebody,
            )  # fmt: skip
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


@contextmanager
def running(name, authority, *, memory=Path("/dev/shm")):
    """Make a server, start it, yield it; stop it and remove its folder in the end."""
    found = programs()
    with tempfile.TemporaryDirectory(
        prefix=f"tapgen-{name}-", dir=memory if memory.is_dir() else None
    ) as folder:
        ca = Path(folder) / "ca.pem"
        authority.cert_pem.write_to_path(ca)
        server = Server(name, found, Path(folder), ca, _unprivileged(), _free_port())
        server.create(authority.issue_cert("localhost", "127.0.0.1"))
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


def _unprivileged():
    """Return who runs a server when we are root, which PostgreSQL refuses to be run by."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
