"""Sessions of the people of a town: handed in, used, made something of, held, erased, over. Each answer is compared with the model's."""

import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from tests.simulation.model import Held, Shape
from tests.simulation.town import DAY, MINUTE, USES, Town

from tenure.ports import Selection
from tenure.records.held import KeyId, Owner, RecordName, parse_record_name
from tenure.services.derive import Derived, Run
from tenure.services.intake import Item, Put
from tenure.services.use import Batch, Denied
from tenure.terms.cases import parse_case

KINDS = (
    *("prompt",) * 8, "output", "code", "transcript", "web_session", "repository_file", "feedback_report", "survey_rating", "survey_transcript",
    "usage_metric", "error_report", "webfetch_hostname", "contribution_metric", "classifier_score", "feedback_draft", "local_transcript",
)  # fmt: skip


class Sessions(Town):
    """What comes in, and what becomes of it."""

    runs: list[tuple[Run, list[Held]]]

    def restarted(self) -> None:
        self.runs.clear()

    # --- what is handed in

    def hand_in(self, number: int | None = None) -> None:
        """Sessions of many people end at once; each is handed in with a record or two."""
        number = self.random.randrange(self.sessions_at_once // 2, self.sessions_at_once + 1) if number is None else number
        late = self.random.random() < 0.1
        made = [held for _ in range(number) for held in self._session(late=late)]
        self.put(made)

    def _session(self, *, late: bool) -> Iterator[list[Held]]:
        now, session = self.now, self.fresh("SESSION")
        org = self.pick(self.orgs()) if self.random.random() < 0.5 else None
        subject = self.pick(self.people() if org is None else self.members(org))
        if org is None and subject is None:
            return
        subject = None if org is not None and self.random.random() < 0.15 else subject
        for kind in self.random.sample(KINDS, 2 if self.random.random() < 0.1 else 1):
            shape = self._shape(kind, org)
            count = 2 if self.random.random() < 0.05 else 1
            collected = now - self.random.choice((MINUTE, DAY, 20 * DAY, 45 * DAY)) if late else now
            contents = [self._content() for _ in range(count)]
            yield [Held("", "", content, shape, subject, subject, org, session, collected, now) for content in contents]
        self.sessions += 1

    def _content(self) -> bytes:
        self.records += 1
        content = b"CANARY-%d." % self.records
        self.digests.add(sha256(content).digest())
        return content

    def _shape(self, kind: str, org: str | None) -> Shape:
        terms = None if org is None else self.model.agreement(None, org, self.now)
        is_flagged_alone = terms is not None and "zdr" in terms[2]  # of the rest nothing is kept there
        chance = self.random.random() / (8 if is_flagged_alone else 1)
        flagged = True if chance < 0.04 else None if chance < 0.05 else False
        is_cloud = kind in ("web_session", "repository_file")
        surface = self.random.choice(("web", "mobile") if is_cloud else ("cli", "ide", "desktop"))
        if self.random.random() < 0.9:
            return Shape(kind, surface=surface, flagged=flagged)
        said = ({"tier": "free"}, {"tier": "enterprise"}, {"flags": ("zdr",)}, {"flags": ()}, {"consents": ()}, {"provider": "bedrock"})
        given = self.random.choice(said)
        return Shape(kind, surface=surface, flagged=flagged, **given)  # type: ignore[arg-type]  # one of those above

    def put(self, groups: list[list[Held]]) -> list[Put] | None:
        """Hand in groups of records, each one item, and compare what becomes of them with what the model says."""
        now = self.now
        items = [_item(group) for group in groups]
        for group in groups:
            for held in group:
                held.taken_at = now
        expected = [self.model.intake(group[0], now) for group in groups]

        def learn(puts: list[Put] | None) -> None:
            for place, (group, (verdict, end)) in enumerate(zip(groups, expected, strict=True)):
                put = None if puts is None else puts[place]
                assert put is None or (str(put.verdict), put.expires_at) == (verdict, end), (put, verdict, end, group[0])
                if verdict == "permit":
                    self._take(group, put)
                else:
                    self.refused += 1
                    self.refusals += [held.content for held in group]

        self.do(f"{len(groups)} handed in", lambda: self.house.keeping.intake.put_all(items), learn)
        return None

    def _take(self, group: list[Held], put: Put | None) -> None:
        if put is None:  # a crash kept the answer back: it is found by its session
            sessions = [group[0].session or ""]
            found = [bucket for bucket in self.store.keys.buckets(Selection(sessions=sessions)) if str(bucket.kind) == group[0].shape.kind]
            assert [bucket.records for bucket in found] == [len(group)], "what was taken in before a crash is not there whole"
            names = tuple(RecordName(found[0].key, 0, index) for index in range(len(group)))
        else:
            names = put.records
        for held, name in zip(group, names, strict=True):
            held.name, held.key = str(name), name.key.hex()
            self.model.held[held.name] = held

    # --- what it is used for

    def reads(self, chosen: list[Held], name: str) -> None:
        """Have a job read records, and compare what it gets with what the model says."""
        if not chosen:
            return
        job, got = self.job(name), dict[str, bytes]()
        for batch in self.house.keeping.uses.read(job, Selection(keys={_key(held) for held in chosen})):
            if isinstance(batch, Batch):
                self.watch(batch)
                got.update((str(each), bytes(content)) for each, content in batch.records())
        self._compare(chosen, got, USES[name], None)

    def _compare(self, chosen: list[Held], got: dict[str, bytes], purposes: tuple[str, ...], run: datetime | None) -> None:
        now = self.now
        known = {**self.model.held, **self.model.gone}
        for record, content in got.items():
            assert record in known, f"{record} was never handed in"
            assert known[record].content == content, f"{record} holds what was not put there"
            assert self.model.may_read(known[record], purposes, now, run), f"{record} opened for {purposes} at {now}, run {run}: {known[record]}"
        for held in chosen:
            if not held.is_narrowed and held.name not in got:
                assert not self.model.may_read(held, purposes, now, run), f"did not open for {purposes} at {now}, run {run}: {held}"

    def sample(self, count: int) -> list[Held]:
        everything = [held for held in self.model.held.values() if not held.is_narrowed or self.random.random() < 0.02]  # those take long to rule on
        gone = list(self.model.gone.values())[-200:]
        return self.random.sample(everything, min(count, len(everything))) + self.random.sample(gone, min(count // 5, len(gone)))

    def at_the_edge(self, count: int) -> list[Held]:
        """Return some of what opens only if a control fails: dead, over, on hold, passed to somebody else, flagged."""
        now = self.now
        found = [
            held for held in self.model.held.values()
            if held.state == "dead" or held.holds or held.first != held.subject or held.shape.flagged is not False or self.model.is_over(held, now)
        ]  # fmt: skip
        return self.random.sample(found, min(count, len(found)))

    def use(self) -> None:
        self.reads(self.sample(12), self.random.choice(sorted(USES)))

    def get_one(self) -> None:
        for held in self.sample(1):
            name = self.random.choice(sorted(USES))
            found = self.house.keeping.uses.get(self.job(name), parse_record_name(held.name))
            got = {} if isinstance(found, Denied) else {held.name: bytes(found[0].record(found[1]))}
            self._compare([held], got, USES[name], None)

    def export(self) -> None:
        subject = self.pick(self.people())
        if subject is None:
            return
        got = {str(each.name): each.content for each in self.house.keeping.rights.export(subject)}
        now = self.now
        expected = {held.name: held.content for held in self.model.alive() if held.subject == subject and not self.model.is_over(held, now)}
        more, less = got.keys() - expected.keys(), expected.keys() - got.keys()
        assert not more, f"export of {subject}: {[self.model.held.get(name) or self.model.gone.get(name) for name in more]}"
        assert all(self.model.held[name].is_narrowed for name in less), f"export of {subject} leaves out {[self.model.held[name] for name in less]}"
        assert all(expected[name] == content for name, content in got.items())

    # --- what is made of it

    def derive(self) -> None:
        name = self.random.choice(("serve", "improve", "train_generative"))
        chosen = self.sample(self.random.choice((1, 3, 8)))
        if not chosen:
            return
        run, read = self._start(name, chosen)
        if read:
            self._make(run, read)

    def _start(self, name: str, chosen: list[Held]) -> tuple[Run, list[Held]]:
        run = self.house.keeping.derivations.start(self.job(name))
        return run, self._read_for(run, name, chosen)

    def _read_for(self, run: Run, name: str, chosen: list[Held]) -> list[Held]:
        got = dict[str, bytes]()
        for batch in self.house.keeping.derivations.read(run, Selection(keys={_key(held) for held in chosen})):
            if isinstance(batch, Batch):
                self.watch(batch)
                got.update((str(each), bytes(content)) for each, content in batch.records())
        self._compare(chosen, got, USES[name], run.started_at)
        return [self.model.held[each] for each in got]

    def _make(self, run: Run, read: list[Held]) -> None:
        now, content = self.now, self._content()
        inputs = tuple({held.key: held for held in read}.values())
        allowed = all(self.model.may_read(held, USES[run.job.name], now, run.started_at) for held in inputs)
        allowed = allowed and not any(self.model.is_zero_retention(held, now) for held in inputs)
        made = Held("", "", content, Shape("derived_signal"), None, None, None, None, now, now, inputs)

        def learn(found: Derived | Denied | None) -> None:
            if isinstance(found, Denied):
                narrow = any(held.is_narrowed for held in inputs)
                assert not allowed or narrow, f"refused to derive: {found}"
                return
            assert allowed, f"derived what may not be: {inputs}"
            if found is None:
                key = self._last("derived")["key"]
                made.name, made.key = f"{key}.0.0", str(key)
            else:
                made.name, made.key = str(found.records[0]), found.records[0].key.hex()
            bucket = next(iter(self.store.keys.buckets(Selection(keys=[_key(made)]))))
            made.subject = made.first = bucket.owner.subject
            made.org, made.session = bucket.owner.org, bucket.owner.session
            owners = {held.subject for held in inputs}
            assert made.subject is None or owners == {made.subject}, "what was made of many persons' data is one person's"
            made.is_narrowed = any(held.is_narrowed for held in inputs)
            self.model.held[made.name] = made

        self.do(f"derive of {len(inputs)} for {run.job.name}", lambda: self.house.keeping.derivations.derive(run, [content]), learn)

    def _last(self, kind: str) -> dict[str, object]:
        found = [entry for entry in self.store.ledger.entries(max(0, self.store.ledger.size - 6)) if b'"type":"%s"' % kind.encode() in entry]
        parsed: dict[str, object] = json.loads(found[-1])
        return parsed

    def train(self) -> None:
        """Start a training run, or go on with one: a withdrawal since leaves it what it began with."""
        if self.runs and self.random.random() < 0.6:
            run, chosen = self.runs.pop()
            chosen = [held for held in chosen if held.state == "held"]
            if chosen and self.now - run.started_at < 29 * DAY:
                self._read_for(run, "train_generative", chosen)
            return
        chosen = self.sample(10)
        if chosen:
            run, _ = self._start("train_generative", chosen)
            self.runs.append((run, chosen))

    # --- how it ends

    def hold(self, subject: str | None = None, kind: str | None = None) -> None:
        kind, name, now = kind or self.random.choice(("legal", "safety")), self.fresh("hold"), self.now
        subject = self.someone() if subject is None else subject
        if subject is None:
            return
        theirs = [held for held in self.model.held.values() if held.subject == subject]
        chosen = [held for held in theirs if kind in held.holds.values() or not self.model.is_over(held, now)]

        def learn(_: object) -> None:
            for held in chosen:
                held.holds[name] = kind

        self.do(f"{kind} hold {name} on {subject}", lambda: self.house.keeping.disposition.hold(name, Selection(subjects=[subject]), kind), learn)

    def release(self) -> None:
        names = {name for held in self.model.held.values() for name in held.holds}
        name, now = self.pick(names), self.now
        if name is None:
            return

        def learn(_: object) -> None:
            for held in [held for held in self.model.held.values() if name in held.holds]:
                del held.holds[name]
                if (held.state == "dead" and "legal" not in held.holds.values()) or (held.is_day_gone and not held.holds):
                    self.model.drop(held, now)

        self.do(f"release {name}", lambda: self.house.keeping.disposition.release(name), learn)

    def erase(self) -> None:
        subject, now = self.someone(kind="legal"), self.now
        if subject is None or len(self.people()) < 8:
            return
        if any(role == "owner" for _, _, role in self.model.people[subject].roles):
            return

        def learn(_: object) -> None:
            self.model.erase([held for held in self.model.held.values() if held.subject == subject], now)
            self.model.people[subject].is_retired = True
            self.erased.append(subject)

        act = self.house.keeping.disposition.erase
        self.do(f"erase {subject}", lambda: act(Selection(subjects=[subject]), "request", subject=subject), learn)

    def hold_and_erase(self) -> None:
        """What is erased under a legal hold is dead: it opens for nothing, and its bytes stay."""
        chosen = [held for held in self.model.alive() if held.subject in self.people() and held.session is not None]
        if chosen:
            held = self.random.choice(chosen)
            self.hold(held.subject, "legal")
            self.erase_session(held)

    def outlive(self) -> None:
        """What was made of two is gone with one of them; then something changes for the other."""
        now, owners = self.now, self.people()
        chosen = [held for held in self.model.alive() if not held.inputs and held.session is not None and held.subject in owners]
        chosen = [held for held in chosen if not held.is_narrowed and self.model.may_read(held, ("serve",), now)]
        chosen = list({held.subject: held for held in chosen if not self.model.is_zero_retention(held, now)}.values())
        if len(chosen) > 1:
            one, other = self.random.sample(chosen, 2)
            run, read = self._start("serve", [one, other])
            self._make(run, read)
            self.erase_session(one)
            self.withdraw(other.subject)

    def erase_session(self, held: Held | None = None) -> None:
        chosen, now = self.at_the_edge(1) if self.random.random() < 0.5 else self.sample(1), self.now
        chosen = chosen if held is None else [held]
        chosen = [held for held in chosen if held.state == "held" and held.session is not None]
        if chosen:
            session = chosen[0].session or ""
            self.do(
                f"erase {session}",
                lambda: self.house.keeping.disposition.erase(Selection(sessions=[session]), "request"),
                lambda _: self.model.erase([held for held in self.model.held.values() if held.session == session], now),
            )

    def expire(self) -> None:
        self.do("expire", self.house.keeping.disposition.expire, lambda _: self.model.sweep(self.now))

    def restart(self) -> None:
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} restart")
        self.house.close()
        self.house.open()
        self.runs.clear()
        self.model.sweep(self.now)


def _item(group: list[Held]) -> Item:
    first = group[0]
    case = parse_case({**first.shape.plain(first.collected_at), "purpose": "collect"})
    return Item(case, Owner(first.subject, first.org, first.session), [held.content for held in group])


def _key(held: Held) -> KeyId:
    return KeyId(bytes.fromhex(held.key))
