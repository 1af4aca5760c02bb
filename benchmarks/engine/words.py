"""Numbers and sentences of the tables."""

from __future__ import annotations


def seconds(value):
    """A time to three digits in a readable unit."""
    if value is None:
        return ""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9)):
        # Three digits, without an exponent for hundreds.
        if abs(value) * factor >= 1 or unit == "ns":
            return f"{value * factor:.3g} {unit}"


def size(value):
    """Bytes to three digits in a readable unit."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value} B"


def times(value):
    """A ratio; nothing for None."""
    if value is None:
        return ""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def layers(section):
    """Sizes of the hidden layers."""
    return "(" + ", ".join(f"{n}" for n in section["hidden"]) + ")"


def contestant(row):
    """Name and threads of one that trains an epoch; `n_jobs` is an upper limit."""
    if row["kind"] == "ours":
        used = f" ({row['threads']} used)" if row["threads"] < row["allowed"] else ""
        return f"{row['name']}, n_jobs={row['allowed']}{used}"
    return f"{row['name']}, {row['allowed']} thread" + "s" * (row["allowed"] > 1)


def missing(section, *packages):
    """A sentence for each of the packages that was not there."""
    versions = section["machine"]["versions"]
    return [
        f"The package {package} is not installed: its figures are missing."
        for package in packages
        if not versions[package]
    ]
