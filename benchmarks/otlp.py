"""Points of telemetry read per CPU second, next to protobuf's own classes over the same bytes in the same run.

    python -m benchmarks.otlp [--payloads N]

Payloads of 1,000 points. Each point is a DELTA sum with eight attributes. The reference
parses with the official classes (upb), then also walks every point into dicts.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tenure.server.otlp.drops import Drops
from tenure.server.otlp.intake import Reader
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.schema import Schema, Signal, packaged_schema

SESSION = "2a594641-dbdb-416a-9d73-5ea347f00db0"
BEGIN = 1_795_339_742_565_000_000
BEST_OF = 5
POINTS = 1_000


def uuid(rng: random.Random) -> str:
    """A random uuid in its usual spelling."""
    digits = f"{rng.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def attributes(rng: random.Random, index: int, repeats: str) -> dict[str, str]:
    """The eight attributes of a point."""
    found = {
        "user.id": "d" * 64,
        "session.id": SESSION,
        "terminal.type": "xterm",
        "model": "claude-opus-4-8[1m]",
        "query_source": ("main", "subagent", "auxiliary")[index % 3],
        "effort": "high",
        "type": ("input", "output", "cacheRead", "cacheCreation")[index % 4],
        "prompt.id": "6fdc67d0-77f2-4705-a5ae-3a98edff984e",
    }
    if repeats != "sets":
        found["prompt.id"] = uuid(rng)
    if repeats == "nothing":
        found |= {
            "user.id": f"{rng.getrandbits(256):064x}",
            "organization.id": uuid(rng),
            "user.account_uuid": uuid(rng),
            "client_request_id": uuid(rng),
        }
        found |= {"request_id": f"req_{rng.getrandbits(80):020x}", "tool_use_id": f"toolu_{rng.getrandbits(80):020x}"}
        found = {key: found[key] for key in list(found) if key not in {"effort", "terminal.type", "query_source", "type", "model"}}
    return found


def payload(seed: int, repeats: str) -> ExportMetricsServiceRequest:
    """One export."""
    rng = random.Random(seed)
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value="claude-code")))
    metric = resource.scope_metrics.add().metrics.add(name="claude_code.token.usage", unit="tokens")
    metric.sum.aggregation_temporality = 1
    for index in range(POINTS):
        point = metric.sum.data_points.add(start_time_unix_nano=BEGIN + index, time_unix_nano=BEGIN + index + 1_000, as_double=1.5 * index)
        for key, value in attributes(rng, index, repeats).items():
            point.attributes.append(KeyValue(key=key, value=AnyValue(string_value=value)))
    return request


def walk(data: bytes) -> list[dict[str, object]]:
    """The reference: parse, and make a dict of each point."""
    request = ExportMetricsServiceRequest.FromString(data)
    found: list[dict[str, object]] = []
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.sum.data_points:
                    values = {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in point.attributes}
                    times = {"start": point.start_time_unix_nano, "at": point.time_unix_nano, "value": point.as_double}
                    found.append({"name": metric.name, **times, **values})
    return found


def best(run: Callable[[], object]) -> float:
    """CPU seconds of the fastest run."""
    found = []
    for _ in range(BEST_OF):
        begin = time.process_time()
        run()
        found.append(time.process_time() - begin)
    return min(found)


def fresh(schema: Schema) -> Reader:
    """A reader that remembers nothing."""
    return Reader(schema, lambda _: b"k" * 32, Drops(b"d" * 32))


def read(reader: Reader, encoding: Encoding, payloads: list[bytes]) -> None:
    """Read payloads; each must give all of its rows."""
    for data in payloads:
        assert len(reader.read(Signal.METRICS, encoding, data).rows) == POINTS
    assert not reader.drops.counts()


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--payloads", type=int, default=20)
    count = parser.parse_args(arguments).payloads
    schema = packaged_schema()
    nothing, pairs, sets = ([payload(seed, repeats).SerializeToString() for seed in range(count)] for repeats in ("nothing", "pairs", "sets"))
    text = [json.dumps(json_format.MessageToDict(payload(seed, "pairs"))).encode() for seed in range(count)]
    warm = fresh(schema)
    read(warm, Encoding.PROTOBUF, sets)
    reference = best(lambda: [walk(data) for data in pairs])
    table = [
        ("protobuf (upb), parse and walk into dicts (reference)", reference),
        ("protobuf (upb), parse alone", best(lambda: [ExportMetricsServiceRequest.FromString(data) for data in pairs])),
        ("own reader, six of eight attributes never seen before", best(lambda: read(fresh(schema), Encoding.PROTOBUF, nothing))),
        ("own reader, each set differs in one id", best(lambda: read(fresh(schema), Encoding.PROTOBUF, pairs))),
        ("own reader, sets known", best(lambda: read(warm, Encoding.PROTOBUF, sets))),
        ("JSON, each set differs in one id", best(lambda: read(fresh(schema), Encoding.JSON, text))),
    ]
    points = count * POINTS
    print(f"{points} points with 8 attributes, CPU seconds, best of {BEST_OF}\n")
    for label, seconds in table:
        print(f"{label:58} {points / seconds:12,.0f} /s {seconds / points * 1e6:8.2f} us {reference / seconds:8.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
