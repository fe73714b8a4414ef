"""Every text of the database that a dialogue may say, so that it is rendered before anyone calls."""

from sqlalchemy.orm import Session


def texts(session: Session) -> set[str]:
    """Given names, subjects, titles, places and texts of what is ahead, remarks."""
    raise NotImplementedError
