"""Faults of the run: of its start, of its progress, of resuming it, and of a command with several runs."""

from __future__ import annotations

from tests.tools.faults.families import run_course, run_resume, run_several, run_start

FAULTS = (*run_start.FAULTS, *run_course.FAULTS, *run_resume.FAULTS, *run_several.FAULTS)
