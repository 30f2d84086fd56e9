"""The results of gpu-check as a table of models and as Markdown."""
import json
import statistics

COLUMNS = ("jlora", "jlora_plain", "jlora_graphs", "peft", "peft_compiled")
FIGURES = {  # key of a program's report: how several runs are combined
    "step_s": statistics.median,
    "peak_device_bytes": max,
    "device_used_bytes": max,
    "kernels_per_step": max,
    "launch_gap_s": statistics.median,
    "replay_s": statistics.median,
    "utilisation": statistics.median,
    "tokens_per_s": statistics.median,
}


def table(parts, shapes):
    """One row per model; each figure combines all runs of the same kind, jlora's and PEFT's."""
    rows = []
    for model, _, batch, length, _ in shapes:
        row = {"model": model, "batch": batch, "length": length}
        for column in COLUMNS:
            reports = [
                part["result"]
                for part in parts
                if part.get("column") == column and part.get("model") == model and "step_s" in (part.get("result") or {})
            ]
            for key, over in FIGURES.items():
                values = [report[key] for report in reports if report.get(key)]
                if values:
                    row["%s_%s" % (column, key)] = over(values)
            if reports:
                row[column + "_runs"] = len(reports)
        best = min((row[c + "_step_s"] for c in COLUMNS[:3] if c + "_step_s" in row), default=None)
        for peer in COLUMNS[3:]:
            if best and peer + "_step_s" in row:
                row[peer + "_over_jlora"] = row[peer + "_step_s"] / best
        for key in ("peak_device_bytes", "device_used_bytes"):
            ours = row.get("jlora_graphs_" + key) or row.get("jlora_" + key)
            theirs = row.get("peft_" + key)
            if ours and theirs:
                row["jlora_over_peft_" + key] = ours / theirs
        rows.append(row)
    return rows


def verdict(part):
    counts = part.get("result") or {}
    told = ", ".join("%d %s" % (counts[key], key) for key in ("passed", "failed", "skipped", "unsupported") if key in counts)
    if told:
        return told if part["ok"] else "FAILED: " + told
    return "ok" if part["ok"] else "left out" if part.get("left_out") else part.get("problem", "failed")


def markdown(report):
    lines = ["# GPU check on %s" % report["device"], "", "| part | result | seconds |", "|---|---|---|"]
    lines += ["| %s | %s | %.1f |" % (part["part"], verdict(part), part["seconds"]) for part in report["parts"]]
    lines += ["", "Steps in milliseconds (bf16; medians over the runs), and the peers' share in the best of ours.", ""]
    lines += grid(
        ["model", "batch", "jlora", "without kernels", "graphs", "PEFT", "compiled", "PEFT / jlora", "compiled / jlora"],
        [
            [row["model"], "%d x %d" % (row["batch"], row["length"])]
            + [number(row.get(column + "_step_s"), 1e3, 2) for column in COLUMNS]
            + [number(row.get(peer + "_over_jlora"), 1, 2) for peer in COLUMNS[3:]]
            for row in report["table"]
        ],
    )
    lines += [
        "",
        "Memory in MiB: tensors at their peak as either side counts them, and what nvidia-smi saw of the whole process,",
        "which on our side has the floor, large products and a second recording beside the steps; kernels, copies and fills of a step; share of the time of large products; what launching costs.",
        "",
    ]
    lines += grid(
        ["model", "tensors jlora", "graphs", "PEFT", "jlora / PEFT", "process jlora", "graphs", "PEFT", "jlora / PEFT"]
        + ["kernels jlora", "graphs", "PEFT", "utilisation", "gaps ms jlora", "PEFT"],
        [
            [row["model"]]
            + [number(row.get(c + "_peak_device_bytes"), 1 / (1 << 20)) for c in ("jlora", "jlora_graphs", "peft")]
            + [number(row.get("jlora_over_peft_peak_device_bytes"), 1, 2)]
            + [number(row.get(c + "_device_used_bytes"), 1 / (1 << 20)) for c in ("jlora", "jlora_graphs", "peft")]
            + [number(row.get("jlora_over_peft_device_used_bytes"), 1, 2)]
            + [number(row.get(c + "_kernels_per_step")) for c in ("jlora", "jlora_graphs", "peft")]
            + [number(row.get("jlora_graphs_utilisation") or row.get("jlora_utilisation"), 1, 2)]
            + [number(row.get(c + "_launch_gap_s"), 1e3, 2) for c in ("jlora", "peft")]
            for row in report["table"]
        ],
    )
    for part in report["parts"]:
        for kernel in (part.get("result") or {}).get("kernels", []) if isinstance(part.get("result"), dict) else []:
            lines += [] if "share" not in kernel else kernel_line(kernel, lines)
    for line in dict.fromkeys(line for part in report["parts"] for line in part.get("said", ())):
        lines += ["", "> " + line]
    for part in report["parts"]:
        if not part["ok"] and not part.get("left_out"):
            lines += ["", "## %s: %s" % (part["part"], verdict(part)), "", "```"]
            lines += [part.get("errors", "") + part.get("output", ""), "```"]
    return "\n".join(lines) + "\n"


def kernel_line(kernel, before):
    """A row of the kernels' bandwidth, with the head where it is the first."""
    head = "| kernel | microseconds | GB/s | share of a copy's |"
    row = "| %s | %.1f | %.0f | %.2f |" % (kernel["kernel"], kernel["s"] * 1e6, kernel["bytes_per_s"] / 1e9, kernel["share"])
    return [row] if head in before else ["", head, "|---|---|---|---|", row]


def grid(head, rows):
    return ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"] + ["| " + " | ".join(row) + " |" for row in rows]


def number(value, scale=1, digits=0):
    return "" if not value else "%.*f" % (digits, value * scale)


def write(folder, report):
    """Both files, the JSON one so that nobody reads half of it."""
    fresh = folder / "gpu-check.json.new"
    fresh.write_text(json.dumps(report, indent=2) + "\n")
    fresh.replace(folder / "gpu-check.json")
    (folder / "gpu-check.md").write_text(markdown(report))
