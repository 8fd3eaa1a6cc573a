"""What one measurement came to, as the JSON object that load.py prints."""

import psutil


def process_tree(pid):
    """Add up CPU seconds, resident bytes and processes of *pid* and its children."""
    cpu_s = rss = count = 0
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0, 0, 0
    for process in family:
        try:
            with process.oneshot():
                times = process.cpu_times()
                cpu_s += times.user + times.system
                rss += process.memory_info().rss
                count += 1
        except psutil.Error:
            continue
    return cpu_s, rss, count


def percentile_ms(seconds, share):
    """Read the value at *share* (0 to 1) of sorted *seconds*, in milliseconds."""
    place = min(len(seconds) - 1, int(len(seconds) * share))
    return round(1000 * seconds[place], 3)


def report(options, tally, usage):
    """Sum up the *tally* of what was completed and the *usage* of the machine."""
    done, wall = tally.count or 1, usage["wall_s"]
    latencies = sorted(tally.latencies) or [0.0]
    out = {
        "label": options.label,
        "mode": options.mode,
        "concurrency": options.concurrency,
        "seconds": round(wall, 2),
        "count": tally.count,
        "per_s": round(tally.count / wall, 1),
        "errors": sum(tally.errors.values()),
        "latency_ms": {
            "p50": percentile_ms(latencies, 0.5),
            "p95": percentile_ms(latencies, 0.95),
            "p99": percentile_ms(latencies, 0.99),
            "max": percentile_ms(latencies, 1),
        },
        "op_cpu_ms": round(1000 * usage["op_cpu_s"] / done, 4),
        "op_core_share": round(usage["op_cpu_s"] / wall, 3),
        "op_peak_rss_mb": round(usage["op_peak_rss"] / 2**20, 1),
        "op_processes": usage["op_processes"],
        "gen_cpu_ms": round(1000 * usage["own_cpu_s"] / done, 4),
        "gen_core_share": round(usage["own_cpu_s"] / wall, 3),
    }
    if options.mode == "flow":
        out["hops"] = tally.hops
        out["steps_p50_ms"] = {
            name: percentile_ms(sorted(seconds), 0.5)
            for name, seconds in tally.steps.items()
        }
        out["signatures_checked"] = tally.signatures_checked
        out["algs"] = sorted(tally.algs)
        out["distinct_subs"] = len(tally.subs)
    if tally.errors:
        most = sorted(tally.errors.items(), key=lambda kind: -kind[1])
        out["error_kinds"] = dict(most[:5])
    return out
