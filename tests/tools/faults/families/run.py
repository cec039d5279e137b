"""Faults of the run: of its start, of its course, and of a command that goes on with it, or with several."""

from __future__ import annotations

from tests.tools.faults.families import run_course, run_resume, run_several, run_start

FAULTS = (*run_start.FAULTS, *run_course.FAULTS, *run_resume.FAULTS, *run_several.FAULTS)
