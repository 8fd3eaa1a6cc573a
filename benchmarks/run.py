"""Measure the bridge and other OpenID Providers side by side (benchmarks/README.md).

The provider (OP) runs alone on one core; the load generator and the stand-in login
server share another. The OPs take turns, so that a slow minute of the machine hits all.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from summary import describe_run, print_summary

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"
OPS = json.loads((HERE / "ops.json").read_text())
DEFAULT_OPS = ("bridge", "oidc_provider_node22", "authlib", "naive_pyop")
MODES = ("flow", "refresh", "userinfo", "discovery", "jwks")
PYTHON = str(WORK / "v_tools/bin/python")
OP_CORE = os.environ.get("BENCH_OP_CORE", "0")
LOAD_CORE = os.environ.get("BENCH_LOAD_CORE", "1")
UPSTREAM = "http://127.0.0.1:22000"
START_LIMIT_S = 180  # the bridge's store is filled with past logins first
STOP_LIMIT_S = 25
WARMUP_S = 2.0
KEY_COMMANDS = {
    "RS256": "openssl genrsa -traditional -out {} 2048",
    "ES256": "openssl ecparam -name prime256v1 -genkey -noout -out {}",
}


class RunFailed(Exception):
    """One measurement could not be made."""


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    add = parser.add_argument
    add("--ops", default=",".join(DEFAULT_OPS), help=f"of {', '.join(OPS)}")
    add("--alg", default="RS256", choices=sorted(KEY_COMMANDS), help="of the ID token")
    add("--modes", default="flow", help=f"of {', '.join(MODES)}")
    add("--runs", type=int, default=3)
    add("--concurrency", type=int, default=8, help="virtual users")
    add("--delay-ms", type=float, default=0, help="how far away the login server is")
    add("--duration-s", type=float, default=6, help="measured time of a run")
    add("--patrons", type=int, default=100_000, help="seen by the bridge before")
    add("--quick", action="store_true", help="1 run of 2 s, 1,000 patrons: a trial")
    options = parser.parse_args()
    options.ops, options.modes = options.ops.split(","), options.modes.split(",")
    for asked, known in ((options.ops, OPS), (options.modes, MODES)):
        for name in asked:
            if name not in known:
                parser.error(f"{name!r} is none of {', '.join(known)}")
    if options.quick:
        options.runs, options.duration_s, options.patrons = 1, 2, 1000
    if len(os.sched_getaffinity(0)) < 2:
        parser.error("two cores are needed: one for the provider, one for the load")
    return options


def make_key(alg):
    """Make the peers' signing key once; return its path."""
    path = WORK / "keys" / f"{alg}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        command = KEY_COMMANDS[alg].format(path).split()
        subprocess.run(command, check=True, capture_output=True)
    return path


@contextmanager
def running(command, core, log, **more):
    """Run *command* pinned to *core*, output in *log*; stop its group at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "-c", core, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **more,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def await_answer(url, process, log):
    """Wait until *url* answers.

    Raises:
        RunFailed: the process ended, or START_LIMIT_S went by.
    """
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    what = "no answer from" if process.poll() is None else "it ended before it answered"
    raise RunFailed(f"{what} {url}; {log}:\n{log.read_text(errors='replace')[-2000:]}")


def fill(text, values):
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def describe_op(name, options):
    """Fill in the entry *name* of ops.json: command, environment, folder."""
    op = OPS[name]
    folder = WORK / f"run_{name}"
    folder.mkdir(parents=True, exist_ok=True)
    venv = (HERE.parent / os.environ.get("BENCH_PROJECT_VENV", ".venv")).absolute()
    values = {
        "HERE": str(HERE),
        "WORK": str(WORK),
        "PROJECT_VENV": str(venv),
        "PORT": str(op["port"]),
        "ISSUER": f"{op.get('issuer_scheme', 'https')}://127.0.0.1:{op['port']}",
        "UPSTREAM": UPSTREAM,
        "ALG": options.alg,
        "KEY": str(make_key(options.alg)),
        "FOLDER": str(folder),
        "PATRONS": str(options.patrons),
    }
    needed = Path(fill(op["needs"], values))
    if not needed.exists():
        raise RunFailed(f"{name} is not set up: {needed} is missing")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    env |= {k: v for k, v in values.items() if k not in ("HERE", "WORK")}
    env |= {k: fill(v, values) for k, v in op.get("env", {}).items()}
    return shlex.split(fill(op["cmd"], values)), env


def measure(name, mode, process, options):
    """Put load on the OP once; return the generator's report."""
    op = OPS[name]
    base = f"http://127.0.0.1:{op['port']}"
    command = [
        *("taskset", "-c", LOAD_CORE, PYTHON, str(HERE / "load/load.py")),
        *("--discovery", f"{base}/.well-known/openid-configuration", "--mode", mode),
        *("--concurrency", str(options.concurrency), "--op-pid", str(process.pid)),
        *("--warmup-s", str(WARMUP_S)),
        *("--warmup-count", str(op.get("warmup_count", 0))),
        *("--duration-s", str(options.duration_s), "--label", name),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"failed": (done.stderr or done.stdout)[-1500:]}


def measure_all_modes(name, options):
    """Start the OP anew and measure each mode; yield a result a mode."""
    log = WORK / f"{name}.log"
    try:
        command, env = describe_op(name, options)
        with running(command, OP_CORE, log, env=env, cwd=HERE / "peers") as process:
            port = OPS[name]["port"]
            url = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
            await_answer(url, process, log)
            for mode in options.modes:
                yield {"mode": mode, **measure(name, mode, process, options)}
    except RunFailed as error:
        for mode in options.modes:
            yield {"mode": mode, "failed": str(error)}


def main():
    options = parse_arguments()
    results = []
    stub_log = WORK / "stub.log"
    stub = [PYTHON, str(HERE / "upstream_stub/stub.py")]
    stub += ["--delay-ms", str(options.delay_ms)]
    with (
        running(stub, LOAD_CORE, stub_log) as process,
        (WORK / "results.jsonl").open("a") as file,
    ):
        await_answer(f"{UPSTREAM}/stats", process, stub_log)
        for run in range(options.runs):
            for name in options.ops:
                for result in measure_all_modes(name, options):
                    result |= {"op": name, "alg": options.alg, "run": run}
                    result |= {"delay_ms": options.delay_ms, "at": int(time.time())}
                    result |= {"patrons": options.patrons}
                    results.append(result)
                    file.write(json.dumps(result) + "\n")
                    file.flush()
                    print(describe_run(result), flush=True)
    print_summary(results)
    return any(map(is_failure, results))


def is_failure(result):
    """Tell whether a run was not made, or the bridge answered wrongly.

    A peer's errors are a finding, and no figure of time is ever a failure.
    """
    if "failed" in result:
        return True
    shared = result.get("distinct_subs", result["count"]) < result["count"]
    return result["op"] == "bridge" and (result["errors"] > 0 or shared)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RunFailed as error:
        sys.exit(str(error))
