"""The texts that the pages add to the program's tables: the meaning of each finding, rule, file and variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ci_gate.core.findings import FindingKind
from ci_gate.core.floors import MIN_SUPPORT
from ci_gate.core.rules import FORBIDDEN_KEY, MAX_REGRESSIONS, MUST_PASS_KEY
from ci_gate.output.report_folder import BASE, BASELINE, RESULTS, RUNS, STATUS
from ci_gate.reports import JUNIT, REPORT, SUMMARY


@dataclass(frozen=True, slots=True)
class FindingWords:
    """The meaning of a finding, and the advice for it."""

    meaning: str
    cure: str


FINDINGS: Final = {
    FindingKind.PARTIAL: FindingWords(
        "The platform dropped utterances on the way, or the suite shrank while the run went on.",
        "Run the suite again.",
    ),
    FindingKind.COUNT_MISMATCH: FindingWords(
        "Counts do not add up, or do not fit the rows of the results file.",
        "Run the suite again; tolerate the finding if every run of your platform shows it.",
    ),
    FindingKind.NO_FILE: FindingWords(
        "The results file is missing, cut off, ambiguous or unreadable.",
        "Attach to the run again, or download the file once more.",
    ),
    FindingKind.WRONG_RUN: FindingWords(
        "The run has another version or language than was asked for, or times that cannot be those of this run.",
        "Compare `--bot-version` and `--language` with the run; check which file you judged.",
    ),
    FindingKind.OTHER_ID: FindingWords(
        "The status reply carries the id of another run.",
        "Check the run id; with files, check that status reply and results belong together.",
    ),
    FindingKind.OTHER_BOT: FindingWords(
        "The run, or the baseline, belongs to another bot.",
        "Check `--bot-id`; after a renaming, tolerate the finding for one baseline.",
    ),
    FindingKind.SCORE_MISMATCH: FindingWords(
        "A score that the platform reports is more than 0.01 away from the one that its counts give.",
        "Look at the run in the console; tolerate the finding if every run shows it.",
    ),
    FindingKind.TYPE_MISMATCH: FindingWords(
        "In more than a tenth of the rows the result type does not follow from the two intents.",
        "Compare some rows with the console; your platform may count results in another way.",
    ),
    FindingKind.NOT_EVALUATED: FindingWords(
        "The platform did not evaluate some utterances, and no setting says how many that may be.",
        "Run again, or set `max_failed_utterances`.",
    ),
    FindingKind.NOTHING_MEASURED: FindingWords(
        "Fewer than half of the utterances were evaluated: an outage rather than a result.",
        "Look at the run in the console, then run again.",
    ),
    FindingKind.NOT_COMPARABLE: FindingWords(
        "The baseline is of another suite, bot, engine or language, is this very run, or shares too few utterances.",
        "Name the report of a whole earlier run of the same suite.",
    ),
    FindingKind.NO_RULE: FindingWords(
        "None of the rules can fail in this suite, so a pass would mean nothing.",
        "Set a threshold for the suite, or leave the suite out.",
    ),
    FindingKind.ROUNDED_SCORE: FindingWords(
        "The counts behind a score are unknown; its rounded text is judged as every value that it can stand for.",
        "Nothing, unless the check has no data.",
    ),
    FindingKind.SMALL_SUITE: FindingWords(
        "The suite has fewer than 30 utterances, or is too small for one of the rules that hold for all suites.",
        "Add utterances, or take `must_pass` for a suite so small.",
    ),
    FindingKind.OTHER_SUITE: FindingWords(
        "The results file carries the name of another suite.",
        "Check the file; a suite that was renamed in the console shows this too.",
    ),
    FindingKind.UNCONFIRMED: FindingWords(
        "Nothing confirms the version or language that was asked for, a value has a form that is not "
        "documented, or the reply came from a cache.",
        "Check the value once by hand; keep caches away from the platform's host.",
    ),
    FindingKind.FAILED_ENTITIES: FindingWords(
        "The platform did not evaluate some entities.",
        "Look at these utterances in the console if you judge entities.",
    ),
    FindingKind.NO_BASELINE: FindingWords(
        "The baseline file does not exist, and `allow_missing_baseline` lets the gate continue.",
        "Keep the report of a release as the baseline, then remove that setting.",
    ),
    FindingKind.NEWER_BASELINE: FindingWords(
        "The baseline ended after the run that is compared with it.",
        "Check that the two are not the wrong way round.",
    ),
    FindingKind.DROP: FindingWords(
        "A score fell by more than is allowed but perhaps by chance, or beyond chance but by no more than is allowed.",
        "Look at the newly failing utterances.",
    ),
    FindingKind.REGRESSION: FindingWords(
        "Some intents got worse beyond chance, and no rule bounds how many may.",
        "Look at these intents; set `max_regressions` to make such a run fail.",
    ),
    FindingKind.SMALL_SUPPORT: FindingWords(
        "Some intents have too few utterances for a floor.",
        "Add utterances of these intents, or give the floor to larger suites only.",
    ),
    FindingKind.UNSTABLE: FindingWords(
        "Copies of one utterance ended differently within the same run.",
        "Keep such an utterance out of `must_pass`; look for a cause in the training data.",
    ),
    FindingKind.TWO_LABELS: FindingWords(
        "One utterance stands in the suite with two expected intents, so one of them must fail.",
        "Correct the suite in the console.",
    ),
    FindingKind.UNKNOWN_NAME: FindingWords(
        "A forbidden `matched` intent occurs nowhere and resembles one that does. (Most other unknown names end in "
        "exit code 2.)",
        "Spell the name as the suite does.",
    ),
    FindingKind.WAIVER: FindingWords(
        "A waiver has expired, or covers no mismatch.",
        "Remove the waiver, or correct the name in it.",
    ),
}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """The question that a rule answers, what a failure shows, and what a pass does not show."""

    worry: str
    shows: str
    hides: str


@dataclass(frozen=True, slots=True)
class RuleKey:
    """A rule without a flag: its key as written in the file, its meaning, and its default."""

    key: str
    meaning: str
    default: str = "none"


RULES: Final = {
    "min_f1": RuleWords(
        "Is the bot good enough overall?",
        "F1 is below the floor.",
        "A wrong intent counts only by half; a fall that stays above the floor.",
    ),
    "min_precision": RuleWords(
        "Does it act on the wrong intent?", "Too many matches are wrong.", "Utterances that matched nothing."
    ),
    "min_recall": RuleWords(
        "Does it miss what users want?", "Too many utterances matched nothing.", "Wrong intents: recall ignores them."
    ),
    "min_accuracy": RuleWords(
        "How many answers are right?", "Too few utterances are right.", "Which kind of error it is."
    ),
    "min_entity_match": RuleWords(
        "Does it extract the right values?", "Too few entities matched.", "Errors in the intents."
    ),
    "max_failed_utterances": RuleWords(
        "Was nearly everything measured?", "The platform evaluated too few.", "How good the bot is."
    ),
    "max_mismatches": RuleWords(
        "Are there more errors than we know of?", "More mismatches than allowed.", "Errors that waivers cover."
    ),
    "max_entity_mismatches": RuleWords(
        "Are there more wrong values than we know of?", "More entities mismatched.", "Errors in the intents."
    ),
    "min_utterances": RuleWords(
        "Did somebody shorten the suite?", "The suite has too few utterances.", "Which ones are gone."
    ),
    "max_f1_drop": RuleWords(
        "Is it worse than the last release?",
        "F1 fell by more than is allowed, and beyond chance.",
        "A loss in one intent that others offset.",
    ),
    "max_precision_drop": RuleWords(
        "Are there more wrong matches than before?",
        "Precision fell by more than is allowed, and beyond chance.",
        "More missed utterances.",
    ),
    "max_recall_drop": RuleWords(
        "Does it miss more than before?",
        "Recall fell by more than is allowed, and beyond chance.",
        "Right intents that turned wrong.",
    ),
    "max_accuracy_drop": RuleWords(
        "Are there fewer right answers than before?",
        "Accuracy fell by more than is allowed, and beyond chance.",
        "Which intents lost.",
    ),
    "max_new_failures": RuleWords(
        "Did anything break that worked?", "More utterances newly fail.", "Failures that the baseline had too."
    ),
    MAX_REGRESSIONS: RuleWords(
        "Did a single intent fall apart?", "More intents got worse beyond chance.", "Losses in small intents."
    ),
    "intents.min_f1": RuleWords(
        "Is each intent good enough?", "An intent's F1 is below its floor.", "Intents with few utterances."
    ),
    "intents.min_precision": RuleWords(
        "Does an intent attract what is not its own?", "Too many of its matches are wrong.", "Its missed utterances."
    ),
    "intents.min_recall": RuleWords(
        "Is each intent recognised?", "Too few of its utterances were recognised.", "Wrong matches elsewhere."
    ),
    MUST_PASS_KEY: RuleWords(
        "Does what must work still work?", "A named utterance fails.", "Everything that is not on the list."
    ),
    FORBIDDEN_KEY: RuleWords(
        "Does one dangerous confusion happen?", "It happened at least once.", "Every other confusion."
    ),
}

TABLE_KEYS: Final = {
    "intents": RuleKey(
        "`[intents]`",
        "Floors of every intent: `min_f1`, `min_precision`, and `min_recall`, the share of its utterances that were "
        "recognised, which sees wrong intents too.",
    ),
    "named intent": RuleKey('`[intents."Transfer money"]`', "Floors of one intent.", "those of `[intents]`"),
    MAX_REGRESSIONS: RuleKey(
        f"`{MAX_REGRESSIONS}` in `[intents]`", "Maximum number of intents that may get worse beyond chance."
    ),
    "min_support": RuleKey(
        "`min_support` in either",
        "An intent with fewer utterances is skipped with a warning. If it has a floor of its own, or is too small only "
        "because utterances were not evaluated, the check has no data.",
        str(MIN_SUPPORT),
    ),
    "point": RuleKey(
        "`point` in either",
        "`true` compares the plain score with the floor. By default an intent fails only if its low score is "
        "unlikely to be chance (`alpha`); the name of such a check ends in *beyond chance*.",
        "false",
    ),
    MUST_PASS_KEY: RuleKey(
        f"`{MUST_PASS_KEY}`",
        "Utterances that must pass: a list, or the path of a file with one per line. There, `#` begins a comment, and "
        "`\\#` an utterance that begins with that sign.",
    ),
    FORBIDDEN_KEY: RuleKey(f"`[[{FORBIDDEN_KEY}]]`", "`expected` must never be taken for `matched`."),
    "waivers": RuleKey(
        "`[[waivers]]`",
        "`utterance`, `intent` or `confusion`, with `reason`, `owner` and `expires`, the last day (UTC).",
    ),
}

FILES: Final = {
    JUNIT: "a case per check, then a case per utterance, for the test page of a CI system",
    SUMMARY: "the page for reviewers; also appended to `$GITHUB_STEP_SUMMARY`",
    REPORT: "everything, for programs, and the baseline of a later run; see [report-json.md](report-json.md)",
    f"<label>{RESULTS}": "the results file, byte for byte as the platform sent it",
    f"<label>{STATUS}": "the last status reply, without the signature of its file link",
    f"<label>{BASE}{RESULTS}": "of `compare`: the results of the run that was compared with",
    f"<label>{BASE}{STATUS}": "of `compare`: the status reply of that run",
    f"<label>{BASELINE}.csv` or `.json": "what the suite was compared with; once if suites share a baseline",
    RUNS: "the runs, from the moment at which they exist, for `--resume`",
    "metrics.txt": "in GitLab: the measurements, as OpenMetrics",
    "annotations.json": "in GitLab: the links on the page of the job",
    "gate.env": "in GitLab: the variables for later jobs",
}

VARIABLES: Final = {
    "CI_GATE_CLIENT_ID": "the client id of the app, with a secret or a private key",
    "CI_GATE_CLIENT_SECRET": "the client secret; a fresh token is signed for every request (HS256 or HS512)",
    "CI_GATE_PRIVATE_KEY": "the private key for RS256 and RS512, as PEM text or a path; needs `ci-gate[crypto]`",
    "CI_GATE_JWT": "a ready token in place of the other three; a warning says if it expires before the deadline",
}
