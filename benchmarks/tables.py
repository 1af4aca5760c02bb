"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown(header: Sequence, rows: Iterable[Iterable]) -> str:
    """A table; nothing where there are no rows."""
    lines = [f"| {' | '.join(map(str, row))} |" for row in (header, *rows)]
    lines.insert(1, f"|{'---|' * len(header)}")
    return "\n".join(lines) if len(lines) > 2 else ""
