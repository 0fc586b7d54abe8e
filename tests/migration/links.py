"""Native logical replication between both databases, in the place of DMS."""

from generator.ops.clock import SystemClock, poll
from generator.ops.control import Writer

REPLICATED = "payments, refunds, idempotency_keys, payment_events, migration_control.marker"
NAME = "tapgen_link"


class Link:
    """Replication from one side to the other; one direction at a time, or none."""

    def __init__(self, databases):
        self._ends = (databases.onprem, databases.aurora)
        self._running = None
        for database in self._ends:
            # How long a server rests between two starts of a worker: five seconds by default.
            database.run("alter system set wal_retrieve_retry_interval = '20ms'")
            database.run("select pg_reload_conf()")
            database.run(f"create publication {NAME} for table {REPLICATED}")

    def forward(self):
        """Carry over what is written from here on."""
        self._start(*self._ends)

    def reverse(self):
        """Turn round, at a moment when nobody writes."""
        self.stop()
        self._start(*reversed(self._ends))

    def onward(self):
        """Turn back again, at a moment when nobody writes."""
        self.stop()
        self._start(*self._ends)

    def follow(self, side):
        """Carry over what *side* writes, whichever way that is."""
        (self.onward if side.writer is Writer.ONPREM else self.reverse)()

    def pause(self):
        """Let nothing arrive for a while."""
        self._running.run(f"alter subscription {NAME}_{self._running.name} disable")

    def go_on(self):
        self._running.run(f"alter subscription {NAME}_{self._running.name} enable")

    def stop(self):
        if self._running:
            self._running.run(f"drop subscription {NAME}_{self._running.name}")
            self._running = None

    def _start(self, source, target):
        server = source.server
        where = f"host=localhost hostaddr=127.0.0.1 port={server.port} dbname={source.name}"
        # A server that root started would look for certificates in root's home.
        who = "user=postgres password=superuser sslmode=require sslcert=none"
        # Slots belong to a server, so the name carries the database's.
        target.run(
            f"create subscription {NAME}_{target.name} connection '{where} {who}'"
            f" publication {NAME} with (copy_data = false)"
        )
        self._running = target

    def caught_up(self):
        """Return when all that was written has arrived."""
        source, target = self._ends if self._running is self._ends[1] else self._ends[::-1]
        (at,) = source.rows("select pg_current_wal_lsn()")[0]
        arrived = (
            "select count(*) from pg_stat_replication"
            " where application_name = %s and replay_lsn >= %s"
        )
        name = f"{NAME}_{target.name}"
        poll(
            lambda: source.rows(arrived, name, at) == [(1,)],
            SystemClock(), every=0.02, within=30, awaited="replication",
        )  # fmt: skip
