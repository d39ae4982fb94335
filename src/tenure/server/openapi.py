"""The OpenAPI document of the service, made of its table of operations and the forms of their bodies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from tenure.services.tokens import Scope

VERSION = "3.1.0"
JSON = "application/json"
OTLP = ("application/x-protobuf", JSON)
_SAID: dict[int, str] = {
    200: "Done, durably.",
    201: "Held, durably.",
    400: "Not of the form that is described here; nothing is kept.",
    401: "No token that is good.",
    403: "Refused by the terms, by the rules of consent, or because the token may not do this; nothing is kept.",
    404: "No such account.",
    408: "The body came too slowly.",
    409: "A part of a transcript that neither goes on where it ends nor repeats one.",
    413: "Larger than it may be.",
    500: "A fault of the service.",
    503: "Too much waits; come back after the time that `retry-after` gives.",
    507: "No space is left on the disk.",
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "remedy": {"type": ["string", "null"]}},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        method: of HTTP.
        path: with its parameters in braces.
        summary: one sentence.
        scopes: tokens of one of these may do it; none = anybody.
        form: of the body; None = none, or raw bytes.
        takes: types of a body without a form.
        gives: the type of what is answered.
        done: statuses of what was done.
        refused: statuses of refusals beyond those that every operation of its sort has.
        query: names of parameters that are numbers.
        tells_case: whether the client says about itself in the header `tenure-case`.
    """

    method: str
    path: str
    summary: str
    scopes: tuple[Scope, ...] = ()
    form: type[msgspec.Struct] | None = None
    takes: tuple[str, ...] = ()
    gives: str = JSON
    done: tuple[int, ...] = (200,)
    refused: tuple[int, ...] = ()
    query: tuple[str, ...] = ()
    tells_case: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its body."""
        return (JSON,) if self.form is not None else self.takes

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that it can answer with."""
        by_sort = {
            *((401, 403, 500, 503, 507) if self.scopes else ()),
            *((400, 408, 413) if self.types else ()),
            *((400,) if "{" in self.path else ()),
        }
        return tuple(sorted({*self.done, *self.refused, *by_sort}))


def document(operations: Sequence[Operation]) -> dict[str, Any]:  # Any: a JSON document
    """Return the document."""
    forms = [operation.form for operation in operations if operation.form is not None]
    schemas, components = msgspec.json.schema_components(forms, ref_template="#/components/schemas/{name}")
    by_form = dict(zip(forms, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}  # Any: as above
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, by_form)
    return {
        "openapi": VERSION,
        "info": {"title": "Tenure", "version": "1", "description": "Intake, consents and rights. Design: docs/design/0003-service.md."},
        "paths": paths,
        "components": {"schemas": {**components, "Error": _ERROR}, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _described(operation: Operation, forms: dict[type[msgspec.Struct], dict[str, Any]]) -> dict[str, Any]:  # Any: as above
    found: dict[str, Any] = {  # Any: as above
        "summary": operation.summary,
        "operationId": re.sub(r"\W+", "_", f"{operation.method.lower()}{operation.path}").strip("_"),
        "responses": {str(status): _response(operation, status) for status in operation.statuses},
        "parameters": [*_parameters(operation)],
    }
    if operation.scopes:
        found["security"] = [{"token": []}]
        found["description"] = f"Token of scope {' or '.join(operation.scopes)}."
    if operation.types:
        schema = {} if operation.form is None else {"schema": forms[operation.form]}
        found["requestBody"] = {"required": True, "content": dict.fromkeys(operation.types, schema)}
    return found


def _response(operation: Operation, status: int) -> dict[str, Any]:  # Any: as above
    is_done = status in operation.done
    content: dict[str, Any] = {operation.gives: {}} if is_done else {JSON: {}}  # Any: as above
    if status >= 400 and status != HTTPStatus.FORBIDDEN:
        content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    if is_done and operation.takes == OTLP:
        content = {name: {} for name in OTLP}
    return {"description": _SAID[status], "content": content}


def _parameters(operation: Operation) -> list[dict[str, Any]]:  # Any: as above
    text = {"type": "string", "minLength": 1, "maxLength": 200}
    found = [{"name": name, "in": "path", "required": True, "schema": text} for name in re.findall(r"{(\w+)}", operation.path)]
    found += [{"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}} for name in operation.query]
    if operation.tells_case:
        found.append(
            {"name": "tenure-case", "in": "header", "schema": {"type": "string"}, "description": "What the client says about itself, as JSON."}
        )
    return found
