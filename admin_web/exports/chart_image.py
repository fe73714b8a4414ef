"""A chart as an SVG image without scripts, with a title and a description for screen readers.

The description tells every number, and the page shows the table beside it.
"""

import sys
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree  # only writes and reads what pygal wrote

import pygal
from pygal.style import Style

from admin_web.translations import language
from school.reports import Chart, ChartKind

# pygal puts a finder of its map plugins, of a kind that Python has given up, in the way of every import: off with it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
COLOURS = ("#0b5cad", "#c2570c", "#4b7a1e", "#8a2be2", "#7a7a7a", "#a3123a", "#00707a", "#5a4500")
"""Each at least 4.5 : 1 on white, and told apart by lightness too."""
STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#222222",
    foreground_strong="#111111",
    foreground_subtle="#767676",
    opacity="1",
    opacity_hover="1",
    transition="0s",
    font_family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    title_font_size=18,
    value_font_size=12,
    colors=COLOURS,
)
LEGEND_COLUMNS = 4
KINDS: dict[ChartKind, Any] = {
    ChartKind.BAR: pygal.Bar,
    ChartKind.LINE: pygal.Line,
    ChartKind.STACKED: pygal.StackedBar,
}


def chart_svg(chart: Chart) -> bytes:
    """An SVG document, UTF-8, to be served with a policy that allows its own style sheet and nothing else."""
    many = len(chart.labels) > 8
    drawn = KINDS[chart.kind](
        style=STYLE,
        width=1000,
        height=560 if many else 480,
        js=(),
        title=chart.title,
        y_title=chart.unit,
        show_legend=len(chart.series) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=LEGEND_COLUMNS,
        x_label_rotation=40 if many else 0,
        truncate_label=26,
        truncate_legend=40,
        range=_range(chart),
        zero=chart.bottom,
        value_formatter=_number,
        margin=16,
        margin_bottom=40 + 26 * ((len(chart.series) - 1) // LEGEND_COLUMNS),
        disable_xml_declaration=False,
        no_prefix=True,
    )
    drawn.x_labels = list(chart.labels)
    for series in chart.series:
        drawn.add(series.name, [None if value is None else float(value) for value in series.values])
    return _accessible(drawn.render(), chart)


def description(chart: Chart) -> str:
    """All that the chart shows, in words."""
    told = []
    for series in chart.series:
        pairs = zip(chart.labels, series.values, strict=True)
        numbers = "; ".join(f"{label}: {_number(value)}" for label, value in pairs if value is not None)
        told.append(f"{series.name} – {numbers}")
    return f"{chart.unit}. " + ". ".join(told) + "."


def _range(chart: Chart) -> tuple[int, float] | None:
    """Grades always from 2 to 6, so that pictures can be compared."""
    return (2, 6) if chart.bottom == 2 else None


def _number(value: Decimal | float | None) -> str:
    return "" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")


def _accessible(rendered: bytes, chart: Chart) -> bytes:
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(rendered)  # noqa: S314 - our own
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}script" or (child.tag == f"{{{SVG}}}desc" and parent is not root):
                parent.remove(child)
    title, told = ElementTree.Element(f"{{{SVG}}}title"), ElementTree.Element(f"{{{SVG}}}desc")
    title.text, title.attrib["id"] = chart.title, "title"
    told.text, told.attrib["id"] = description(chart), "desc"
    root.insert(0, told)
    root.insert(0, title)
    root.attrib.pop("id", None)  # empty, as no_prefix leaves it
    root.attrib.update({"role": "img", "aria-labelledby": "title desc", "lang": language()})
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
