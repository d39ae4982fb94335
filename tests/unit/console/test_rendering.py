import re
from decimal import Decimal
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from tenure.console.charts import HEIGHT, WIDTH, columns, share
from tenure.console.rendering import STATIC, Templates, in_dollars, in_thousands, in_time, in_units, in_words, static_file

CSS = (files("tenure.console") / "static" / "console.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", part)) for part in CSS.split("prefers-color-scheme: dark")[:2])
TEXT_ON = [
    *(("ink", ground) for ground in ("ground", "sheet", "tint", "bad-tint")),
    *(("soft", ground) for ground in ("ground", "sheet")),
    *(("main", ground) for ground in ("ground", "sheet", "tint")),
    *(("on-main", "main"), ("on-danger", "danger"), ("warn", "sheet")),
]


def luminance(colour):
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_by_at_least_what_wcag_aa_asks_for(colours, text, ground):
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "sheet"])
def test_edges_of_fields_and_bars_stand_out(colours, ground):
    assert contrast(colours["edge"], colours[ground]) >= 3
    assert contrast(colours["fill"], colours[ground]) >= 3


def test_page_escapes_what_others_wrote_and_forbids_what_comes_from_elsewhere():
    shared = {"links": {}, "here": "", "notice": "", "who": "", "code": ""}
    answer = Templates().page("error.html", 403, **shared, title="<i>", message="<script>", remedy='"><img>', clause="a/b")

    text = answer.body.decode()
    assert answer.status_code == 403
    assert "<script>" not in text
    assert "<img>" not in text
    assert "&lt;script&gt;" in text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy, "default-src forbids them"
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_template_without_a_value_fails():
    with pytest.raises(UndefinedError):
        Templates().page("error.html")


@pytest.mark.parametrize("name", STATIC)
def test_file_of_the_pages_holds_no_address_and_no_script(name):
    body = static_file(name).body.decode()

    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(|<script", body) == []


def test_no_other_file_is_given_out():
    assert static_file("../rendering.py") is None


def test_templates_hold_no_inline_script_and_no_inline_style():
    folder = files("tenure.console") / "templates"
    found = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}

    assert [name for name, text in found.items() if re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:|\|safe", text)] == []


def test_every_form_that_posts_holds_the_code_of_its_session():
    folder = files("tenure.console") / "templates"
    forms = [form for each in folder.iterdir() for form in re.findall(r'<form method="post".*?</form>', each.read_text(encoding="utf-8"), re.S)]

    assert len(forms) >= 8
    assert [form for form in forms if "code_field(code)" not in form and 'name="code"' not in form] == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (in_words("P30D"), "30 days"),
        (in_words("P5Y"), "5 years"),
        (in_words("P1Y6M"), "1 year 6 months"),
        (in_words("P0D"), "0 days"),
        (in_words("indefinite"), "without limit"),
        (in_units(999), "999 B"),
        (in_units(1_500_000), "1.5 MB"),
        (in_thousands(12345), "12\u202f345"),
        (in_dollars(None), "no price stated"),
        (in_dollars(Decimal("0.000012")), "$0.000012"),
        (in_dollars(Decimal("1234.5")), "$1,234.50"),
        (in_time(None), "\N{EN DASH}"),
        (in_time(1234), "1.2 s"),
    ],
)
def test_amounts_are_written_for_people(told, expected):
    assert told == expected


def test_columns_stay_inside_of_the_plot_and_grow_with_their_value():
    plot = columns("days", [(f"{day}", day, f"{day} x") for day in range(31)])

    assert all(each.x >= 0 and each.x + each.width <= WIDTH and 0 <= each.y <= HEIGHT for each in plot.columns)
    heights = [each.height for each in plot.columns]
    assert heights == sorted(heights)
    assert heights[0] == 0
    assert sum(bool(each.label) for each in plot.columns) <= 8
    assert plot.most == "30 x"


def test_plot_of_nothing_has_no_column():
    assert columns("days", []).columns == []
    assert columns("days", [("a", 0, "none")]).columns[0].height == 0


def test_bar_of_something_is_never_empty():
    assert (share(0, 100), share(1, 100_000), share(100, 100)) == (0, 1, 100)
