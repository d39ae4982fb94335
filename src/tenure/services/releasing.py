"""Setting free: figures about persons leave their terms behind only through a registered declassifier, with its budget, on the record.

Source: guarantee G3; release/; docs/reference/derive.md.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.facts import BUDGET
from tenure.records.held import Bucket, KeyId
from tenure.release.budget import Allowance, Cost, Spending, exhausted, parse_spending, render_spending
from tenure.release.declassifier import Outcome, Released, Withheld
from tenure.release.declassify import Query, declassify
from tenure.release.noise import Noise
from tenure.services.accounts import Accounts
from tenure.services.derive import Derivations, Run
from tenure.services.timekeeping import Timekeeper


class Releases:
    """Releases figures.

    Args:
        store: where the budgets are.
        accounts: which accounts were merged: one person has one budget.
        time: what time it is.
        derivations: whose runs release.
        allowance: of each subject.
    """

    def __init__(self, store: Store, accounts: Accounts, time: Timekeeper, derivations: Derivations, allowance: Allowance | None = None) -> None:
        self._store = store
        self._accounts = accounts
        self._time = time
        self._derivations = derivations
        self._allowance = allowance or Allowance()

    def release(self, run: Run, query: Query, noise: Noise, inputs: Collection[KeyId] = ()) -> Outcome:
        """Release figures about the subjects of what a run read.

        Every subject whose data the run read is charged, whether or not a cell names it. The charges and the receipt are durable before this returns.

        Args:
            run: what computed them.
            query: the table; its subjects are ids of persons.
            noise: where noise comes from.
            inputs: keys beside those that the run read here.

        Raises:
            DataError: the run has no inputs.
            VaultError: the run is not one of this store, an input is gone, or the clock is in doubt.
            IntegrityError: a charge on record cannot be read.
        """
        with self._store.transaction():
            now = self._time.keep()
            run = self._derivations.known(run)
            buckets = self._derivations.inputs(run, inputs)
            denied = self._derivations.denied(run, buckets, now)
            if denied is not None:
                return Withheld("not-permitted", denied.reason or ", ".join(part.clause for part in denied.because) or str(denied.verdict))
            subjects = self._subjects(buckets, now)
            if subjects is None or not query.subjects <= subjects:
                return Withheld("subjects", "it is not known of every input or every figure whose it is")
            name = f"release/{self._store.ledger.size}"
            outcome = declassify(replace(query, others=query.others | subjects), noise, self._charges(now), self._allowance, now, name)
            if isinstance(outcome, Released):
                self._write(run, buckets, outcome, now)
            return outcome

    def exhausted(self, subjects: Collection[str], cost: Cost) -> frozenset[str]:
        """Return the persons whose budget does not bear another such charge: a job leaves them out before it reads."""
        now = self._time.now
        return exhausted(self._allowance, self._charges(now), frozenset(subjects), cost, now)

    def _subjects(self, buckets: Collection[Bucket], now: datetime) -> frozenset[str] | None:
        """Return whose data it is; None = of some of it nobody knows, as of what was made of several persons' data."""
        found = {bucket.owner.subject for bucket in buckets}
        known = frozenset(self._accounts.resolve(subject, now) for subject in found if subject is not None)
        return None if None in found else known

    def _charges(self, now: datetime) -> Iterator[Spending]:
        """Yield what was charged, to the account that each one is part of by now."""
        resolved: dict[str, str] = {}
        for note in self._store.journal.notes(BUDGET):
            if note.key not in resolved:
                resolved[note.key] = self._accounts.resolve(note.key, now)
            yield parse_spending(resolved[note.key], json.loads(note.body))

    def _write(self, run: Run, buckets: list[Bucket], released: Released, now: datetime) -> None:
        for charge in released.spent:
            self._store.journal.add(BUDGET, charge.subject, canonical_bytes(render_spending(charge)))
        parameters: dict[str, Plain] = dict(released.parameters)
        said: dict[str, Plain] = {
            "name": released.declassifier,
            "version": released.version,
            "digest": released.digest,
            "parameters": parameters,
        }
        self._derivations.tell(run, None, buckets, said, now)
