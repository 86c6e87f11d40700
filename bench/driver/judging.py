"""From samples to a verdict: medians, spread, ranking, goals."""
import statistics

LEAST_CLEAN = 3


def summary(samples):
    """Median and median absolute deviation of the clean samples of one program; of all when fewer than
    three are clean, which is then said."""
    clean = [value for value, is_clean in samples if is_clean]
    disturbed = len(clean) < LEAST_CLEAN
    values = [value for value, _ in samples] if disturbed else clean
    median = max(statistics.median(values), 1e-9)  # a memory too small to be seen is not 0 times another
    spread = statistics.median(abs(value - median) for value in values)
    return {"median": median, "spread": spread, "samples": len(values), "disturbed": disturbed}


def differ(one, other):
    """A difference is real when it exceeds three times the spread."""
    return abs(one["median"] - other["median"]) > 3 * max(one["spread"], other["spread"])


def peers_of(results):
    return {name: cell for name, cell in results.items() if name not in ("heddle", "limit")}


def best_peer(results):
    peers = peers_of(results)
    return min(peers, key=lambda name: peers[name]["median"]) if peers else None


def reference(row, results):
    against = row.get("against")
    name = best_peer(results) if against == "best" else against
    return name if name in results else None


def place(results):
    """heddle beside the best peer: "first", "tie" when the noise is wider than the difference, "behind"."""
    best = best_peer(results)
    if best is None or "heddle" not in results:
        return None
    if not differ(results["heddle"], results[best]):
        return "tie"
    return "first" if results["heddle"]["median"] < results[best]["median"] else "behind"


def verdict(row, results):
    """The ratio that the goal is about, and "met", "missed" or "undecided"."""
    ours = results.get("heddle")
    if ours is None:
        return None, "no row yet"
    if "at_most" in row:
        return ours["median"], "met" if ours["median"] <= row["at_most"] else "missed"
    name = reference(row, results)
    if name is None or "goal" not in row:
        return None, "no goal" if "goal" not in row else f"{row['against']} has no row"
    other = results[name]
    ratio = ours["median"] / other["median"]
    noise = ours["spread"] / ours["median"] + other["spread"] / other["median"]
    if ratio * (1 - noise) <= row["goal"] < ratio * (1 + noise):
        return ratio, "undecided"
    return ratio, "met" if ratio <= row["goal"] else "missed"
