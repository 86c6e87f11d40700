"""The table: as text for the terminal, as Markdown for docs/benchmarks.md."""
import datetime
import os

from . import judging, programs

ORDER = ["heddle", "limit", "asio", "libuv", "tbb", "tokio", "go", "cpython", "uvloop", "std"]


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def shown(cell, unit):
    spread = 100 * cell["spread"] / cell["median"] if cell["median"] else 0
    mark = " (!)" if cell["disturbed"] else ""
    return f"{number(cell['median'])} {unit} ± {spread:.0f} %{mark}"


def goal_text(row):
    if "at_most" in row:
        return f"≤ {row['at_most']} {row.get('unit', 'ns')}"
    if "goal" not in row:
        return "–"
    against = {"best": "the best peer", "limit": "the limit"}.get(row["against"], row["against"])
    return f"≤ {row['goal']:g} × {against}"


def judged(row, results):
    """What is said of a row beside its figures."""
    ratio, state = judging.verdict(row, results)
    best, place = judging.best_peer(results), judging.place(results)
    if any(results[name]["disturbed"] for name in ("heddle", best, judging.reference(row, results)) if name in results):
        state = f"{state} (!)" if ratio is not None else state
        place = f"{place} (!)" if place else None
    line = {"goal": goal_text(row), "state": state, "ratio": ratio, "best": best, "place": place}
    if "heddle" in results:
        for key, name in (("to_best", best), ("to_limit", "limit")):
            if name in results:
                line[key] = results["heddle"]["median"] / results[name]["median"]
    return line


def place_text(line):
    if line["place"] is None:
        return "–"
    return f"{line['place'].replace('tie', 'tie within noise')}: {line['to_best']:.3g} × {line['best']}"


def terminal(rows, results):
    print(f"{'row':22} {'heddle':>22} {'best peer':>30}  {'place':38} {'ours/limit':>10}  goal")
    for name, cells in results.items():
        row, line = rows[name], judged(rows[name], cells)
        unit = row.get("unit", "ns")
        who = "heddle" if "heddle" in cells else "limit"
        ours = shown(cells[who], unit) if who in cells else "-"
        best = f"{line['best']} {shown(cells[line['best']], unit)}" if line["best"] else "-"
        to_limit = f"{line['to_limit']:.2f}" if "to_limit" in line else "-"
        reached = f", reached {line['ratio']:.3g}" if line["ratio"] is not None else ""
        goal = "" if row["id"] == "part" else f"{line['goal']}{reached}: {line['state']}"
        print(f"{name:22} {ours:>22} {best:>30}  {place_text(line):38} {to_limit:>10}  {goal}")
    print("± is the median absolute deviation; a tie is a difference of less than three times that; "
          "(!) has fewer than three undisturbed samples")


def environment(found):
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    changed = programs.output("git", "status", "--porcelain", "--", "src", "include", cwd=programs.ROOT)
    return {
        "commit": programs.output("git", "rev-parse", "--short", "HEAD", cwd=programs.ROOT) + ("+" if changed else ""),
        "date": datetime.date.today().isoformat(),
        "cpu": f"{os.cpu_count()} × {cpu}",
        "kernel": os.uname().release,
        "compiler": programs.compiler(),
        "flags": "-O3 -DNDEBUG",
        "programs": {program.name: program.title for program in found},
    }


class Notes:
    """Numbered footnotes of what is not the same work."""

    def __init__(self):
        self.numbers = {}

    def mark(self, row, who):
        note = row.get("not_same", {}).get(who)
        return f" [{self.numbers.setdefault(note, len(self.numbers) + 1)}]" if note else ""

    def lines(self):
        return [f"[{index}] {note}.  " for note, index in self.numbers.items()]


def markdown(rows, measured):
    """What stands between the marks of docs/benchmarks.md."""
    about, notes = measured["environment"], Notes()
    there = {name: cells["programs"] for name, cells in measured["rows"].items() if name in rows}
    compared = {name: there[name] for name in rows if name in there and "heddle" in there[name]}
    parts = {name: there[name]["limit"] for name in rows if name in there and rows[name]["id"] == "part"}
    titles = [title for name, title in about["programs"].items() if name not in ("heddle", "limit", "std")]
    commits = sorted({f"{row['commit']} of {row['date']}" for row in measured["rows"].values()})
    lines = [f"{about['cpu']}, Linux {about['kernel']}, {about['compiler']} ({about['flags']}). {'; '.join(titles)}. "
             f"Measured at {', '.join(commits)}.", "",
             "![heddle and its peers](benchmarks.svg)", "",
             "| | operation | heddle | limit | best peer | ours / best | ours / limit | goal | reached |",
             "|---|---|---|---|---|---|---|---|---|"]
    for name, cells in compared.items():
        lines.append(comparison_line(name, rows[name], cells, notes))
    lines += ["", "Everybody, medians:", "", *everybody(rows, compared, notes)]
    if notes.numbers:
        lines += ["", "Not the same work:", "", *notes.lines()]
    if parts:
        lines += ["", "What the rows are made of, on this machine:", "", "| | what | |", "|---|---|---|"]
        lines += [f"| `{name}` | {rows[name]['what']} | {shown(cell, 'ns')} |" for name, cell in parts.items()]
    return "\n".join(lines) + "\n"


def comparison_line(name, row, cells, notes):
    line, unit = judged(row, cells), row.get("unit", "ns")
    cell = lambda who: shown(cells[who], unit) + notes.mark(row, who) if who in cells else "–"
    best = f"{line['best']} {cell(line['best'])}" if line["best"] else "–"
    to_limit = f"{line['to_limit']:.2f}" if "to_limit" in line else "–"
    reached = line["state"] if line["ratio"] is None else f"{line['ratio']:.3g}: **{line['state']}**"
    return (f"| {row['id']} `{name}` | {row['what']} | {cell('heddle')} | {cell('limit')} | {best} | {place_text(line)} | "
            f"{to_limit} | {line['goal']} | {reached} |")


def everybody(rows, compared, notes):
    there = [name for name in ORDER if any(name in cells for cells in compared.values())]
    yield "| | unit | " + " | ".join(there) + " |"
    yield "|---|---|" + "---|" * len(there)
    for name, cells in compared.items():
        row = rows[name]
        cell = lambda who: (number(cells[who]["median"]) + (" (!)" if cells[who]["disturbed"] else "")
                            + notes.mark(row, who)) if who in cells else ""
        yield f"| `{name}` | {row.get('unit', 'ns')} | " + " | ".join(cell(who) for who in there) + " |"


def replace_between(text, mark, content):
    """The text with what stands between <!-- MARK --> and <!-- end MARK --> replaced."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- end {mark} -->"
    head, rest = text.split(begin, 1)
    _, tail = rest.split(end, 1)
    return head + begin + content + end + tail
