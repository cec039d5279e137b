"""Builds the objects of the platform's JSON so that nothing that was told twice is lost."""

from __future__ import annotations


def all_told(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object for ``json.loads(object_pairs_hook=…)``.

    A name that is told several times, differently, gets the list of what was told: whoever wants a single value there
    finds none that can be believed, where the last one would have hidden the others.
    """
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    told: dict[str, list[object]] = {}
    for name, value in pairs:
        values = told.setdefault(name, [])
        if not values or values[-1] != value:
            values.append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in told.items()}
