"""What README and the pages of speed and accuracy publish is what the benchmarks printed."""

import re
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


def tables(text):
    """Tables of a Markdown text, each a list of rows, each a tuple of cells."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip()[1:-1].split("|")))
        elif rows:
            found.append(rows)
            rows = []
    return found


def measured_rows(text):
    """Rows with figures, but for tables of parameters, which nobody measured."""
    return [
        row
        for head, _, *rows in tables(text)
        if head[0] != "parameter"
        for row in rows
        if any(character.isdigit() for cell in row[1:] for character in cell)
    ]


def unknown_rows(text, generated):
    """Rows with figures that no generated text has, cell by cell."""
    known = {row for other in generated for table in tables(other) for row in table}
    return [row for row in measured_rows(text) if row not in known]


def unknown_figures(text, generated):
    """Fractions and percentages of prose that a generated text does not have."""
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|^\|.*?$", "", text, flags=re.S | re.M)
    figures = re.findall(r"\d+\.\d+|\d+(?= %)", prose)
    known = set(re.findall(r"\d+(?:\.\d+)?", generated))
    return [figure for figure in figures if figure not in known]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_row_with_figures_was_printed(path):
    generated = [other.read_text(encoding="utf-8") for other in GENERATED]
    assert unknown_rows(path.read_text(encoding="utf-8"), generated) == []


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


def test_every_figure_of_the_studys_prose_was_printed():
    generated = (ROOT / "benchmarks" / "study.md").read_text(encoding="utf-8")
    assert unknown_figures(PAGE.read_text(encoding="utf-8"), generated) == []


def test_links_of_the_studys_page_lead_to_sections():
    generated = (ROOT / "benchmarks" / "study.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.+)$", generated, re.M)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = re.findall(r"benchmarks/study\.md#([\w-]+)", PAGE.read_text(encoding="utf-8"))
    assert links
    assert set(links) <= anchors


def test_an_edited_figure_is_found():
    table = "| data | ours | dense |\n|---|---|---|\n| wine | **98.7** | 97.1 |\n"
    parameters = "| parameter | start with |\n|---|---|\n| `epsilon` | 20 |\n"
    assert len(measured_rows(table + "\n" + parameters)) == 1
    assert unknown_rows(table + "\n" + parameters, [table]) == []
    assert unknown_rows(table.replace("97.1", "97.2"), [table]) == [("wine", "**98.7**", "97.2")]
    prose = "Ours is right on 98.7 % with `zeta` of `0.3`."
    assert unknown_figures(prose, table) == []
    assert unknown_figures(prose.replace("98.7", "98.8"), table) == ["98.8"]
