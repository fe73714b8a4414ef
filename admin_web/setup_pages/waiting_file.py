"""The file that waits for the person at the page."""

from datetime import date

from admin_web.database import reading
from admin_web.people import me, moment, my_school
from school.roster import desk
from school.roster.desk import Waiting


def waiting_now(today: date) -> Waiting:
    """It opened, outside any transaction. Raises InputError when none waits any more."""
    with reading() as session:
        fetched = desk.fetch(session, my_school(), me().staff_id, moment())
    return desk.look(fetched, today)
