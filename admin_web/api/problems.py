"""The API's errors: one shape for all of them."""

from flask import Response, jsonify, make_response, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

import logs
from errors import DiskError, ForbiddenError, InputError, MissingError, OperationError, as_disk_error

log = logs.get(__name__)

PREFIX = "/api/"
FAULTS_AT_MOST = 50
NO_ROOM = "The server's disk is full: nothing was recorded. Try again later; its operator has to make room."
NOT_WRITABLE = (
    "The server's disk cannot be written: nothing was recorded. Try again later; its operator has to mend it."
)


class Fault(BaseModel):
    """One field that is wrong."""

    field: str = Field(description="Where it stands, such as `grades.3.value`; empty: the request as a whole.")
    message: str


class Problem(BaseModel):
    """Why a request was not carried out."""

    error: str = Field(description="One sentence in English.")
    faults: list[Fault] = Field(description="The fields that are wrong, if it is about fields.")


def asks_api() -> bool:
    """Whether this request is for the API, and so to be answered in its way."""
    return request.path.startswith(PREFIX)


def problem(status: int, error: str, faults: list[Fault] | None = None) -> Response:
    """An error's answer."""
    response = jsonify(Problem(error=error, faults=faults or []).model_dump())
    response.status_code = status
    return response


def answer(error: Exception) -> Response:
    """The answer to a request that ended with this error."""
    match error:
        case HTTPException():
            response = problem(error.code or 500, error.description or "The request cannot be carried out.")
            given = make_response(error.get_response())
            for name in ("Allow", "Retry-After", "WWW-Authenticate"):
                if name in given.headers:
                    response.headers[name] = given.headers[name]
            return response
        case MissingError():
            return problem(404, str(error))
        case ForbiddenError():
            return problem(403, str(error))
        case InputError():
            return problem(422, str(error))
        case DiskError():
            log.error("api.disk", endpoint=request.endpoint, is_full=error.is_full)
            return problem(503, NO_ROOM if error.is_full else NOT_WRITABLE)
        case OSError() if (of_disk := as_disk_error(error)) is not None:
            return answer(of_disk)
        case OperationError():
            log.error("api.failed", endpoint=request.endpoint, error=logs.where(error), **logs.outage(error))
            return problem(503, "This does not work at the moment: try again in a minute.")
        case _:
            log.error("api.defect", endpoint=request.endpoint, error=logs.where(error))
            return problem(500, "This failed, and it is our fault: nothing was recorded.")


def invalid(error: ValidationError) -> Response:
    """The answer to a request that does not have the shape that the document describes; repeats no value of it."""
    faults = [
        Fault(field=".".join(str(part) for part in one["loc"]), message=one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)[:FAULTS_AT_MOST]
    ]
    return problem(422, "The request does not have the shape that the API describes.", faults)
