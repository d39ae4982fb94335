"""What the scrubber finds and how fast: `python -m benchmarks.scrub [FOLDER OF JSONL]`.

Coverage: made-up secrets of 22 kinds, and of 12 that the built-in finders do not know, in 14 contexts each, in lines shaped like a transcript's.
Covered = not one copy can be read afterwards.
Speed: transcripts without the secrets, by default made up as well; references are parsing the same bytes and the scanner alone.
"""

import argparse
import importlib.util
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from tenure.engines.finder import KingfisherFinder
from tenure.scrub.finder import PERSONAL, Finder, Span
from tenure.scrub.lines import parses
from tenure.scrub.redact import Redactor
from tenure.testing.secrets import OTHERS, SECRETS, name_of

Kinds = Mapping[str, Callable[[random.Random], str]]
EACH = 4

CONTEXTS: dict[str, Callable[[str, str], str]] = {
    "sentence": lambda name, secret: f"please use {name.lower().replace('_', ' ')} {secret} for this",
    "NAME=X": lambda name, secret: f"cat .env\n{name}={secret}\nDEBUG=1",
    "bare, at a line's start": lambda _, secret: f"output:\n{secret}\ndone",
    "bare, after a tab": lambda _, secret: f"value\t{secret}\tend",
    "JSON in the string": lambda name, secret: json.dumps({"host": "db", name.lower(): secret}),
    "JSON in JSON": lambda name, secret: json.dumps({"body": json.dumps({name.lower(): secret})}),
    "diff": lambda name, secret: f'@@ -1 +1 @@\n-{name}: ""\n+{name}: "{secret}"',
    "curl header": lambda name, secret: f'curl -H "X-{name.replace("_", "-")}: {secret}" https://api.internal.net/v1',
    "colour": lambda name, secret: f"\x1b[1m{name}\x1b[0m=\x1b[32m{secret}\x1b[0m",
    "split by colour": lambda name, secret: f"{name}={secret[: len(secret) // 2]}\x1b[7m{secret[len(secret) // 2 :]}\x1b[0m",
    "CJK": lambda name, secret: f"密码{name}={secret}。谢谢",
    "in a URL": lambda name, secret: f"GET https://api.internal.net/v1?{name.lower()}={secret}&page=2",
    "read with line numbers": lambda name, secret: f"    11→import os\n    12→{name} = '{secret}'\n",
    "odd escapes": lambda name, secret: f"{name}={secret}",
}


def odd(text: str) -> str:
    """Return a JSON string with more escapes than are needed, as some writers have them."""
    plain = json.dumps(text)
    return plain.replace("=", "\\u003d").replace("-", "\\u002d").replace("/", "\\/").replace("+", "\\u002b").replace("_", "\\u005f")


def line(text: str, chance: random.Random, *, is_odd: bool) -> bytes:
    """Return a line of a transcript with a text in one of its places, for tool results in both."""
    content = odd(text) if is_odd else json.dumps(text, ensure_ascii=chance.random() < 0.5)
    ids = [
        f"{chance.getrandbits(32):08x}-{chance.getrandbits(16):04x}-4{chance.getrandbits(12):03x}-a{chance.getrandbits(12):03x}-{chance.getrandbits(48):012x}"
        for _ in range(3)
    ]
    head = f'{{"parentUuid":"{ids[0]}","isSidechain":false,"cwd":"/srv/app","sessionId":"{ids[1]}","type":"user","message":'
    tail = f'"uuid":"{ids[2]}","timestamp":"2026-11-22T09:21:16.591Z"}}'
    if chance.random() < 0.5:
        return f'{head}{{"role":"user","content":{content}}},{tail}'.encode()
    result = f'[{{"tool_use_id":"toolu_{chance.getrandbits(90):024x}","type":"tool_result","content":{content}}}]'
    return f'{head}{{"role":"user","content":{result}}},"toolUseResult":{{"stdout":{content},"stderr":""}},{tail}'.encode()


def grid(kinds: Kinds, seed: int) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield kind, context, secret and line."""
    chance = random.Random(seed)
    for kind, make in kinds.items():
        for context, write in CONTEXTS.items():
            for _ in range(EACH):
                secret = make(chance)
                yield kind, context, secret, line(write(name_of(kind), secret), chance, is_odd=context == "odd escapes")


def is_readable(secret: str, content: bytes) -> bool:
    """Whether a secret can be read in a line; of a URL its password is the secret, of a private key any of its lines."""
    texts = [text.replace("\x1b[7m", "") for text in _texts(json.loads(content))]
    whole = "\n".join([*texts, *(text.replace("\\n", "\n").replace('\\"', '"').replace("\\", "") for text in texts)])
    parts = secret.split("\n")[1:-1] or [secret.split(":")[2].split("@")[0] if "://" in secret else secret]
    return any(part in whole for part in parts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


class Nothing:
    """Finds nothing: what the built-in finders do alone."""

    def find(self, text: bytes) -> list[Span]:
        """Return nothing."""
        return []


def coverage(finder: Finder, kinds: Kinds, seed: int) -> tuple[dict[str, float], dict[str, float], float]:
    """Return what is covered by kind, by context, and of all."""
    by_kind, contexts = defaultdict[str, list[bool]](list), defaultdict[str, list[bool]](list)
    for kind, context, secret, content in grid(kinds, seed):
        redacted = Redactor(finder).redact(content).content
        before, after = json.loads(content), json.loads(redacted)
        assert [before[key] for key in ("uuid", "parentUuid", "sessionId")] == [after[key] for key in ("uuid", "parentUuid", "sessionId")]
        gone = not is_readable(secret, redacted)
        by_kind[kind].append(gone)
        contexts[context].append(gone)
    every = [gone for found in by_kind.values() for gone in found]
    return _shares(by_kind), _shares(contexts), sum(every) / len(every)


def alone(finder: Finder, kinds: Kinds, seed: int) -> float:
    """Return the share of secrets that a finder's spans cover in the raw line, without views."""
    found = []
    for _, _, secret, content in grid(kinds, seed):
        left = bytearray(content)
        for span in finder.find(content):
            left[span.start : span.end] = b"#" * (span.end - span.start)
        parts = secret.split("\n")[1:-1] or [secret.split(":")[2].split("@")[0] if "://" in secret else secret]
        escaped = [part for part in parts for part in (part, odd(part)[1:-1])]
        split = [part for one in parts for part in (one[: len(one) // 2] + "\\u001b[7m" + one[len(one) // 2 :],)]
        found.append(not any(part.encode() in left for part in (*escaped, *split)))
    return sum(found) / len(found)


def _shares(found: dict[str, list[bool]]) -> dict[str, float]:
    return {name: sum(gone) / len(gone) for name, gone in found.items()}


def made_up(seed: int, size: int) -> bytes:
    """Return a transcript of about a size, of this repository's own source, in which nothing is planted."""
    chance = random.Random(seed)
    sources = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parents[1].glob("src/tenure/*/*.py"))]
    lines, total = [], 0
    while total < size:
        source = chance.choice(sources)
        start = chance.randrange(len(source))
        lines.append(line(source[start : start + chance.randrange(200, 6000)], chance, is_odd=False))
        total += len(lines[-1])
    return b"\n".join(lines) + b"\n"


def speed(work: Callable[[], object], size: int) -> float:
    """Return megabytes per CPU second of the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return size / best / 1e6


def tell_coverage(variants: Mapping[str, Finder], scanner: Finder, seed: int) -> None:
    """Print what of the grid is covered."""
    for title, kinds in (("kinds with a built-in shape or name", SECRETS), ("other kinds", OTHERS)):
        print(f"## {title}: {len(kinds) * len(CONTEXTS) * EACH} secrets, seed {seed}\n\n| covered, % | {' | '.join(variants)} |")
        print("|---|" + "---|" * len(variants))
        results = [coverage(finder, kinds, seed) for finder in variants.values()]
        for part in (1, 0):
            for row in results[0][part]:
                print(f"| {row} | " + " | ".join(f"{result[part][row] * 100:.0f}" for result in results) + " |")
        print("| **all** | " + " | ".join(f"**{result[2] * 100:.1f}**" for result in results) + " |")
        print(f"\nKingfisher alone on the raw lines: {alone(scanner, kinds, seed) * 100:.1f} %\n")


def tell_speed(variants: Mapping[str, Finder], scanner: Finder, content: bytes) -> None:
    """Print how fast transcripts are redacted, and what is found where nothing was planted."""
    size = len(content)
    lines = [one for one in content.split(b"\n") if one.startswith(b"{") and parses(one)]
    parsed = speed(lambda: [msgspec.json.decode(one) for one in lines], size)
    rows = {"msgspec, parse each line (reference)": parsed, "Kingfisher alone, raw bytes": speed(lambda: scanner.find(content), size)}
    if importlib.util.find_spec("orjson"):
        loads = importlib.import_module("orjson").loads
        rows["orjson, parse each line"] = speed(lambda: [loads(one) for one in lines], size)
    rows |= {f"redact, {name}": speed(lambda finder=finder: Redactor(finder).redact(content), size) for name, finder in variants.items()}
    print(f"{size / 1e6:.1f} MB of transcripts\n\n| what | MB per CPU second | ratio |\n|---|---|---|")
    for name, rate in rows.items():
        print(f"| {name} | {rate:.0f} | {rate / parsed:.2f} |")
    for name, finder in variants.items():
        counts = Redactor(finder).redact(content).counts()
        secrets = {rule: count for rule, count in counts.items() if rule not in PERSONAL}
        print(f"\nunplanted, {name}: {sum(secrets.values())} {secrets}; {counts.get('email', 0)} addresses, {counts.get('home', 0)} names in paths")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path, help="transcripts to measure speed and unplanted hits on")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    kingfisher = KingfisherFinder()
    variants: dict[str, Finder] = {"built-in": Nothing(), "built-in and Kingfisher": kingfisher}
    tell_coverage(variants, kingfisher, given.seed)
    files = sorted(given.folder.rglob("*.jsonl")) if given.folder else []
    tell_speed(variants, kingfisher, b"\n".join(path.read_bytes().rstrip(b"\n") for path in files) or made_up(given.seed, 10_000_000))


if __name__ == "__main__":
    main()
