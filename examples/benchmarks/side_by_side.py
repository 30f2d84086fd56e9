"""Functions that the comparisons with PEFT share: they run either side, read its figures and write tables."""
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
JLORA = HERE.parent.parent / "jlora"

# glibc keeps freed buffers; jlora's launcher sets the same for jlora
LARGE_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "8589934592",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def say(words):
    print(words, file=sys.stderr, flush=True)


def warn_of_environment():
    """Warns of variables that force OpenBLAS to use another processor's kernels, which slows PEFT above all."""
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        if name in os.environ:
            say("%s=%s is set: OpenBLAS may run at half its speed; unset it for figures to compare" % (name, os.environ[name]))


def run(command, more_environment=None):
    """What a command prints; a failure ends the program with the last lines of it."""
    environment = {"OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))), **(more_environment or {}), **os.environ}
    done = subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stdout + done.stderr)[-2000:]
        sys.exit("%s\nexit code %d: %s" % (said, done.returncode, shlex.join(str(word) for word in command)))
    return done.stdout


def jlora(arguments):
    return run([JLORA, *arguments])


def peer(script, arguments):
    """Runs a script of this folder by the command in PEER and gives its last line, a JSON object."""
    command = shlex.split(os.environ.get("PEER", "python3"))
    return json.loads(run([*command, HERE / script, *arguments], LARGE_MALLOC).strip().splitlines()[-1])


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def row(cells):
    return "| " + " | ".join(cells) + " |"


def gigabytes(count):
    return "%.2f GB" % (count / 1e9)


def write(path, report):
    """Writes a report, whole or not at all."""
    path = pathlib.Path(path)
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(report, indent=2) + "\n")
    new.replace(path)
