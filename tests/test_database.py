"""What the database makes of dates and times of day."""

import datetime as dt

import pytest

from generator.components.database import Database
from generator.components.windows import Window
from generator.model.rule import ask

ENDS = dt.date(2027, 2, 28)


def warnings(today, **settings):
    """Return the warnings about support on *today*."""
    found = ask(Database.rules(), Database(**settings), today)
    return [finding.message for rule, finding in found if rule.id == "TAP303"]


@pytest.mark.parametrize("days", [-3650, -91])
def test_support_is_no_matter_until_90_days_before_its_end(days):
    assert warnings(ENDS + dt.timedelta(days)) == []


@pytest.mark.parametrize(("days", "verb"), [(-90, "leaves"), (0, "leaves"), (1, "left")])
def test_end_of_support_says_what_aws_will_do(days, verb):
    (message,) = warnings(ENDS + dt.timedelta(days))

    assert message.startswith(f"14 {verb} standard support on 2027-02-28: AWS then upgrades it")


def test_end_of_support_says_what_staying_costs():
    (message,) = warnings(ENDS, extended_support=True)

    assert "Extended Support for 8 vCPUs is billed until 2030-02-28" in message


def test_unknown_version_is_not_judged_by_its_age():
    assert warnings(ENDS, engine_version="13.9") == []


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("03:00-04:00", "sun:03:59-sun:04:30", True),
        ("23:30-00:30", "tue:00:00-tue:01:00", True),
        ("00:00-01:00", "sun:23:00-mon:00:30", True),
        ("mon:00:00-mon:01:00", "sun:23:30-mon:00:30", True),
        ("mon:00:00-mon:01:00", "tue:00:00-tue:01:00", False),
    ],
)
def test_windows_meet_around_midnight_and_the_week(one, other, meet):
    assert Window.parse(one).meets(Window.parse(other)) is meet
    assert Window.parse(other).meets(Window.parse(one)) is meet


@pytest.mark.parametrize(
    ("maintenance", "hour"),
    [
        ("sun:05:00-sun:06:00", 15),
        ("sun:15:30-sun:16:30", 17),
        ("sun:10:00-mon:02:00", 15),  # nothing is clear of it
    ],
)
def test_vault_is_filled_half_a_day_from_backups_and_clear_of_maintenance(maintenance, hour):
    database = Database(backup_window="03:00-04:00", maintenance_window=maintenance)

    assert database.vault_schedule == f"cron(0 {hour} * * ? *)"
