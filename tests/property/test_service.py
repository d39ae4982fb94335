"""Every documented operation under requests of every sort: what comes back is documented, and what is refused leaves nothing."""

import base64
import json
import re
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.server.desk import OF_A_PERSON, TOLD, Desk

from tenure.services.tokens import Scope

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def following(schema: dict, components: dict) -> st.SearchStrategy:
    """What fits a schema of the document, as far as its keywords go."""
    if "$ref" in schema:
        return following(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return st.one_of([following(each, components) for each in schema["anyOf"]])
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        required = set(schema.get("required", ()))
        parts = {name: following(each, components) for name, each in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: parts[name] for name in parts if name in required}, optional={name: parts[name] for name in parts if name not in required}
        )
    if kind == "object":
        return st.dictionaries(st.sampled_from(["env", "settings", "surface", "input", "output"]), st.integers(0, 9) | st.just({}), max_size=3)
    if kind == "array":
        return st.lists(following(schema["items"], components), min_size=schema.get("minItems", 0), max_size=2)
    if kind == "string" and schema.get("format") == "date":
        return st.dates(date(2026, 9, 20), date(2026, 10, 2)).map(date.isoformat)
    if kind == "string" and "contentEncoding" in schema:
        return st.binary(max_size=50).map(lambda content: base64.b64encode(content).decode())
    if kind == "string" and "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda text: len(text) <= schema.get("maxLength", 500))
    if kind == "string":
        return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 30), 30))
    plain = {"integer": st.integers(schema.get("minimum", -3), schema.get("maximum", 10**6)), "boolean": st.booleans(), "null": st.none()}
    return plain.get(kind, ANY)


@pytest.fixture(scope="module")
def desk():
    with Desk().open() as desk:
        desk.document = desk.sends("GET", "/openapi.json").json()
        warm(desk)
        yield desk


def warm(desk: Desk) -> None:
    """Have the key made under which a person's ids of telemetry are hashed: chance, and no part of any request."""
    assert desk.sends("POST", "/v1/metrics", "ingest", json={}).status_code == 200


OPERATIONS = sorted(
    {
        *(
            (method, path)
            for path in ("/v1/feedback", "/v1/survey", "/v1/survey/transcript", "/v1/errors", "/v1/usage", "/v1/metrics", "/v1/logs", "/v1/traces")
            for method in ("post",)
        ),
        *(("post", path) for path in ("/v1/consents", "/v1/consents/questions", "/v1/sessions/{session}/transcript")),
        *(("get", path) for path in ("/v1/consents", "/v1/subjects/{subject}/export", "/metrics", "/healthz", "/openapi.json")),
        *(("delete", path) for path in ("/v1/sessions/{session}", "/v1/subjects/{subject}")),
    }
)


def test_every_documented_operation_is_tried(desk):
    assert {(method, path) for path, methods in desk.document["paths"].items() for method in methods} == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_answer_is_documented_and_a_refusal_keeps_nothing(desk, method, path, data):
    operation = desk.document["paths"][path][method]
    scopes = re.findall(r"ingest|survey|consent|rights|operate", operation.get("description", ""))
    scope = data.draw(st.sampled_from([*scopes * 6, "", *map(str, Scope)]))
    who = data.draw(st.sampled_from(["s1", "me", "bob", "a b", "é", "x" * 201, "%00"]))
    more: dict = {"headers": dict(TOLD) if data.draw(st.booleans()) else {}}
    if "requestBody" in operation:
        schema = next(iter(operation["requestBody"]["content"].values())).get("schema")
        fitting = (
            st.nothing()
            if schema is None
            else following(schema, desk.document["components"]["schemas"]).map(lambda value: json.dumps(value).encode())
        )
        more["content"] = data.draw(fitting | ANY.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=80))
        more["headers"]["content-type"] = data.draw(st.sampled_from([*operation["requestBody"]["content"], "text/plain"]))
        more["headers"]["content-encoding"] = data.draw(st.sampled_from(["identity", "identity", "gzip"]))
    if any(each["in"] == "query" for each in operation["parameters"]):
        more["params"] = {"from": data.draw(st.integers(-2, 200).map(str) | st.text(max_size=5))}
    before = desk.raw()
    answer = desk.sends(method.upper(), re.sub("{.*?}", who.replace("%", "%25") if who != "%00" else who, path), scope, **more)
    assert str(answer.status_code) in operation["responses"], answer.text
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        body = answer.json()
        assert "error" in body or body["verdict"] in ("deny", "gap")
        if answer.status_code != 403:
            assert desk.raw() == before
    if answer.status_code == 200 and path == "/v1/subjects/{subject}":
        desk.keeping.accounts.create_account("ann", agent="claude_code", tier="pro", provider="first_party", at=desk.keeping.at)
        for each in OF_A_PERSON:
            desk.mint(each, subject="ann")
        warm(desk)
