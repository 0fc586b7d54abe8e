"""What a move of the writer is watched by: crashes at a moment, and which side is open."""

MOMENTS = ("begins", "is to be recorded", "is done")
OPEN = "select epoch, open from migration_control.writer_epoch"


class CrashError(Exception):
    """A process that is no more."""


def dies_at(moment):
    def watch(told):
        if told == moment:
            raise CrashError(moment)

    return watch


def doors(databases):
    """Return which epoch each side knows, and whether it is open."""
    return {side.server.name: side.rows(OPEN)[0] for side in (databases.onprem, databases.aurora)}
