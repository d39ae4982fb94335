"""Packs from TOML bytes. Every value is checked; unknown keys, names and values are errors with their place.

Source: docs/reference/packs.md.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import TypeVar

from tenure.errors import DataError, TermsError
from tenure.records.kinds import Destination, Flag, Kind, Purpose
from tenure.records.periods import Period, parse_period
from tenure.terms.document import Table, parse_document
from tenure.terms.pack import (
    Attribute,
    Clause,
    ConsentRule,
    Keep,
    Note,
    Pack,
    Setting,
    Sighting,
    Source,
    Tariff,
    Variable,
    VersionRange,
    Vocabulary,
)
from tenure.terms.price_rows import parse_discounts, parse_prices, parse_pricing_limits, parse_quotas, parse_surcharges
from tenure.terms.sightings import Margins, parse_margin, parse_sighting
from tenure.terms.standing import Standing
from tenure.terms.versions import parse_version

SCHEMA = "tenure.pack/1"
LISTS = {
    "tier": "tiers",
    "provider": "providers",
    "hosting": "hosting",
    "surface": "surfaces",
    "model_class": "model_classes",
    "feature": "features",
    "copy": "copies",
}
GRAMMARS = ("days", "boolean", "number", "word", "duration")
_KEEP = re.compile(r"(min|max)\(([^()]*)\)")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*", re.ASCII)
_Value = TypeVar("_Value", Kind, Purpose, Destination, Standing)


def parse_pack(content: bytes, name: str = "pack.toml") -> Pack:
    """Parse one pack.

    Args:
        content: the file's bytes.
        name: what errors call the file.

    Raises:
        TermsError: anything that the format does not know, with its place.
    """
    root = parse_document(content, name)
    if root.text("schema") != SCHEMA:
        root.fail("schema", SCHEMA, root.text("schema"), code="terms/schema")
    return _Reader(root).pack()


class _Reader:
    """One pack on its way from TOML to values: what clauses need from the head is kept here."""

    def __init__(self, root: Table) -> None:
        self.root = root
        self.as_of = root.day("as_of")
        self.fresh_for = _period(root, "fresh_for")
        self.margins = _margins(root)
        self.vocabulary = _vocabulary(root)
        self.groups = {name: {key: table.texts(key) for key in table.raw} for name, table in root.table("groups").items().items()}
        self.promises = {str(key): str(value) for key, value in root.table("promises").raw.items()}

    def pack(self) -> Pack:
        """Read everything."""
        root = self.root
        clauses = tuple(self.clause(table) for table in root.tables("clause"))
        _check_ids(root, clauses)
        pack = Pack(
            agent=root.text("agent"),
            title=root.text("title"),
            vendor=root.text("vendor"),
            as_of=self.as_of,
            known_to=root.day("known_to"),
            vocabulary=self.vocabulary,
            promises=self.promises,
            clauses=clauses,
            sources=tuple(_source(table) for table in root.tables("source")),
            notes=tuple(self.note(table) for table in root.tables("note")),
            tariff=_tariff(root),
        )
        root.close()
        return pack

    def clause(self, table: Table) -> Clause:
        """Read one clause."""
        name = table.text("id")
        if not _ID.fullmatch(name):
            table.fail("id", "lower case words with dashes", name)
        clause = Clause(
            id=name,
            row=table.text("row"),
            text=table.text("text"),
            source=table.text("source"),
            standing=_enum(table, "class", Standing),
            as_of=table.day("as_of", self.as_of),
            fresh_for=_period(table, "fresh_for") if "fresh_for" in table else self.fresh_for,
            begins=self.sighting(table, "from"),
            ends=self.sighting(table, "until"),
            kinds=self.kinds(table),
            when=self.conditions(table),
            permit=_purposes(table, "permit"),
            refuse=_purposes(table, "refuse"),
            unknown=_purposes(table, "unknown"),
            keep=self.keep(table),
            over=frozenset(table.texts("over")),
            destination=_enum(table, "destination", Destination) if "destination" in table else None,
            promises=self.promised(table),
            hold=_purposes(table, "hold"),
        )
        table.close()
        self.check_order(table, clause)
        return clause

    def check_order(self, table: Table, clause: Clause) -> None:
        """An interval must not end before it begins; a hold must keep."""
        if clause.begins is not None and clause.ends is not None and clause.ends.latest <= clause.begins.latest:
            table.fail("until", f"a sighting after {clause.begins.text}", clause.ends.text, code="terms/date")
        if clause.hold and clause.keep is None:
            table.fail("hold", "a period to keep beside it", clause.id)

    def note(self, table: Table) -> Note:
        """Read one note."""
        note = Note(
            id=table.text("id"),
            row=table.text("row"),
            text=table.text("text"),
            source=table.text("source"),
            standing=_enum(table, "class", Standing),
            begins=self.sighting(table, "from"),
        )
        table.close()
        return note

    def sighting(self, table: Table, key: str) -> Sighting | None:
        """Read a date of the forms that packs know."""
        text = table.optional_text(key)
        if text is None:
            return None
        try:
            return parse_sighting(text, self.margins)
        except TermsError as error:
            raise TermsError(f"{table.where}: {key}: {error.message}", code=error.code, remedy=error.remedy) from error

    def kinds(self, table: Table) -> frozenset[Kind]:
        """Read the kinds of a clause; `*` is all."""
        names = table.texts("kinds")
        if names == ("*",):
            return frozenset(Kind)
        return frozenset(_member(table, "kinds", name, Kind) for name in names)

    def promised(self, table: Table) -> tuple[str, ...]:
        """Read promises, which must be declared."""
        names = table.texts("promises")
        for name in names:
            if name not in self.promises:
                table.fail("promises", "a promise of [promises]", name, choices=self.promises)
        return names

    def keep(self, table: Table) -> Keep | None:
        """Read for how long."""
        text = table.optional_text("keep")
        if text is None:
            return None
        match = _KEEP.fullmatch(text)
        if match is None:
            return Keep("one", (self.keep_part(table, text),))
        return Keep(match[1], tuple(self.keep_part(table, part.strip()) for part in match[2].split(",")))

    def keep_part(self, table: Table, text: str) -> Period | str:
        """Read a period, a word or the name of a setting."""
        if text in {"indefinite", "unknown"} or text in self.vocabulary.settings:
            return text
        try:
            return parse_period(text)
        except DataError:
            table.fail("keep", "a period, indefinite, unknown or a setting", text, choices=self.vocabulary.settings)

    def conditions(self, table: Table) -> Mapping[str, frozenset[str] | VersionRange]:
        """Read `when` into key -> values for which it holds."""
        when = table.table("when")
        conditions: dict[str, frozenset[str] | VersionRange] = {}
        for key, value in when.raw.items():
            values = [value] if isinstance(value, str | bool) else value
            if not isinstance(values, list) or not values or not all(isinstance(part, str | bool) for part in values):
                when.fail(key, "a value or a list of values", value)
            texts = [str(part).lower() if isinstance(part, bool) else part for part in values]
            conditions[key] = _version_range(when, texts) if key == "client_version" else self.allowed(when, key, texts)
        return conditions

    def allowed(self, when: Table, key: str, texts: list[str]) -> frozenset[str]:
        """Resolve groups and negations against the closed list of a key."""
        domain = self.domain(when, key)
        negated = [text.startswith("!") for text in texts]
        if any(negated) and not all(negated):
            when.fail(key, "either values or '!' values", texts)
        named: set[str] = set()
        for text in texts:
            word = text.removeprefix("!")
            values = self.group(when, key, word) if word.startswith("@") else (word,)
            for value in values:
                if value not in domain:
                    when.fail(key, f"one of {', '.join(domain)}", value, code="terms/outside-list", choices=domain)
            named.update(values)
        return frozenset(domain) - named if all(negated) else frozenset(named)

    def group(self, when: Table, key: str, word: str) -> tuple[str, ...]:
        """Look a group up."""
        groups = self.groups.get(key, {})
        if word[1:] not in groups:
            when.fail(key, f"a group of [groups.{key}]", word, choices=groups)
        return groups[word[1:]]

    def domain(self, when: Table, key: str) -> tuple[str, ...]:
        """Return the closed list of a condition's key."""
        domain = domains(self.vocabulary).get(key)
        if not domain:
            when.fail(key, "a key that conditions know", key, code="terms/unknown-key", choices=domains(self.vocabulary))
        return domain


def domains(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return the closed list of every key that a condition may name, `client_version` excepted."""
    found = {key: values for key, values in vocabulary.lists.items() if values}
    found["safety_flagged"] = ("true", "false")
    found |= {f"flag.{flag}": ("true", "false") for flag in Flag}
    found |= {f"consent.{name}": ("on", "off", "none") for name in vocabulary.consents}
    found |= {f"env.{name}": ("on", "off", "unset") for name in vocabulary.variables}
    found |= {f"attribute.{name}": attribute.values for name, attribute in vocabulary.attributes.items()}
    found |= {f"setting.{name}": setting_words(setting) for name, setting in vocabulary.settings.items()}
    return found


def setting_words(setting: Setting) -> tuple[str, ...]:
    """Return the classes that a setting's value falls into."""
    if setting.grammar == "boolean":
        return ("on", "off", "unset")
    if setting.grammar == "word":
        return (*setting.words, "unset")
    return ("set", "zero", "unset")


def _tariff(root: Table) -> Tariff:
    return Tariff(parse_prices(root), parse_surcharges(root), parse_discounts(root), parse_quotas(root), parse_pricing_limits(root))


def _vocabulary(root: Table) -> Vocabulary:
    table = root.table("vocabulary")
    lists = {key: table.texts(plural) for key, plural in LISTS.items()}
    attributes = {name: _attribute(part) for name, part in table.table("attributes").items().items()}
    table.close()
    return Vocabulary(
        lists=lists,
        attributes=attributes,
        variables={name: _variable(part) for name, part in root.table("variables").items().items()},
        settings=_settings(root.table("settings")),
        consents={name: _consent(part) for name, part in root.table("consents").items().items()},
        spellings={key: {word: part.text(word) for word in part.raw} for key, part in root.table("spellings").items().items()},
    )


def _attribute(table: Table) -> Attribute:
    attribute = Attribute(table.texts("values"), table.optional_text("absent"), table.text("help", ""), table.optional_text("like"))
    if attribute.like not in {None, *LISTS}:
        table.fail("like", f"one of {', '.join(LISTS)}", attribute.like, choices=LISTS)
    if attribute.absent is not None and attribute.absent not in attribute.values:
        table.fail("absent", "one of the values", attribute.absent, choices=attribute.values)
    table.close()
    return attribute


def _variable(table: Table) -> Variable:
    variable = Variable(table.text("grammar"), table.text("strictest"), table.texts("aliases"))
    if variable.grammar not in {"non_empty", "boolean"}:
        table.fail("grammar", "non_empty or boolean", variable.grammar)
    if variable.strictest not in {"on", "off"}:
        table.fail("strictest", "on or off", variable.strictest)
    table.close()
    return variable


def _settings(table: Table) -> dict[str, Setting]:
    """Read settings; a dotted name such as [settings."history.persistence"] is one key."""
    return {name: _setting(part) for name, part in table.items().items()}


def _setting(table: Table) -> Setting:
    setting = Setting(
        grammar=table.text("grammar"),
        strictest=table.text("strictest"),
        default=table.optional_text("default"),
        minimum=table.number("minimum"),
        words=table.texts("words"),
        zero=table.optional_text("zero"),
        maximum=table.number("maximum"),
    )
    if setting.grammar not in GRAMMARS:
        table.fail("grammar", f"one of {', '.join(GRAMMARS)}", setting.grammar, choices=GRAMMARS)
    table.close()
    return setting


def _consent(table: Table) -> ConsentRule:
    rule = ConsentRule(
        by=frozenset(table.texts("by")),
        purposes=_purposes(table, "purposes"),
        after_withdrawal=_period(table, "after_withdrawal") if "after_withdrawal" in table else None,
        new_or_resumed=table.flag("new_or_resumed", False),
    )
    table.close()
    return rule


def _source(table: Table) -> Source:
    source = Source(table.text("id"), table.text("url"), table.day("read"), table.text("sha256"), table.texts("clauses"))
    table.close()
    return source


def _margins(root: Table) -> Margins:
    margins = []
    for table in root.tables("margin"):
        until = datetime.combine(table.day("until"), time(), UTC) if "until" in table else None
        margins.append((until, parse_margin(table.text("period"))))
        table.close()
    return margins


def _period(table: Table, key: str) -> Period:
    try:
        return parse_period(table.text(key))
    except DataError as error:
        raise TermsError(f"{table.where}: {key}: {error.message}", code="terms/period") from error


def _purposes(table: Table, key: str) -> frozenset[Purpose]:
    return frozenset(_member(table, key, name, Purpose) for name in table.texts(key))


def _enum(table: Table, key: str, choices: type[_Value]) -> _Value:
    return _member(table, key, table.text(key), choices)


def _member(table: Table, key: str, value: str, choices: type[_Value]) -> _Value:
    try:
        return choices(value)
    except ValueError:
        names = [str(choice) for choice in choices]
        table.fail(key, f"one of {', '.join(names)}", value, code=f"terms/unknown-{choices.__name__.lower()}", choices=names)


def _version_range(table: Table, texts: Iterable[str]) -> VersionRange:
    low = high = None
    for text in texts:
        version = parse_version(text.lstrip("<>="))
        if version is None:
            table.fail("client_version", "'>=2.1.198' or '<2.1.285'", text)
        if text.startswith(">="):
            low = version
        elif text.startswith("<") and not text.startswith("<="):
            high = version
        else:
            table.fail("client_version", "'>=' or '<' before the version", text)
    return VersionRange(low, high)


def _check_ids(root: Table, clauses: tuple[Clause, ...]) -> None:
    seen: set[str] = set()
    for clause in clauses:
        if clause.id in seen:
            root.fail("clause", "ids that differ", clause.id, code="terms/duplicate-id")
        seen.add(clause.id)
    for clause in clauses:
        for other in clause.over:
            if other not in seen:
                root.fail(f"clause {clause.id}.over", "the id of a clause", other, choices=seen)


