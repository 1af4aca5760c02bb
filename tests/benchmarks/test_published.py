"""What README and the pages of speed and accuracy publish is what the benchmarks printed."""

import re
from functools import partial
from pathlib import Path

import pytest

from benchmarks.engine.tables.epoch import IN_SHORT, in_short

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "study.md"
SPEED = ROOT / "docs" / "performance.md"
GENERATED = sorted((ROOT / "benchmarks").glob("*.md"))
PAGES = (README, PAGE, SPEED)

pytestmark = pytest.mark.skipif(
    not (GENERATED and all(page.exists() for page in PAGES)),
    reason="the documentation is not here",
)

# What prose calls a row or a column, as a regular expression, where that is not its own name.
NAMES = {
    "RandomForestClassifier": "forest", "MLPClassifier (256, 256)": "dense network",
    "HistGradientBoostingClassifier": "HistGradientBoosting", "greatest loss": "loses",
    "mean seconds of a fit": "fit", "fashion_mnist_60k": "all rows of Fashion-MNIST",
    "`ours`": "without windows|with scales", "`ours feature_shape=(28,28)`": "with windows",
    "2": "size of 2", "4": "size of 4", "200": "batches of 200", "32": "batches of 32",
    "ours, m=1, n_jobs=2": "without motifs", "ours, m=2 scaled, n_jobs=2": "size of 2",
    "ours, m=4 scaled, n_jobs=2": "size of 4", "points lost on large sets": "loses",
    "time saved": "saves", "times faster than MLPClassifier": "MLPClassifier",
    "times faster than on 1 thread": "second thread",
}  # fmt: skip


def tables(text):
    """Tables of a Markdown text, each a list of rows, each a tuple of cells; heads come first."""
    return [
        [tuple(map(str.strip, line.strip()[1:-1].split("|"))) for line in block.splitlines()]
        for block in re.findall(r"(?:^\|.*\n?)+", text, flags=re.M)
    ]


def sections(text):
    """Tables of each section of a Markdown text, by the anchor of its title."""
    _, *parts = re.split(r"^## (.+)$", text, flags=re.M)
    anchors = (re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in parts[::2])
    return dict(zip(anchors, map(tables, parts[1::2]), strict=True))


def unknown_tables(text, generated):
    """Tables, but those of parameters, that are not rows of one generated table below its head."""
    known = [table for page in generated.values() for found in page.values() for table in found]
    return [
        table
        for table in tables(text)
        if table[0][0] != "parameter"
        and not any(table[0] == other[0] and set(table) <= set(other) for other in known)
    ]


def wrong_figures(text, generated):
    """Decimal numbers and percentages of prose that do not stand where it says.

    That is in the section that a link of the paragraph led to last, in the row and the column that
    the sentence named last.
    """
    no_prose = r"```.*?```|^\|.*?$|(?<=\])\((?!\S*benchmarks/)[^)]*\)|(arXiv|Python) [\d.]+"
    prose = re.sub(no_prose, "", text, flags=re.S | re.M)
    prose = re.sub(r"`[^`]*`", lambda code: re.sub(r"[\d.`]+", "", code[0]), prose)
    wrong = []
    for paragraph in prose.split("\n\n"):
        line, linked = " ".join(paragraph.split()), []
        for found in re.finditer(r"benchmarks/(\w+\.md)#([\w-]+)|-?\d+\.\d+|\d+(?= %)", line):
            if found[1]:
                linked = generated[found[1]][found[2]]
                continue
            before = re.sub(r"\]\([^)]*\)", "", line[: found.start()])
            sentence = re.split(r"[.?!]\*{0,2} ", before)[-1]
            if not any(found[0] in named(table, sentence) for table in linked):
                wrong.append(found[0])
    return wrong


def named(table, sentence):
    """The numbers of a table in the row and the column that a sentence names last."""
    head, _, *rows = table
    column = head[-1] if len(head) == 2 else last_name(head[1:], sentence)
    label = last_name([row[0] for row in rows], sentence)
    cells = [row[head.index(column)] for row in rows if column and row[0] == label]
    return [number for cell in cells for number in re.findall(r"-?[\d.,]*\d", cell)[:1]]


def last_name(labels, sentence):
    """Which of the labels a sentence names last; None where it names none."""
    places = {}
    for label in labels:
        own = re.sub(r"^`?ours (?=\w)|`|^r_|, \d+ of \d+ sets$", "", label)
        name = NAMES.get(label) or NAMES.get(own) or re.escape(own)
        for found in re.finditer(rf"(?<!\w)(?:{name})(?!\w)", sentence, re.I):
            places[label] = found.end(), len(found[0])
    return max(places, key=places.get, default=None)


@pytest.fixture(scope="module")
def generated():
    return {path.name: sections(path.read_text(encoding="utf-8")) for path in GENERATED}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_published_was_printed(path, generated):
    text = path.read_text(encoding="utf-8")
    assert unknown_tables(text, generated) == []
    assert wrong_figures(text, generated) == []


def test_the_short_table_of_speed_is_readmes():
    facts = {"allowed": 1, "weights": 345_680, "median": 0.41234, "dense_over_this": 63.4}
    section = {"n_rows": 5000, "data": "Fashion-MNIST", "hidden": (3000,) * 3}
    section["rows"] = [{"name": name, **facts} for name in (*IN_SHORT, "sparselab")]
    section["rows"] += [{"name": name, **facts, "allowed": 2} for name in IN_SHORT]
    (printed,) = tables("\n".join(in_short(section)))
    published = tables(README.read_text(encoding="utf-8"))[0]
    assert printed[:2] == published[:2]
    assert [row[0] for row in printed] == [row[0] for row in published]
    figures = [row[1:] for row in printed[2:]]
    assert figures[0] == ("345,680", "0.412", "")
    assert set(figures[1:]) == {("345,680", "0.412", "63 times faster")}


TABLE = "| data | ours | SVC |\n|---|---|---|\n| wine | **98.7** ± 1.5 | 97.1 |\n"
PROSE = """On wine of [these](benchmarks/study.md#tables) ours is right on 98.7 % and SVC on
97.1 with `zeta` of `0.3`. The mean rank of ours is 1.25, that of SVC 1.75."""


@pytest.mark.parametrize(
    ("old", "new"),
    [("97.1", "97.2"), ("ours", "SVC"), ("98.7", "97.1"), ("98.7", "1.5"), ("wine", "digits")],
)
def test_an_edited_figure_is_found(old, new):
    other = TABLE.replace("wine", "digits").replace("97.1", "95.0")
    printed = f"## Tables\n\n{TABLE}| mean rank | 1.25 | 1.75 |\n\n{other}\n## Others\n"
    generated = {"study.md": sections(printed)}
    assert (unknown_tables(TABLE, generated), wrong_figures(PROSE, generated)) == ([], [])
    swap = partial(re.sub, f"{old}|{new}", lambda found: new if found[0] == old else old)
    assert unknown_tables(swap(TABLE), generated)
    assert wrong_figures(swap(PROSE), generated)
    assert wrong_figures(PROSE.replace("#tables", "#others"), generated)
