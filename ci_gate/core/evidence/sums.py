"""Whether the counts and scores of a run agree with each other, with the results file and with their own parts.

Source of what each count means, and how certain that is: the vendor's pages on batch testing, and one public results
file.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ci_gate.core.evidence.facts import Contradiction, Facts
from ci_gate.core.evidence.unevaluated import score_range
from ci_gate.core.findings import FindingKind
from ci_gate.core.metrics import SCORES, Metric, measure
from ci_gate.core.model import ResultType
from ci_gate.core.tally import differs_from_rule, is_certain
from ci_gate.core.text.decimals import Range, exact_text, meant_by, read_decimal, read_score, text_beside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_gate.core.model import Reported

AGREEMENT = Fraction(1, 100)
"""The largest tolerated difference between an exact score and the platform's text, rounded to two decimals."""

_FEW = Fraction(1, 10)
"""The largest share of rows that may break the platform's rule; with a larger one the whole file is in doubt."""


def success_and_types(facts: Facts) -> Iterator[Contradiction]:
    """Compare ``success`` with TP+TN of the reply or, if the reply lacks these, of the rows of a complete file."""
    success, counts = facts.in_reply.counts.success, facts.counts
    if success is None or counts.tp is None or counts.tn is None or _lacks_rows(facts):
        return
    if success != counts.tp + counts.tn:
        yield Contradiction(f"the status reply counts {success} as success, but TP+TN is {counts.tp + counts.tn}")


def failure_and_types(facts: Facts) -> Iterator[Contradiction]:
    """Compare ``failure`` with the sum of FP, FN and unevaluated utterances; without the latter, accept any surplus."""
    failure, counts = facts.in_reply.counts.failure, facts.counts
    if failure is None or counts.fp is None or counts.fn is None or _lacks_rows(facts):
        return
    wrong, failed = counts.fp + counts.fn, counts.failed_utterances or 0
    # If the number of unevaluated utterances is not known, any surplus may consist of them.
    if failure < wrong + failed or (failure > wrong + failed and counts.failed_utterances is not None):
        parts = f"FP+FN is {wrong}" + (f", and {failed} were not evaluated" if failed else "")
        yield Contradiction(f"the status reply counts {failure} as failure, but {parts}")


def types_and_size(facts: Facts) -> Iterator[Contradiction]:
    """Compare the sum of evaluated and unevaluated utterances with the utterance count."""
    counts = facts.counts
    evaluated, failed, total = counts.evaluated, counts.failed_utterances or 0, counts.utterances
    if _lacks_rows(facts):
        return
    # The sum may lack the rows with an unknown result type: a finding of their own reports these.
    odd = sum(utterance.result_type is ResultType.UNKNOWN for utterance in facts.utterances or ())
    if evaluated is not None and total is not None and evaluated + failed not in (total, total - odd):
        yield Contradiction(
            f"{evaluated} utterances were evaluated (TP+TN+FP+FN) and {failed} were not, "
            f"which makes {evaluated + failed}, but the suite has {total}"
        )


def entities_and_matched(facts: Facts) -> Iterator[Contradiction]:
    matched, entities = facts.counts.matched_entities, facts.counts.entities
    if matched is not None and entities is not None and matched > entities:
        yield Contradiction(f"{matched} entities matched of {entities}, which is impossible")


def size_and_top_block(facts: Facts) -> Iterator[Contradiction]:
    size = facts.in_file.counts.utterances if facts.reply else None
    if size is not None and size != facts.counts.utterances:
        yield Contradiction(f"the results file is of a run of {size} utterances, not of {facts.counts.utterances}")


def size_and_rows(facts: Facts) -> Iterator[Contradiction]:
    """Compare the utterance count with the number of rows; too few rows are missing evidence, not a contradiction."""
    total = facts.counts.utterances
    if facts.utterances is None:
        return
    if facts.reply is None and facts.file is not None and facts.file.counts.utterances is None:
        yield Contradiction("the file does not say how many utterances there were, so nothing shows that it is whole")
    elif total is not None and len(facts.utterances) > total and not [*size_and_top_block(facts)]:
        more = f"more than the {total} of the suite"
        yield Contradiction(f"the results file holds {len(facts.utterances)} utterances, {more}")


def entities_and_top_block(facts: Facts) -> Iterator[Contradiction]:
    for what, name in (("entities", "entities"), ("matched entities", "matched_entities")):
        reported, filed = (getattr(source.counts, name) for source in (facts.in_reply, facts.in_file))
        if reported is not None and filed is not None and reported != filed:
            yield Contradiction(f"the number of {what} is {reported} by the status reply, {filed} by the results file")


def types_and_rows(facts: Facts) -> Iterator[Contradiction]:
    """Compare TP, TN, FP and FN of the reply with the rows; a file that lacks rows may have fewer of each."""
    said, tallied = facts.in_reply.counts, facts.tallied
    if tallied is None:
        return
    differing = []
    for name in ("tp", "tn", "fp", "fn"):
        reported, found = getattr(said, name), getattr(tallied, name)
        if reported is not None and (found > reported or (found < reported and not facts.missing_rows)):
            differing.append(f"{name.upper()} {found} instead of {reported}")
    if differing:
        yield Contradiction(f"the results file counts otherwise than the status reply: {', '.join(differing)}")


def matched_and_rows(facts: Facts) -> Iterator[Contradiction]:
    """Compare the number of matched entities with the rows, if both count the same number of entities."""
    counts, tallied = facts.counts, facts.tallied
    is_whole = tallied is not None and tallied.utterances == counts.utterances
    if tallied is None or not is_whole or counts.entities != tallied.entities or [*entities_and_top_block(facts)]:
        return
    if counts.matched_entities != tallied.matched_entities:
        both = f"{counts.matched_entities} by the platform's count, {tallied.matched_entities} by its file"
        yield Contradiction(f"the number of matched entities is {both}")


def reply_scores_and_counts(facts: Facts) -> Iterator[Contradiction]:
    yield from _scores(facts, facts.in_reply, "the platform reports")


def file_scores_and_counts(facts: Facts) -> Iterator[Contradiction]:
    """Compare the scores of the file's top block with the counts, except scores that merely repeat the reply."""
    said, filed = facts.in_reply.scores, facts.in_file.scores
    others = {metric: text for metric, text in filed.items() if not _same_text(text, said.get(metric))}
    yield from _scores(facts, replace(facts.in_file, scores=others), "the results file says")


def reply_scores_and_file(facts: Facts) -> Iterator[Contradiction]:
    """Compare the scores of reply and file with each other if no counts exist to compare both with."""
    for metric in SCORES:
        reported, filed = (_shown(source, metric) for source in (facts.in_reply, facts.in_file))
        if reported is None or filed is None or measure(metric, facts.counts) is not None:
            continue
        if abs(reported - filed) > AGREEMENT:
            both = f"{exact_text(reported)} by the status reply, {exact_text(filed)} by the results file"
            yield Contradiction(f"{metric.label} is {both}")


def ratio_and_counts(facts: Facts) -> Iterator[Contradiction]:
    """Yield a contradiction if the file's success ratio does not fit the counts.

    It fits either as a share of all utterances or as a share of the evaluated ones.
    """
    if (shown := _ratio(facts)) is not None:
        counts = facts.counts
        worked = f"{(counts.tp or 0) + (counts.tn or 0)} of {counts.utterances} utterances worked by the counts"
        yield Contradiction(f"{worked}, but the results file gives a success ratio of {exact_text(100 * shown)} %")


def breakdown_and_counts(facts: Facts) -> Iterator[Contradiction]:
    """Yield a contradiction for each result type whose share in the file does not fit the counts.

    It fits either as a share of all utterances or as a share of the evaluated ones.
    """
    for kind, text in facts.in_file.breakdown.items():
        count = getattr(facts.counts, kind.lower())
        shown = read_decimal(text)
        if shown is not None and count is not None and _is_other_share(shown / 100, count, facts):
            reported = f"the results file gives {exact_text(shown)} % {kind}"
            yield Contradiction(f"{reported}, but by the counts there are {count} of {facts.counts.utterances}")


def entity_ratio_and_counts(facts: Facts) -> Iterator[Contradiction]:
    text = facts.in_file.entity_ratio
    shown = read_decimal(text) if text else None
    exact = measure(Metric.ENTITY_MATCH, facts.counts)
    if shown is not None and exact is not None and abs(shown / 100 - exact) > AGREEMENT:
        matched = f"{facts.counts.matched_entities} of {facts.counts.entities} entities matched by the counts"
        yield Contradiction(f"{matched}, but the results file gives a ratio of {exact_text(shown)} %")


def types_and_intents(facts: Facts) -> Iterator[Contradiction]:
    """Compare the result types of the rows with the platform's rule, for rows in which the rule is certain."""
    if facts.expectation.engine == "dgpt":
        return
    certain = [utterance for utterance in facts.utterances or () if is_certain(utterance)]
    rows = [utterance.row for utterance in certain if differs_from_rule(utterance)]
    if rows:
        message = (
            f"the result type of {len(rows)} utterances does not follow from expected and matched intent "
            f"(first in row {rows[0]}); the file's own was counted"
        )
        yield Contradiction(message, None if len(rows) > _FEW * len(certain) else FindingKind.TYPE_MISMATCH)


def rounded_values(meant: Range, metric: Metric, facts: Facts) -> Range:
    """Return ``meant``, the range of the reply's rounded text, extended to include the range of the file's text."""
    text = facts.in_file.scores.get(metric) if facts.reply else None
    other = meant_by(text) if text is not None else None
    if other is None:
        return meant
    highest = max(meant, other, key=lambda one: (one.high, not one.open))
    return Range(min(meant.low, other.low), highest.high, highest.open)


def values_of(metric: Metric, facts: Facts) -> Range | None:
    """Return the range of a score by the counts, extended to include each value that contradicts the counts.

    Such a value comes from the reply, the top block of the file, or the rows. ``None`` if the counts give no range.
    """
    found = score_range(metric, facts.counts, facts.unevaluated)
    if found is None:
        return None
    reported = [_shown(source, metric) for source in (facts.in_reply, facts.in_file)]
    others = [shown for shown in reported if shown is not None and not _agrees(shown, metric, facts)]
    if metric is Metric.ACCURACY and (ratio := _ratio(facts)) is not None:
        others.append(ratio)
    rows = facts.tallied
    if rows and rows.utterances == facts.counts.utterances and [*types_and_rows(facts)]:
        by_rows = measure(metric, replace(facts.counts, tp=rows.tp, tn=rows.tn, fp=rows.fp, fn=rows.fn))
        others += [] if by_rows is None else [by_rows]
    return Range(min(found.low, *others), max(found.high, *others)) if others else found


def _ratio(facts: Facts) -> Fraction | None:
    """Return the file's success ratio as a fraction if it contradicts the counts, else ``None``."""
    text = facts.in_file.success_ratio
    shown = read_decimal(text) if text else None
    tp, tn = facts.counts.tp, facts.counts.tn
    if shown is None or shown > 100 or tp is None or tn is None or not _is_other_share(shown / 100, tp + tn, facts):
        return None
    return shown / 100


def _is_other_share(shown: Fraction, count: int, facts: Facts) -> bool:
    """Return whether ``shown`` is the share of ``count`` neither in all utterances nor in the evaluated ones.

    If the file lacks rows, return ``False``: its share may then be of other utterances.
    """
    sizes = {facts.counts.evaluated or 0, facts.counts.utterances or 0} - {0}
    return (
        bool(sizes) and not facts.missing_rows and all(abs(shown - Fraction(count, size)) > AGREEMENT for size in sizes)
    )


def _lacks_rows(facts: Facts) -> bool:
    """Return whether the counts come from a file that lacks rows, so that they are incomplete as well."""
    return bool(facts.missing_rows) and not facts.in_reply.counts.confusion


def _scores(facts: Facts, source: Reported, says: str) -> Iterator[Contradiction]:
    for metric in SCORES:
        text = source.scores.get(metric)
        shown, exact = _shown(source, metric), measure(metric, facts.counts)
        if text is not None and shown is None:
            message = f"the platform's {metric.label} is not a number from 0 to 1 and was ignored"
            yield Contradiction(message, FindingKind.UNCONFIRMED)
        elif shown is not None and exact is not None and not _agrees(shown, metric, facts):
            yield Contradiction(
                f"{metric.label} is {text_beside(exact, shown)} by the counts, but {says} {exact_text(shown)}"
            )


def _same_text(one: str, other: str | None) -> bool:
    """Return whether two texts are the same score; texts that are not scores have to be identical."""
    shown = read_score(one)
    return one == other or (shown is not None and other is not None and shown == read_score(other))


def _shown(source: Reported, metric: Metric) -> Fraction | None:
    text = source.scores.get(metric)
    return read_score(text) if text is not None else None


def _agrees(shown: Fraction, metric: Metric, facts: Facts) -> bool:
    """Return whether a reported score fits the counts, or may fit them together with rows that the file lacks."""
    exact = measure(metric, facts.counts)
    low = high = exact
    if facts.missing_rows and (found := score_range(metric, facts.counts, facts.unevaluated)):
        low, high = found.low, found.high
    return low is None or high is None or low - AGREEMENT <= shown <= high + AGREEMENT
