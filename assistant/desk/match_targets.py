"""Which targets of the ledger show where the directions of an enterprise are going."""

import re
from collections.abc import Sequence

from assistant.desk.match_parts import Chosen, Part, Wanted, forbids
from assistant.desk.match_provisions import PARTLY, WIDER, Pool, Provision, names_others
from assistant.desk.targets import targets
from vectorstore.sources import Sources

MOST_TARGETS = 8
MOST_AT_LARGE = 3  # that name no sector, in the units whose directions fit


def headed_for(wanted: Wanted, pool: Pool, heading: Sequence[Provision], sources: Sources) -> Part:
    """Return the sentences with targets of the sectors: those that name them, then those of the units of ``heading``.

    Only policies that ``heading`` quotes are looked at.
    """
    addresses = {one.address for one in heading}
    ranked: dict[tuple[str, int], tuple[float, Chosen]] = {}
    for document in dict.fromkeys(one.document.id for one in heading):
        for target in targets(sources, document).targets:
            for one in pool.at(document, target.citation.start):
                if forbids(one):
                    continue
                fit, sector = wanted.fit(one)
                if fit >= PARTLY:
                    score = fit + 1
                elif fit == WIDER or (one.address in addresses and _of_industry(one, wanted)):
                    score = fit + 0.3 * (one.address in addresses)
                else:
                    continue
                ranked.setdefault(one.key, (score, Chosen(one, sector or target.subject)))
    best = sorted(ranked.values(), key=lambda item: -item[0])
    own = [one for score, one in best if score > 1][:MOST_TARGETS]
    chosen = (*own, *[one for score, one in best if score <= 1][: min(MOST_AT_LARGE, MOST_TARGETS - len(own))])
    missing = tuple(f"{name}方面的目标" for name in wanted.reading.sectors) or ("所在行业的目标",)
    return Part(chosen, () if chosen else missing)


def _of_industry(provision: Provision, wanted: Wanted) -> bool:
    """Whether a target is of industry at large: it sums industries up, or counts enterprises and names no industry."""
    if re.search(r"主导产业|产业链总|总产值|新兴产业", provision.folded):
        return True
    counts = re.search(r"产业|企业|项目|投资|产值|承接", provision.folded)
    return bool(counts) and not names_others(provision.folded, wanted.sectors)
