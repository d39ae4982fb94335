"""Declassifiers: the few registered ways in which something made of held data becomes free. All else that is made of it inherits its terms."""

from collections.abc import Mapping

from tenure.release.declassifier import Declassifier
from tenure.release.private import PRIVATE_COUNT, PRIVATE_SUM
from tenure.release.threshold import THRESHOLD_COUNT

DECLASSIFIERS: Mapping[str, Declassifier] = {one.name: one for one in (THRESHOLD_COUNT, PRIVATE_COUNT, PRIVATE_SUM)}
