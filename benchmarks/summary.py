"""The table of a benchmark: one line a provider and mode, median (min-max) of its runs.

By itself: summary.py RESULTS.jsonl sums up every run that the file holds.
"""

import json
import statistics
import sys
from pathlib import Path

BAR = "oidc_provider_node22"
BUSY_BELOW = 0.85  # share of a core
COLUMNS = (
    "provider",
    "alg",
    "mode",
    "CPU ms",
    "per s",
    "p50 ms",
    "p99 ms",
    "errors",
    "RSS MB",
    "core",
    "load core",
    "runs",
)


def describe_run(result):
    """Say on one line what one run came to."""
    name = f"run {result['run'] + 1} {result['op']} {result['alg']} {result['mode']}"
    if "failed" in result:
        return f"{name}: FAILED {result['failed']}"
    latency = result["latency_ms"]
    line = (
        f"{name}: {result['op_cpu_ms']:.3f} ms CPU, {result['count']} done, "
        f"{result['per_s']}/s, p50 {latency['p50']} p99 {latency['p99']} ms, "
        f"{result['errors']} errors"
    )
    if "error_kinds" in result:
        line += f" {result['error_kinds']}"
    if result["mode"] == "flow" and result["distinct_subs"] < result["count"]:
        line += f" ONLY {result['distinct_subs']} DIFFERENT SUBJECTS"
    return line


def spread(values, digits):
    """Write median (min-max) with *digits* decimals."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def group(results):
    """Sort runs that were made alike into one list each, first come first."""
    groups = {}
    for result in results:
        key = (result["mode"], result["alg"], result["op"])
        key += (result.get("concurrency"), result["delay_ms"], result.get("patrons"))
        if "failed" not in result:
            groups.setdefault(key, []).append(result)
    return groups


def row(key, runs):
    """Write the table's line of one group."""
    mode, alg, op, concurrency, delay_ms, _ = key
    far = f", {delay_ms:g} ms away" if delay_ms else ""

    def column(name):
        return [run[name] for run in runs]

    return (
        f"{op} ({concurrency} users{far})",
        alg,
        mode,
        spread(column("op_cpu_ms"), 3),
        spread(column("per_s"), 0),
        *(spread([run["latency_ms"][p] for run in runs], 1) for p in ("p50", "p99")),
        str(sum(column("errors"))),
        f"{max(column('op_peak_rss_mb')):.0f}",
        f"{statistics.median(column('op_core_share')):.2f}",
        f"{statistics.median(column('gen_core_share')):.2f}",
        str(len(runs)),
    )


def print_ratios(groups):
    """Set the bridge's CPU time against that of the peer that it must undercut."""
    cpu_ms = {
        key: statistics.median(run["op_cpu_ms"] for run in runs)
        for key, runs in groups.items()
    }
    for key, own in cpu_ms.items():
        mode, alg, op, *rest = key
        peer = cpu_ms.get((mode, alg, BAR, *rest))
        if op == "bridge" and peer:
            verdict = "under" if own < peer else "NOT under"
            print(
                f"bridge / {BAR}, {alg} {mode}: {own:.3f} / {peer:.3f} = "
                f"{own / peer:.2f} ({verdict} the bar)"
            )


def print_busy(groups):
    """Name the groups in which other work had the provider's core, too."""
    for (mode, _, op, _, delay_ms, _), runs in groups.items():
        share = statistics.median(run["op_core_share"] for run in runs)
        if share < BUSY_BELOW and not delay_ms:
            print(f"note: {op} {mode} got {share:.0%} of its core: the machine is busy")


def print_summary(results):
    """Print the table and the ratios."""
    groups = group(results)
    print("\n| " + " | ".join(COLUMNS) + " |")
    print("|" + " --- |" * len(COLUMNS))
    for key, runs in sorted(groups.items(), key=lambda item: item[0][:2]):
        print("| " + " | ".join(row(key, runs)) + " |")
    print()
    print_ratios(groups)
    print_busy(groups)
    for result in results:
        if "failed" in result:
            print(f"FAILED: {result['op']} {result['mode']}")


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_text().splitlines()
    print_summary([json.loads(line) for line in lines])
