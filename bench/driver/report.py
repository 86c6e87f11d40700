"""The table: as text for the terminal, as Markdown for docs/benchmarks.md."""
import datetime
import os

from . import judging, programs

ORDER = ["heddle", "limit", "asio", "libuv", "tbb", "tokio", "go", "cpython", "uvloop", "std"]


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


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
    """One line of the table, in words."""
    ratio, state = judging.verdict(row, results)
    line = {"goal": goal_text(row), "state": state, "ratio": ratio, "best": judging.best_peer(results)}
    ours = results.get("heddle")
    if ours:
        for key, name in (("to_best", line["best"]), ("to_limit", "limit")):
            if name in results:
                line[key] = ours["median"] / results[name]["median"]
        if line["best"]:
            line["tie"] = not judging.differ(ours, results[line["best"]])
            line["rank"] = judging.rank(results)
    return line


def ratio_text(line):
    if "to_best" not in line:
        return "–"
    text = f"{line['to_best']:.2f} ({line['best']})"
    return text + ", tie within noise" if line["tie"] else text


def terminal(rows, results):
    print(f"{'row':22} {'heddle':>22} {'best peer':>30} {'ours/best':>10} {'ours/limit':>11}  goal")
    for name, cells in results.items():
        row, line = rows[name], judged(rows[name], cells)
        unit = row.get("unit", "ns")
        ours = shown(cells["heddle"], unit) if "heddle" in cells else "-"
        best = f"{line['best']} {shown(cells[line['best']], unit)}" if line["best"] else "-"
        to_best = f"{line['to_best']:.2f}{'~' if line.get('tie') else ''}" if "to_best" in line else "-"
        to_limit = f"{line['to_limit']:.2f}" if "to_limit" in line else "-"
        reached = f", reached {line['ratio']:.2f}" if line["ratio"] is not None else ""
        print(f"{name:22} {ours:>22} {best:>30} {to_best:>10} {to_limit:>11}  {line['goal']}{reached}: {line['state']}")
    print("± is the median absolute deviation; ~ is a tie within noise; (!) has fewer than three undisturbed samples")


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


def markdown(rows, measured):
    """What stands between the marks of docs/benchmarks.md."""
    about = measured["environment"]
    lines = [
        f"{about['cpu']}, Linux {about['kernel']}, {about['compiler']} ({about['flags']}). "
        + "; ".join(title for name, title in about["programs"].items() if name not in ("heddle", "limit", "std")) + ".",
        "",
        "![heddle and its peers](benchmarks.svg)",
        "",
        "| | operation | heddle | limit | best peer | ours / best | ours / limit | goal | reached |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    notes = {}
    for name, row in rows.items():
        cells = measured["rows"].get(name)
        if not cells:
            continue
        line, unit = judged(row, cells["programs"]), row.get("unit", "ns")
        cells = cells["programs"]

        def cell(who):
            if who not in cells:
                return "–"
            note = row.get("not_same", {}).get(who)
            mark = f" [{notes.setdefault(note, len(notes) + 1)}]" if note else ""
            return shown(cells[who], unit) + mark

        best = f"{line['best']} {cell(line['best'])}" if line["best"] else "–"
        to_limit = f"{line['to_limit']:.2f}" if "to_limit" in line else "–"
        reached = line["state"] if line["ratio"] is None else f"{line['ratio']:.3g}: **{line['state']}**"
        lines.append(f"| {row['id']} `{name}` | {row['what']} | {cell('heddle')} | {cell('limit')} | {best} | "
                     f"{ratio_text(line)} | {to_limit} | {line['goal']} | {reached} |")
    lines += ["", "All programs, medians:", "", *everybody(rows, measured, notes), ""]
    lines += ["Not the same work:", ""]
    lines += [f"[{index}] {note[0].upper() + note[1:]}.  " for note, index in notes.items()]
    return "\n".join(lines) + "\n"


def everybody(rows, measured, notes):
    there = [name for name in ORDER if any(name in cells["programs"] for cells in measured["rows"].values())]
    yield "| | unit | " + " | ".join(there) + " |"
    yield "|---|---|" + "---|" * len(there)
    for name, row in rows.items():
        cells = measured["rows"].get(name, {}).get("programs")
        if not cells:
            continue

        def cell(who):
            if who not in cells:
                return ""
            note = row.get("not_same", {}).get(who)
            mark = f" [{notes.setdefault(note, len(notes) + 1)}]" if note else ""
            return number(cells[who]["median"]) + (" (!)" if cells[who]["disturbed"] else "") + mark

        yield f"| `{name}` | {row.get('unit', 'ns')} | " + " | ".join(cell(who) for who in there) + " |"


def replace_between(text, mark, content):
    """The text with what stands between <!-- MARK --> and <!-- end MARK --> replaced."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- end {mark} -->"
    head, rest = text.split(begin, 1)
    _, tail = rest.split(end, 1)
    return head + begin + content + end + tail
