"""The ``compare`` command: measures the base run of a suite, then judges the head run against it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ci_gate.config.resolve import resolve_compare
from ci_gate.core.assess import SuiteOutcome, baseline_of
from ci_gate.core.comparison.baseline import Baseline, Flaw
from ci_gate.core.events import compare_command
from ci_gate.core.report import Judged, Unjudged
from ci_gate.core.rules import Rules
from ci_gate.errors import Inconclusive
from ci_gate.gate.remote_runs import connect
from ci_gate.gate.run_record import identities_of
from ci_gate.gate.session import Plan
from ci_gate.output.ci.commit import commit_of

if TYPE_CHECKING:
    from ci_gate.config.settings import CompareSettings, Side
    from ci_gate.core.report import SuiteReport
    from ci_gate.errors import GateError
    from ci_gate.gate.session import CommandContext, Invocation


def plan_compare(invocation: Invocation) -> Plan[CompareSettings]:
    """Plan ``compare``: two runs of one suite."""
    return Plan(resolve_compare(invocation.sources, invocation.environment, invocation.argument), judge_pair)


def judge_pair(context: CommandContext[CompareSettings]) -> tuple[SuiteOutcome, ...]:
    """Return the outcomes of head and base, in this order.

    The base is run first, then the head; an existing run is attached to instead. The base is only measured: its
    evidence must be sound, but no threshold applies to its scores. The head is judged against the base.
    """
    settings = context.settings
    (suite,) = settings.suites
    rules = Rules(tolerate=suite.rules.tolerate, demands_all=False)
    # ``version`` is None for an existing run: only its status reply shows which version was tested.
    measured = replace(suite, bot_version=settings.base.version, rules=rules, advisory=False)
    judged, base_label = replace(suite, bot_version=settings.head.version), f"{suite.label} (base)"
    identities, commit = {}, commit_of(context.runtime.environment)
    for label, side in ((base_label, measured), (suite.label, judged)):
        known = identities_of(replace(settings, suites=(side,)), {}, commit)
        identities[label] = replace(known[suite.label], label=label)
    again = partial(compare_command, suite.label, settings.flags)
    with connect(context, identities) as remote:
        remote.record.begin()
        context.console.note(f"base: {settings.base}")
        to_measure = remote.assignment(
            measured, attach=settings.base.run_id, way_back=lambda run_id: again(base=run_id, head=settings.head.text)
        )
        (base,) = remote.judge((to_measure,), recorded_as=base_label)
        remote.record.close(((base_label, base.report),))
        base_run, baseline = base.report.subject.run_id, _baseline(base.report, settings.base)
        to_judge = partial(
            remote.assignment,
            judged,
            attach=settings.head.run_id,
            way_back=lambda run_id: again(base=base_run or settings.base.text, head=run_id),
        )
        if isinstance(baseline, Baseline):
            context.console.note(f"head: {settings.head}")
            (head,) = remote.judge((to_judge(baseline=baseline),))
            head = _unless_the_same(head, base_run)
            remote.record.close(((suite.label, head.report),))
        else:
            head = SuiteOutcome(report=Unjudged(to_judge().subject, baseline))
    return (head, replace(base, is_base=True))


def _unless_the_same(head: SuiteOutcome, base_run: str | None) -> SuiteOutcome:
    """Return ``head``, or an unjudged outcome if head and base have the same run id, so that nothing was compared."""
    report = head.report
    run_id = report.subject.run_id
    if run_id is None or base_run is None or run_id.casefold() != base_run.casefold():
        return head
    error = Inconclusive(f"base and head are both run '{run_id}', so nothing was compared")
    # ``observed=None`` rules out a replay: the saved files do not show that base and head are one run.
    return replace(head, report=Unjudged(replace(report.subject, observed=None), error, report.judgement))


def _baseline(report: SuiteReport, side: Side) -> Baseline | GateError:
    """Return the measured base as a baseline, or the error that explains why it is unusable."""
    match report:
        case Judged(judgement=found) if found.evidence.utterances:
            baseline = baseline_of(report.subject, found.evidence, str(side))
            if isinstance(baseline, Flaw):
                return Inconclusive(f"the base, {side}, is not sound evidence: {baseline.short}")
            # The user chose both sides, so a base that ended after the head is no reason for a warning.
            return replace(baseline, origin=replace(baseline.origin, ended=None))
        case Unjudged(error=error):
            return error.reworded(message=f"the base, {side}: {error.message}")
        case _:
            return Inconclusive(
                f"the base, {side}, has no results file that can be read: there is nothing to compare with"
            )
