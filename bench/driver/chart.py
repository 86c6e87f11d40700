"""Charts as SVG, without anything but the standard library."""
import math
from xml.sax.saxutils import escape

COLOURS = {
    "heddle": "#111111", "limit": "#888888", "asio": "#1f77b4", "libuv": "#17becf", "tbb": "#8c564b", "tokio": "#d62728",
    "go": "#2ca02c", "cpython": "#9467bd", "uvloop": "#e377c2", "std": "#bcbd22",
}


class Svg:
    def __init__(self, width, height):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
                      f'font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>']

    def line(self, x1, y1, x2, y2, colour="#dddddd", width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>')

    def text(self, x, y, content, anchor="start", colour="#333333"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(content)}</text>')

    def dot(self, x, y, colour, radius=5.0, hollow=False, title=""):
        look = f'fill="white" stroke="{colour}" stroke-width="2"' if hollow else f'fill="{colour}"'
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" {look}><title>{escape(title)}</title></circle>')

    def path(self, points, colour):
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="2"/>')

    def done(self):
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def decades(low, high):
    return [10.0 ** k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def label(value):
    return f"{value:g}" if value < 1000 else f"{value:,.0f}"


def comparison(measured):
    """A line a row: everybody's time relative to heddle's, on a logarithmic axis."""
    lines = {name: row["programs"] for name, row in measured["rows"].items()
             if "heddle" in row["programs"] and len(row["programs"]) > 1}
    ratios = {name: {who: cell["median"] / cells["heddle"]["median"] for who, cell in cells.items()}
              for name, cells in lines.items()}
    ticks = decades(min(min(r.values()) for r in ratios.values()), max(max(r.values()) for r in ratios.values()))
    left, right, top, step = 170, 960, 70, 22
    svg = Svg(1000, top + step * len(ratios) + 30)
    scale = (right - left) / (math.log10(ticks[-1]) - math.log10(ticks[0]))
    place = lambda ratio: left + (math.log10(ratio) - math.log10(ticks[0])) * scale
    svg.text(left, 18, "time of each, relative to heddle: to the right of the line is slower")
    shown = [who for who in COLOURS if any(who in r for r in ratios.values())]
    for i, who in enumerate(shown):
        svg.dot(left + 5 + i * 80, 36, COLOURS[who], hollow=who == "limit")
        svg.text(left + 15 + i * 80, 40, who)
    bottom = top + step * len(ratios) - 8
    for tick in ticks:
        svg.line(place(tick), top - 12, place(tick), bottom, "#111111" if tick == 1 else "#dddddd")
        svg.text(place(tick), bottom + 18, "×" + label(tick), "middle")
    for i, (name, row) in enumerate(ratios.items()):
        y = top + i * step
        svg.text(left - 10, y + 4, name, "end")
        svg.line(left, y, right, y, "#f2f2f2")
        for who, ratio in sorted(row.items(), key=lambda item: item[0] == "heddle"):
            svg.dot(place(ratio), y, COLOURS[who], hollow=who == "limit", title=f"{who}: × {ratio:.3g}")
    return svg.done()


def growth(title, unit, curves):
    """Curves of {n: value} over the number of things, both axes logarithmic."""
    ns = sorted({n for curve in curves.values() for n in curve})
    values = [value for curve in curves.values() for value in curve.values() if value > 0]
    ticks = decades(min(values), max(values))
    left, right, top, bottom = 70, 640, 50, 330
    svg = Svg(780, 380)
    x = lambda n: left + (right - left) * math.log10(n) / max(1.0, math.log10(ns[-1]))
    y = lambda v: bottom - (bottom - top) * (math.log10(v) - math.log10(ticks[0])) / (math.log10(ticks[-1]) - math.log10(ticks[0]))
    svg.text(left, 25, f"{title}, {unit}")
    for tick in ticks:
        svg.line(left, y(tick), right, y(tick))
        svg.text(left - 8, y(tick) + 4, label(tick), "end")
    for n in decades(1, ns[-1]):
        svg.text(x(n), bottom + 20, label(n), "middle")
    labels = []
    for (name, curve), colour in zip(curves.items(), ("#111111", "#d62728", "#1f77b4", "#2ca02c", "#9467bd")):
        points = [(x(n), y(value)) for n, value in sorted(curve.items()) if value > 0]
        svg.path(points, colour)
        for (px, py), (n, value) in zip(points, sorted(curve.items())):
            svg.dot(px, py, colour, 3, title=f"{label(n)}: {value:.4g} {unit}")
        labels.append((points[-1][1] + 4, name, colour))
    below = 0.0
    for height, name, colour in sorted(labels):  # one under the other, where curves end together
        below = max(height, below + 14)
        svg.text(right + 8, below, name, colour=colour)
    return svg.done()
