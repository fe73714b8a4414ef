"""Whether the web application works, for load balancers and monitoring."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from admin_web.audience import Audience, open_to
from admin_web.database import reading
from errors import OperationError

health_pages = Blueprint("health", __name__)


@health_pages.get("/healthz")
@open_to(Audience.ANYONE)
def healthz() -> ResponseReturnValue:
    """200 when the database answers, else 503."""
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
    except OperationError:
        return {"status": "the database does not answer"}, 503
    return {"status": "ok"}
