"""The date of Easter, which moves the spring vacation."""

from datetime import date, timedelta


def orthodox_easter(year: int) -> date:
    """Easter Sunday of the Orthodox church, 1900-2099: Meeus' rule in the Julian calendar, 13 days behind."""
    a, b, c = year % 4, year % 7, year % 19
    d = (19 * c + 15) % 30
    e = (2 * a + 4 * b - d + 34) % 7
    month, day = divmod(d + e + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)
