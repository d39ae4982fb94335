"""The OpenAPI document of the service, made of its table of operations and the forms of their bodies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tenure.services.tokens import Scope

VERSION = "3.1.0"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        method: of HTTP.
        path: with its parameters in braces.
        summary: one sentence.
        scopes: tokens of one of these may do it; none = anybody.
        form: of the body; None = none, or raw bytes.
    """

    method: str
    path: str
    summary: str
    scopes: tuple[Scope, ...] = ()
    form: type[msgspec.Struct] | None = None


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
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _described(operation: Operation, forms: dict[type[msgspec.Struct], dict[str, Any]]) -> dict[str, Any]:  # Any: as above
    refused = {"description": "Refused; the body says what was expected. Nothing is kept."}
    found: dict[str, Any] = {  # Any: as above
        "summary": operation.summary,
        "operationId": re.sub(r"\W+", "_", f"{operation.method.lower()}{operation.path}").strip("_"),
        "responses": {"2XX": {"description": "Done, durably."}, "4XX": refused, "5XX": {"description": "Not done; try again."}},
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}
            for name in re.findall(r"{(\w+)}", operation.path)
        ],
    }
    if operation.scopes:
        found["security"] = [{"token": []}]
        found["description"] = f"Token of scope {' or '.join(operation.scopes)}."
    if operation.form is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": forms[operation.form]}}}
    elif operation.method == "POST":
        found["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return found
