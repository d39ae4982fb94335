import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from tenure.errors import DataError, TermsError
from tenure.terms.model_pricing import ModelPricing, parse_model_pricing, reported
from tenure.terms.parse import parse_pack
from tenure.terms.price import Terms, Usage, amount
from tenure.terms.price_rows import parse_discounts, parse_prices, parse_pricing_limits, parse_quotas, parse_surcharges
from tenure.terms.quota import Sent, metered, quota_for

M = 1_000_000

ROWS = """
[[price]]
model = "sonnet-3.7"
from = "2025-02-24"
input = "3"
write_5m = "3.75"
write_1h = "6"
read = "0.30"
output = "15"
source = "pricing page"
class = "C"
[[price]]
model = "sonnet-4"
aliases = ["claude-sonnet-4"]
from = "2025-05-22"
input = "3"
write_5m = "3.75"
write_1h = "6"
read = "0.30"
output = "15"
source = "pricing page"
class = "P"
[[price]]
model = "sonnet-5"
from = "<=2026-07-21"
input = "2"
write_5m = "2.50"
write_1h = "4"
read = "0.20"
output = "10"
source = "pricing page"
class = "P"
[[price]]
model = "sonnet-5.5"
from = "2026-09-28"
input = "2"
write_5m = "2.50"
write_1h = "4"
read = "0.20"
output = "10"
source = "release notes"
class = "T"
[[price]]
model = "sonnet-5.5"
from = "2026-10-07"
input = "2"
write_5m = "2.50"
write_1h = "4"
read = "0.10"
output = "10"
source = "report"
class = "T"
[[price]]
model = "opus-5"
from = "2026-07-24"
input = "5"
write_5m = "6.25"
write_1h = "10"
read = "0.50"
output = "25"
source = "pricing page"
class = "P"
[[price]]
model = "opus-5.5"
from = "2026-09-22"
input = "4"
write_5m = "5"
write_1h = "8"
read = "0.20"
output = "20"
source = "pricing page"
class = "P"
[[price]]
model = "haiku-3.5"
from = "~2024-12"
input = "0.80"
write_5m = "1"
write_1h = "1.60"
read = "0.08"
output = "4"
source = "pricing page"
class = "C"
[[price]]
model = "haiku-5.5"
from = "2026-10-07"
input = "0.10"
write_5m = "0.125"
write_1h = "0.20"
read = "0.01"
output = "0.50"
source = "report"
class = "T"
[[price]]
model = "haiku-5.5"
prompt_over = 100000
from = "2026-10-07"
input = "0.50"
write_5m = "0.625"
write_1h = "1.00"
read = "0.05"
output = "2.50"
source = "report"
class = "T"

[[surcharge]]
id = "batch"
mode = "batch"
models = "*"
factor = "0.5"
from = "2025->"
source = "pricing page"
class = "P"
[[surcharge]]
id = "us"
mode = "us_inference"
models = ["opus-5", "opus-5.5", "sonnet-5", "sonnet-5.5", "haiku-5.5"]
factor = "1.1"
from = "2026->"
source = "pricing page"
class = "P"
[[surcharge]]
id = "fast-5"
mode = "fast"
models = ["opus-5"]
input = "10"
output = "50"
from = "2026-07-24"
source = "pricing page"
class = "P"
[[surcharge]]
id = "fast-5.5"
mode = "fast"
models = ["opus-5.5"]
input = "8"
output = "40"
from = "2026-09-22"
source = "pricing page"
class = "P"

[[discount]]
id = "dpp-2025"
consent = "dpp"
flag = "dpp"
models = ["sonnet-3.5", "sonnet-3.7"]
kinds = ["input", "write_5m", "read"]
factor = "0.7"
from = "2025-05-02"
until = "2025-07-31"
when = { "attribute.auth" = "oauth", provider = "first_party", "flag.zdr" = false }
row = "3"
text = "a lower price"
source = "article"
class = "T"

[[quota]]
id = "large-1"
group = "large"
tiers = ["1", "2"]
tokens = 250000
consent = "sharing"
not_for = ["fine_tuned", "evals", "tools"]
from = "2024-12->"
row = "4.1"
text = "free tokens"
source = "help"
class = "C"
[[quota]]
id = "large-3"
group = "large"
tiers = ["3", "4", "5"]
tokens = 1000000
from = "2024-12->"
row = "4.1"
text = "free tokens"
source = "help"
class = "C"

[[model_pricing]]
client_version = "2.1.242"
multiplier_max = "1"
source = "settings page"
class = "P"
[[model_pricing]]
client_version = "2.1.246"
multiplier_max = "1"
host_supplied = true
source = "settings page"
class = "P"
[[model_pricing]]
client_version = "2.1.271"
multiplier_max = "10"
host_supplied = true
source = "settings page"
class = "P"
"""
DOCUMENT = tomllib.loads(ROWS)
PRICES = parse_prices(DOCUMENT)
SURCHARGES = parse_surcharges(DOCUMENT)
DISCOUNTS = parse_discounts(DOCUMENT)
QUOTAS = parse_quotas(DOCUMENT)
LIMITS = parse_pricing_limits(DOCUMENT)
ENROLLED = Terms(consents=frozenset({"dpp"}), facts={"attribute.auth": "oauth", "provider": "first_party"})
FOUR = Usage(input=M, write_5m=M, read=M, output=M)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cost(usage: Usage, model: str, day: str, terms: Terms = ENROLLED) -> Decimal | None:
    return amount(PRICES, DISCOUNTS, usage, model=model, at=moment(day), surcharges=SURCHARGES, terms=terms)


def mode(*names: str) -> Terms:
    return Terms(modes=frozenset(names))


def test_enrolment_lowers_the_input_side_only() -> None:
    assert cost(FOUR, "sonnet-3.7", "2025-06-15") == Decimal("19.935")
    assert cost(Usage(output=M), "sonnet-3.7", "2025-06-15") == 15
    assert cost(Usage(write_1h=M), "sonnet-3.7", "2025-06-15") == 6


def test_flag_shows_the_enrolment_as_well() -> None:
    assert cost(FOUR, "sonnet-3.7", "2025-06-15", Terms(flags=frozenset({"dpp"}), facts=ENROLLED.facts)) == Decimal("19.935")


@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(facts=ENROLLED.facts),
        Terms(consents=ENROLLED.consents),
        Terms(consents=ENROLLED.consents, facts={"attribute.auth": "oauth"}),
        Terms(consents=ENROLLED.consents, facts={"attribute.auth": "api_key", "provider": "first_party"}),
        Terms(consents=ENROLLED.consents, facts={"attribute.auth": "oauth", "provider": "bedrock"}),
        Terms(consents=ENROLLED.consents, facts=ENROLLED.facts, flags=frozenset({"zdr"})),
        Terms(consents=frozenset({"training"}), facts=ENROLLED.facts),
    ],
)
def test_without_enrolment_and_its_conditions_list_price_holds(terms: Terms) -> None:
    assert cost(FOUR, "sonnet-3.7", "2025-06-15", terms) == Decimal("22.05")


@pytest.mark.parametrize(
    ("day", "dollars"),
    [
        ("2025-05-01T23:59:59", "22.05"),
        ("2025-05-02", "19.935"),
        ("2025-07-31T23:59:59", "19.935"),
        ("2025-08-01", "22.05"),
    ],
)
def test_discount_holds_from_its_first_to_its_last_day(day: str, dollars: str) -> None:
    assert cost(FOUR, "sonnet-3.7", day) == Decimal(dollars)


def test_discount_outlives_its_stated_end_only_where_configured() -> None:
    extended = Terms(consents=ENROLLED.consents, facts=ENROLLED.facts, extended=frozenset({"dpp-2025"}))
    assert cost(FOUR, "sonnet-3.7", "2025-08-01", extended) == Decimal("19.935")
    assert cost(FOUR, "sonnet-3.7", "2025-05-01", extended) == Decimal("22.05")


def test_other_models_have_no_discount() -> None:
    assert cost(FOUR, "sonnet-4", "2025-06-15") == Decimal("22.05")


def test_latest_row_prices() -> None:
    assert cost(Usage(read=M), "sonnet-5.5", "2026-10-06") == Decimal("0.20")
    assert cost(Usage(read=M), "sonnet-5.5", "2026-10-07") == Decimal("0.10")
    assert cost(Usage(read=M), "sonnet-5.5", "2026-10-08") == Decimal("0.10")


def test_long_prompt_prices_every_token_of_the_request() -> None:
    assert cost(Usage(input=90_000, read=10_000, output=1_000), "haiku-5.5", "2026-10-08") == Decimal("0.0096")
    assert cost(Usage(input=90_000, read=10_001, output=1_000), "haiku-5.5", "2026-10-08") == Decimal("0.04800005")


@pytest.mark.parametrize("kind", ["input", "write_5m", "write_1h", "read"])
def test_whole_prompt_counts_towards_the_limit_and_output_does_not(kind: str) -> None:
    short = cost(Usage(input=100_000, output=M), "haiku-5.5", "2026-10-08")
    assert short == Decimal("0.51")
    usage = {"input": 100_000, kind: 1 if kind != "input" else 100_001}
    long = cost(Usage(**usage, output=M), "haiku-5.5", "2026-10-08")
    assert long is not None
    assert long > Decimal("2.55")


def test_planned_rise_that_was_cancelled_is_no_price() -> None:
    assert cost(Usage(input=M), "sonnet-5", "2026-09-02") == 2


def test_us_inference_raises_every_kind_of_the_models_that_it_names() -> None:
    assert cost(Usage(output=M), "opus-5.5", "2026-10-01", mode("us_inference")) == 22
    every = cost(Usage(input=M, write_5m=M, write_1h=M, read=M, output=M), "opus-5.5", "2026-10-01", mode("us_inference"))
    assert every == Decimal("1.1") * Decimal("37.2")
    assert cost(FOUR, "sonnet-4", "2026-10-01", mode("us_inference")) == Decimal("22.05")


def test_batch_is_half() -> None:
    assert cost(FOUR, "sonnet-4", "2026-10-01", mode("batch")) == Decimal("11.025")


def test_fast_mode_has_prices_of_its_own() -> None:
    assert cost(Usage(input=M, output=M), "opus-5", "2026-10-01", mode("fast")) == 60
    assert cost(Usage(input=M, output=M), "opus-5.5", "2026-10-01", mode("fast")) == 48
    assert cost(Usage(input=M, output=M), "opus-5.5", "2026-10-01", mode("us_inference", "fast")) == Decimal("52.8")


@pytest.mark.parametrize(
    ("model", "day", "terms"),
    [
        ("gpt", "2026-10-01", Terms()),
        ("sonnet-3.7", "2025-02-23T23:59:59", Terms()),
        ("sonnet-5", "2026-07-20", Terms()),
        ("sonnet-4", "2026-10-01", mode("fast")),
        ("opus-5", "2026-10-01", mode("priority")),
    ],
)
def test_what_no_row_prices_has_no_amount(model: str, day: str, terms: Terms) -> None:
    assert cost(Usage(), model, day, terms) is None


def test_alias_names_the_model_and_a_month_its_first_day() -> None:
    assert cost(Usage(input=M), "claude-sonnet-4", "2025-05-22") == 3
    assert cost(Usage(input=M), "haiku-3.5", "2024-12-01") == Decimal("0.80")
    assert cost(Usage(input=M), "haiku-3.5", "2024-11-30") is None


def test_tokens_and_times_are_checked() -> None:
    with pytest.raises(DataError, match=r"usage\.read"):
        Usage(read=-1)
    with pytest.raises(DataError, match="zone"):
        amount(PRICES, DISCOUNTS, FOUR, model="sonnet-4", at=datetime(2026, 1, 1))  # noqa: DTZ001 - the fault that is looked for


def report(pricing: ModelPricing, model: str, terms: Terms = ENROLLED) -> Decimal | None:
    return reported(
        PRICES, DISCOUNTS, Usage(input=M, write_1h=M, output=M), pricing, model=model, at=moment("2026-10-01"), surcharges=SURCHARGES, terms=terms
    )


def setting(value: dict[str, object], version: str = "2.1.271", *, host_supplied: bool = False) -> ModelPricing | None:
    return parse_model_pricing(value, LIMITS, client_version=version, host_supplied=host_supplied)


OVERRIDES: dict[str, object] = {"opus-5": {"input": 1, "output": 2, "cacheRead": 0.5, "cacheWrite": 4}}


def test_override_is_taken_exactly_and_multiplied_after() -> None:
    pricing = setting({"multiplier": 0.5, "overrides": OVERRIDES})
    assert pricing is not None
    assert report(pricing, "opus-5") == Decimal("3.5")
    assert report(pricing, "opus-5", mode("fast", "us_inference")) == Decimal("3.5")
    assert report(pricing, "sonnet-4") == 12
    assert report(pricing, "unknown") is None


def test_override_prices_a_model_that_has_no_list_price() -> None:
    pricing = setting({"overrides": {"own-model": OVERRIDES["opus-5"]}})
    assert pricing is not None
    assert report(pricing, "own-model") == 7


@pytest.mark.parametrize(
    ("multiplier", "version", "is_accepted"),
    [(1, "2.1.242", True), (1.5, "2.1.270", False), (1.5, "2.1.271", True), (10, "2.1.271", True), (10.5, "2.1.271", False), (0, "2.1.271", False)],
)
def test_multiplier_has_a_limit_by_client_version(multiplier: float, version: str, is_accepted: bool) -> None:
    if is_accepted:
        assert setting({"multiplier": multiplier}, version) == ModelPricing(Decimal(str(multiplier)))
    else:
        with pytest.raises(DataError, match="multiplier"):
            setting({"multiplier": multiplier}, version)


def test_older_clients_do_not_know_the_setting() -> None:
    assert setting({"multiplier": 0.5}, "2.1.241") is None
    assert setting({"multiplier": 0.5}, "2.1.245", host_supplied=True) is None
    assert setting({"multiplier": 0.5}, "2.1.246", host_supplied=True) == ModelPricing(Decimal("0.5"))


@pytest.mark.parametrize(
    "value",
    [
        {"multiplier": "cheap"},
        {"multiplier": True},
        {"multiplier": -1},
        {"factor": 1},
        {"overrides": []},
        {"overrides": {"opus-5": {"input": 1}}},
        {"overrides": {"opus-5": {"input": 1, "output": 2, "cacheRead": 0.5, "cacheWrite": "4 USD"}}},
    ],
)
def test_malformed_setting_is_an_error(value: dict[str, object]) -> None:
    with pytest.raises(DataError, match="modelPricing"):
        setting(value)


def sent(text: str, tokens: int, *, shared: bool | None = True, feature: str | None = "inference") -> Sent:
    return Sent(moment(text), tokens, shared, feature)


def test_request_that_crosses_the_quota_is_billed_whole() -> None:
    quota = quota_for(QUOTAS, group="large", tier="1", at=moment("2026-08-30"))
    assert quota is not None
    requests = [
        sent("2026-08-30T10:00:00", 249_000),
        sent("2026-08-30T11:00:00", 2_000),
        sent("2026-08-30T12:00:00", 10),
        sent("2026-08-30T23:59:59", 10),
        sent("2026-08-31T00:00:00", 10),
    ]
    assert metered(quota, requests) == (0, 2_000, 10, 10, 0)
    assert metered(quota, requests[1:], used=249_000) == (2_000, 10, 10, 0)
    assert metered(quota, requests[1:], used=249_000, used_on=moment("2026-08-29").date()) == (0, 0, 0, 0)


def test_quota_may_be_used_to_its_last_token() -> None:
    quota = QUOTAS[0]
    assert metered(quota, [sent("2026-08-30", 250_000), sent("2026-08-30", 1)]) == (0, 1)


@pytest.mark.parametrize(("shared", "feature"), [(False, "inference"), (None, "inference"), (True, "evals"), (True, None)])
def test_what_the_quota_does_not_cover_is_billed_and_does_not_draw_on_it(shared: bool | None, feature: str | None) -> None:
    requests = [sent("2026-08-30", 200_000, shared=shared, feature=feature), sent("2026-08-30", 200_000)]
    assert metered(QUOTAS[0], requests) == (200_000, 0)


def test_quota_follows_the_tier_and_the_date() -> None:
    found = {tier: quota_for(QUOTAS, group="large", tier=tier, at=moment("2026-08-30")) for tier in ("2", "3", "6")}
    assert {tier: quota and quota.tokens for tier, quota in found.items()} == {"2": 250_000, "3": 1_000_000, "6": None}
    assert quota_for(QUOTAS, group="small", tier="1", at=moment("2026-08-30")) is None
    assert quota_for(QUOTAS, group="large", tier="1", at=moment("2024-11-30")) is None
    assert metered(QUOTAS[0], [sent("2024-11-30", 10)]) == (10,)


FAULTS = [
    ('input = "3"', "input = 3", parse_prices, r"price\.input: expected a string"),
    ('input = "3"', 'input = "three"', parse_prices, r"price\.input: expected a decimal number"),
    ('input = "3"', 'input = "-3"', parse_prices, r"price\.input"),
    ('input = "3"\n', "", parse_prices, r"price\.input: expected a value, found none"),
    ('input = "3"', 'input = "3"\nunit = "token"', parse_prices, "unit"),
    ('from = "2025-02-24"', 'from = "spring"', parse_prices, "from"),
    ("prompt_over = 100000", "prompt_over = 0.5", parse_prices, "prompt_over"),
    ("prompt_over = 100000\n", "", parse_prices, "one row per model"),
    ('class = "C"', 'class = "X"', parse_prices, "class"),
    ('factor = "0.5"', "", parse_surcharges, "factor"),
    ('factor = "0.5"', 'factor = "0.5"\ninput = "1"', parse_surcharges, "factor"),
    ('consent = "dpp"\nflag = "dpp"', "", parse_discounts, "consent"),
    ('factor = "0.7"', 'factor = "1.7"', parse_discounts, "at most 1"),
    ('kinds = ["input", "write_5m", "read"]', 'kinds = ["inputs"]', parse_discounts, r"kinds(.|\n)*did you mean 'input'"),
    ('until = "2025-07-31"', 'until = "2025-04-30"', parse_discounts, "until"),
    ("tokens = 250000", 'tokens = "250000"', parse_quotas, "tokens"),
    ("tokens = 250000", "tokens = -1", parse_quotas, "tokens"),
    ('client_version = "2.1.242"', 'client_version = "latest"', parse_pricing_limits, "client_version"),
]


@pytest.mark.parametrize(("good", "bad", "parse", "message"), FAULTS)
def test_faulty_rows_say_where_and_what(good: str, bad: str, parse: object, message: str) -> None:
    assert good in ROWS
    assert callable(parse)
    with pytest.raises(TermsError, match=message) as caught:
        parse(tomllib.loads(ROWS.replace(good, bad, 1)), "claude_code.toml")
    assert str(caught.value).startswith("claude_code.toml:")


PACK = parse_pack((files("tenure.terms") / "packs" / "claude_code.toml").read_bytes(), "claude_code.toml").tariff
OPENAI = parse_pack((files("tenure.terms") / "packs" / "openai_api.toml").read_bytes(), "openai_api.toml").tariff


@pytest.mark.parametrize(
    ("model", "day", "usage", "terms", "dollars"),
    [
        ("sonnet-3.7", "2025-06-15", FOUR, ENROLLED, "19.935"),
        (
            "sonnet-3.7",
            "2025-06-15",
            FOUR,
            Terms(consents=ENROLLED.consents, facts={"attribute.auth": "api_key", "provider": "first_party"}),
            "22.05",
        ),
        ("sonnet-3.7", "2025-08-01", FOUR, ENROLLED, "22.05"),
        ("sonnet-4", "2025-06-15", FOUR, ENROLLED, "22.05"),
        ("sonnet-5.5", "2026-10-06", Usage(read=M), Terms(), "0.20"),
        ("sonnet-5.5", "2026-10-08", Usage(read=M), Terms(), "0.10"),
        ("haiku-5.5", "2026-10-08", Usage(input=90_000, read=10_000, output=1_000), Terms(), "0.0096"),
        ("haiku-5.5", "2026-10-08", Usage(input=90_000, read=10_001, output=1_000), Terms(), "0.04800005"),
        ("sonnet-5", "2026-09-02", Usage(input=M), Terms(), "2.00"),
        ("opus-5.5", "2026-10-01", Usage(output=M), mode("us_inference"), "22.00"),
        ("opus-4.5", "2026-10-01", Usage(output=M), mode("us_inference"), "25"),
        ("opus-4.8", "2026-10-01", Usage(input=M, output=M), mode("fast"), "60"),
        ("opus-5", "2026-10-01", Usage(input=M, output=M), mode("fast"), "60"),
        ("opus-5.5", "2026-10-01", Usage(input=M, output=M), mode("fast"), "48"),
        ("haiku-4.5", "2026-10-01", FOUR, mode("batch"), "3.675"),
        ("unheard-of", "2026-10-01", FOUR, Terms(), None),
        ("haiku-5.5", "2026-10-06", FOUR, Terms(), None),
    ],
)
def test_worked_amounts_through_the_pack(model: str, day: str, usage: Usage, terms: Terms, dollars: str | None) -> None:
    found = amount(PACK.prices, PACK.discounts, usage, model=model, at=moment(day), surcharges=PACK.surcharges, terms=terms)
    assert found == (None if dollars is None else Decimal(dollars))


FIVE = Usage(input=M, write_5m=M, write_1h=M, read=M, output=M)
LIST_PRICES = [
    ("2025-02-24", ["sonnet-3.5", "sonnet-3.7"], "28.05"),
    ("2025-05-22", ["sonnet-4"], "28.05"),
    ("2025-09-29", ["sonnet-4.5"], "28.05"),
    ("2026-02-18", ["sonnet-4.6"], "28.05"),
    ("2025-05-22", ["opus-4"], "140.25"),
    ("2025-08-05", ["opus-4.1"], "140.25"),
    ("2025-11-24", ["opus-4.5"], "46.75"),
    ("2026-02-06", ["opus-4.6"], "46.75"),
    ("2026-04-17", ["opus-4.7"], "46.75"),
    ("2026-05-28", ["opus-4.8"], "46.75"),
    ("2026-07-24", ["opus-5"], "46.75"),
    ("2026-09-22", ["opus-5.5"], "37.2"),
    ("2026-07-21", ["sonnet-5"], "18.7"),
    ("2026-09-28", ["sonnet-5.5"], "18.7"),
    ("2026-10-07", ["sonnet-5.5"], "18.6"),
    ("2024-12-01", ["haiku-3.5"], "7.48"),
    ("2025-10-15", ["haiku-4.5"], "9.35"),
    ("2026-10-07", ["haiku-5.5"], "4.675"),
    ("2026-06-09", ["fable-5", "mythos-5"], "93.5"),
    ("2026-09-01", ["fable-5.1", "mythos-5.1"], "92.75"),
]


@pytest.mark.parametrize(("day", "models", "dollars"), LIST_PRICES)
def test_list_prices_of_the_pack_hold_from_their_day(day: str, models: list[str], dollars: str) -> None:
    for model in models:
        assert amount(PACK.prices, (), FIVE, model=model, at=moment(day)) == Decimal(dollars)


def test_rows_of_the_pack_name_models_that_it_prices() -> None:
    priced = {price.model for price in PACK.prices}
    named = {model for row in (*PACK.surcharges, *PACK.discounts) for model in row.models} - {"*"}
    assert named <= priced
    assert {model for _, models, _ in LIST_PRICES for model in models} == priced


def test_example_16_through_the_pack() -> None:
    expected = {
        ("large", "1"): 250_000,
        ("large", "2"): 250_000,
        ("large", "3"): M,
        ("large", "5"): M,
        ("small", "1"): 2_500_000,
        ("small", "4"): 10 * M,
    }
    for (group, tier), tokens in expected.items():
        found = quota_for(OPENAI.quotas, group=group, tier=tier, at=moment("2026-08-30"))
        assert found is not None
        assert (found.tokens, found.not_for) == (tokens, {"fine_tuned", "evals", "tools"})
    quota = quota_for(OPENAI.quotas, group="large", tier="1", at=moment("2026-08-30"))
    assert quota is not None
    requests = [sent("2026-08-30T11:00:00", 2_000), sent("2026-08-30T12:00:00", 10), sent("2026-08-31T00:00:00", 10)]
    assert metered(quota, requests, used=249_000) == (2_000, 10, 0)


def test_model_pricing_through_the_pack() -> None:
    assert [(limit.client_version[:3], limit.multiplier_max, limit.host_supplied) for limit in PACK.limits] == [
        ((2, 1, 242), 1, False),
        ((2, 1, 246), 1, True),
        ((2, 1, 271), 10, True),
    ]
